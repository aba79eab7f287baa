/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/quiet_test.c - the end of a burst is noticed once. */
#include "proto/quiet.h"

#include "tests/unit/check.h"

#include <malloc.h>
#include <stdlib.h>

#define AFTER_MS 20
#define FEW      3

static struct loop *loop;
static struct quiet quiet;
static struct loop_timer burst;
static unsigned told, bursts, trims;

/* Instead of libc's. */
int
malloc_trim(size_t pad)
{
	CHECK_INT(pad, 0);
	trims++;
	return 1;
}

static void
on_quiet(void *self)
{
	(void)self;
	CHECK_INT(bursts, 0);
	told++;
	loop_stop(loop);
}

/* More than a few, several times in each period, for a while. */
static void
on_burst(void *self)
{
	(void)self;
	for (unsigned i = 0; i < 2 * FEW; i++)
		quiet_stir(&quiet);
	if (--bursts > 0)
		CHECK_INT(loop_timer_set(loop, &burst, AFTER_MS / 4), 0);
}

static void
stop(void *self)
{
	(void)self;
	loop_stop(loop);
}

static void
run_for_some_periods(void)
{
	struct loop_timer guard = { .on_due = stop };

	CHECK_INT(loop_timer_set(loop, &guard, 3 * AFTER_MS), 0);
	CHECK_INT(loop_run(loop), 0);
	loop_timer_clear(loop, &guard);
}

static void
begin(void)
{
	loop = loop_new();
	if (loop == NULL)
		abort();
	quiet = (struct quiet){ .loop = loop,
				.on_quiet = on_quiet,
				.after_ms = AFTER_MS,
				.few = FEW };
	burst = (struct loop_timer){ .on_due = on_burst };
	told = bursts = trims = 0;
}

static void
end(void)
{
	quiet_stop(&quiet);
	loop_timer_clear(loop, &burst);
	loop_free(&loop);
}

static void
a_single_request_is_over_at_the_first_look(void)
{
	begin();
	quiet_stir(&quiet);
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(told, 1);
	CHECK_INT(trims, 1);
	CHECK_INT(quiet.timer.place, 0);
	end();
}

static void
the_heap_alone_is_given_back_where_there_is_nothing_else(void)
{
	begin();
	quiet.on_quiet = NULL;
	quiet_stir(&quiet);
	run_for_some_periods();
	CHECK_INT(trims, 1);
	CHECK_INT(quiet.timer.place, 0);
	end();
}

static void
a_burst_is_waited_for(void)
{
	begin();
	bursts = 20;
	on_burst(NULL);
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(told, 1);
	end();
}

static void
a_few_alone_are_nothing_where_only_bursts_count(void)
{
	begin();
	quiet.only_bursts = true;
	quiet_stir(&quiet);
	run_for_some_periods();
	CHECK_INT(told, 0);
	CHECK_INT(trims, 0);
	CHECK_INT(quiet.timer.place, 0);
	bursts = 20;
	on_burst(NULL);
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(told, 1);
	CHECK_INT(trims, 1);
	quiet_stir(&quiet);
	run_for_some_periods();
	CHECK_INT(told, 1);
	CHECK_INT(trims, 1);
	end();
}

static void
nothing_is_told_where_nothing_happens(void)
{
	begin();
	run_for_some_periods();
	CHECK_INT(told, 0);
	end();
}

static void
stopping_needs_no_beginning(void)
{
	struct quiet never = { 0 };

	quiet_stop(&never);
	CHECK(never.timer.place == 0);
}

int
main(void)
{
	RUN(a_single_request_is_over_at_the_first_look);
	RUN(the_heap_alone_is_given_back_where_there_is_nothing_else);
	RUN(a_burst_is_waited_for);
	RUN(a_few_alone_are_nothing_where_only_bursts_count);
	RUN(nothing_is_told_where_nothing_happens);
	RUN(stopping_needs_no_beginning);
	return check_done();
}
