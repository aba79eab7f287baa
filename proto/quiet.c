/* SPDX-License-Identifier: MIT */
/* proto/quiet.c - see quiet.h. */
#include "proto/quiet.h"

#include <malloc.h>

static void
give_back(const struct quiet *quiet)
{
	if (quiet->on_quiet != NULL)
		quiet->on_quiet(quiet->self);
	malloc_trim(0);
}

static void
look(void *self)
{
	struct quiet *quiet = self;
	bool was_burst = quiet->was_burst;

	quiet->was_burst = quiet->heard > quiet->few;
	quiet->heard = 0;
	/* Without memory for it, the next request tries again. */
	if (quiet->was_burst)
		loop_timer_set(quiet->loop, &quiet->timer, quiet->after_ms);
	else if (was_burst || !quiet->only_bursts)
		give_back(quiet);
}

void
quiet_stir(struct quiet *quiet)
{
	quiet->heard++;
	if (quiet->timer.place != 0)
		return;
	quiet->timer.on_due = look;
	quiet->timer.self = quiet;
	loop_timer_set(quiet->loop, &quiet->timer, quiet->after_ms);
}

void
quiet_stop(struct quiet *quiet)
{
	if (quiet->loop != NULL)
		loop_timer_clear(quiet->loop, &quiet->timer);
}
