/* SPDX-License-Identifier: MIT */
/* tools/client/stop.c - see stop.h. */
#include "tools/client/stop.h"

#include <signal.h>

static volatile sig_atomic_t wanted;

static void
on_signal(int number)
{
	(void)number;
	wanted = 1;
}

/* Without SA_RESTART: what waits is to be woken. */
void
stop_on_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool
stop_wanted(void)
{
	return wanted != 0;
}
