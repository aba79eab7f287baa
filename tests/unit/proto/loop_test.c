/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/loop_test.c - descriptors, timers and hooks of real turns.
 * Each test is ended by a timer of its own if nothing else stops it.
 */
#include "proto/loop.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#define TOO_LONG_MS 5000

static int late; /* loops that had to be stopped by their guard */

struct fixture {
	struct loop *loop;
	struct loop_timer guard;
	struct loop_watch watches[2];
	int pipes[2][2];
	int told[2];
	int turns;
	int turns_wanted;
};

static void
stop_late(void *self)
{
	late++;
	loop_stop(self);
}

static struct loop *
guarded_loop(struct loop_timer *guard)
{
	struct loop *loop = loop_new();

	if (loop == NULL)
		abort();
	*guard = (struct loop_timer){ .on_due = stop_late, .self = loop };
	CHECK_INT(loop_timer_set(loop, guard, TOO_LONG_MS), 0);
	return loop;
}

static void
count_turn(void *self)
{
	struct fixture *f = self;

	if (++f->turns == f->turns_wanted)
		loop_stop(f->loop);
	loop_again(f->loop);
}

/* Whoever is told first takes both away. */
static void
unwatch_both(void *self, uint32_t events)
{
	struct fixture *f = self;

	CHECK(events & EPOLLIN);
	f->told[0]++;
	loop_unwatch(f->loop, &f->watches[0]);
	loop_unwatch(f->loop, &f->watches[1]);
}

static void
open_pipes(struct fixture *f, loop_fd_fn *on_ready)
{
	for (int i = 0; i < 2; i++) {
		if (pipe(f->pipes[i]) < 0 || write(f->pipes[i][1], "x", 1) != 1)
			abort();
		f->watches[i] = (struct loop_watch){ .fd = f->pipes[i][0],
						     .on_ready = on_ready,
						     .self = f };
		CHECK_INT(loop_watch(f->loop, &f->watches[i], EPOLLIN), 0);
	}
}

static void
close_pipes(struct fixture *f)
{
	for (int i = 0; i < 4; i++)
		close(f->pipes[i / 2][i % 2]);
}

static void
removed_watch_hears_nothing_more(void)
{
	struct fixture f = { .turns_wanted = 3 };

	f.loop = guarded_loop(&f.guard);
	open_pipes(&f, unwatch_both);
	CHECK_INT(loop_add_turn(f.loop, count_turn, &f), 0);
	CHECK_INT(loop_run(f.loop), 0);
	CHECK_INT(f.turns, 3);
	CHECK_INT(f.told[0], 1);
	close_pipes(&f);
	loop_free(&f.loop);
	CHECK(f.loop == NULL);
	loop_free(&f.loop);
}

static void
drain_one(void *self, uint32_t events)
{
	struct fixture *f = self;
	char byte;

	for (int i = 0; i < 2; i++) {
		if (f->told[i] == 0 && read(f->pipes[i][0], &byte, 1) == 1) {
			f->told[i] = 1;
			break;
		}
	}
	CHECK(events & EPOLLIN);
}

static void
every_ready_descriptor_is_told(void)
{
	struct fixture f = { .turns_wanted = 2 };

	f.loop = guarded_loop(&f.guard);
	open_pipes(&f, drain_one);
	CHECK_INT(loop_add_turn(f.loop, count_turn, &f), 0);
	CHECK_INT(loop_run(f.loop), 0);
	CHECK_INT(f.told[0] + f.told[1], 2);
	CHECK_INT(loop_rewatch(f.loop, &f.watches[0], EPOLLIN | EPOLLOUT), 0);
	CHECK_INT(f.watches[0].events, EPOLLIN | EPOLLOUT);
	CHECK_INT(loop_watch(f.loop, &f.watches[0], EPOLLIN), -1);
	CHECK_INT(errno, EEXIST);
	close_pipes(&f);
	loop_free(&f.loop);
}

enum { TIMERS = 500 };

static struct {
	struct loop *loop;
	struct loop_timer timers[TIMERS];
	uint64_t last_us;
	int fired;
	int disorder;
	int wanted;
} many;

static void
note_timer(void *self)
{
	struct loop_timer *timer = self;

	if (timer->due_us < many.last_us ||
	    timer->due_us > loop_now_us(many.loop))
		many.disorder++;
	many.last_us = timer->due_us;
	if (++many.fired == many.wanted)
		loop_stop(many.loop);
}

/* Sets, moves and removes timers in an order that looks like chance. */
static void
shuffle_timers(void)
{
	uint32_t state = 1;

	for (int i = 0; i < 5 * TIMERS; i++) {
		struct loop_timer *timer;

		state = state * 1664525 + 1013904223;
		timer = &many.timers[(state >> 8) % TIMERS];
		timer->on_due = note_timer;
		timer->self = timer;
		if (i % 4 == 3)
			loop_timer_clear(many.loop, timer);
		else
			CHECK_INT(loop_timer_set(many.loop, timer,
						 (state >> 20) % 50),
				  0);
	}
	for (int i = 0; i < TIMERS; i++)
		many.wanted += many.timers[i].place != 0;
}

static void
timers_fire_in_order_and_once(void)
{
	struct loop_timer guard;

	many.loop = guarded_loop(&guard);
	shuffle_timers();
	CHECK(many.wanted > 100);
	CHECK_INT(loop_run(many.loop), 0);
	CHECK_INT(many.fired, many.wanted);
	CHECK_INT(many.disorder, 0);
	for (int i = 0; i < TIMERS; i++)
		CHECK_INT(many.timers[i].place, 0);
	loop_free(&many.loop);
}

struct repeat {
	struct loop *loop;
	struct loop_timer timer;
	int fired;
	int turns;
};

static void
set_again(void *self)
{
	struct repeat *r = self;

	if (++r->fired == 3)
		loop_stop(r->loop);
	else
		CHECK_INT(loop_timer_set(r->loop, &r->timer, 0), 0);
}

static void
count_repeat_turn(void *self)
{
	((struct repeat *)self)->turns++;
}

static void
timer_of_zero_waits_for_the_next_turn(void)
{
	struct repeat r = { 0 };
	struct loop_timer guard;

	r.loop = guarded_loop(&guard);
	r.timer = (struct loop_timer){ .on_due = set_again, .self = &r };
	CHECK_INT(loop_add_turn(r.loop, count_repeat_turn, &r), 0);
	CHECK_INT(loop_timer_set(r.loop, &r.timer, 0), 0);
	CHECK_INT(loop_run(r.loop), 0);
	CHECK_INT(r.fired, 3);
	CHECK(r.turns >= 3);
	loop_free(&r.loop);
}

static void
stop_loop(void *self)
{
	loop_stop(self);
}

static void
time_is_valid_at_once_and_moves(void)
{
	struct loop_timer guard;
	struct loop_timer timer = { .on_due = stop_loop };
	struct loop *loop = guarded_loop(&guard);
	uint64_t before = loop_now_us(loop);

	CHECK(before > 0);
	CHECK_INT(loop_now_ms(loop), before / 1000);
	CHECK(loop_unix_ms(loop) > UINT64_C(1700000000000));
	timer.self = loop;
	CHECK_INT(loop_timer_set(loop, &timer, 20), 0);
	CHECK_INT(loop_run(loop), 0);
	CHECK(loop_now_us(loop) >= before + 20000);
	loop_free(&loop);
}

static void
timer_beyond_all_time_never_fires(void)
{
	struct loop_timer guard;
	struct loop_timer timer = { .on_due = stop_loop };
	struct loop *loop = guarded_loop(&guard);

	CHECK_INT(loop_timer_set(loop, &timer, UINT64_MAX), 0);
	CHECK(timer.due_us == UINT64_MAX);
	CHECK_INT(loop_timer_set(loop, &timer, UINT64_MAX / 1000), 0);
	CHECK(timer.due_us >= UINT64_MAX - 1000);
	loop_timer_clear(loop, &timer);
	loop_timer_clear(loop, &timer);
	loop_free(&loop);
}

static void
stop_before_the_run_means_no_turn(void)
{
	struct fixture f = { .turns_wanted = 1 };

	f.loop = guarded_loop(&f.guard);
	CHECK_INT(loop_add_turn(f.loop, count_turn, &f), 0);
	loop_stop(f.loop);
	CHECK_INT(loop_run(f.loop), 0);
	CHECK_INT(f.turns, 0);
	loop_again(f.loop);
	CHECK_INT(loop_run(f.loop), 0);
	CHECK_INT(f.turns, 1);
	loop_free(&f.loop);
}

static void
ignore_signal(int number)
{
	(void)number;
}

static void
signal_does_not_end_the_run(void)
{
	struct sigaction action = { .sa_handler = ignore_signal };
	struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct loop_timer guard;
	struct loop_timer timer = { .on_due = stop_loop };
	struct loop *loop = guarded_loop(&guard);

	timer.self = loop;
	CHECK_INT(sigaction(SIGALRM, &action, NULL), 0);
	CHECK_INT(loop_timer_set(loop, &timer, 30), 0);
	CHECK_INT(setitimer(ITIMER_REAL, &every, NULL), 0);
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(setitimer(ITIMER_REAL, &never, NULL), 0);
	CHECK_INT(timer.place, 0);
	loop_free(&loop);
}

static void
no_guard_was_needed(void)
{
	CHECK_INT(late, 0);
}

int
main(void)
{
	RUN(removed_watch_hears_nothing_more);
	RUN(every_ready_descriptor_is_told);
	RUN(timers_fire_in_order_and_once);
	RUN(timer_of_zero_waits_for_the_next_turn);
	RUN(time_is_valid_at_once_and_moves);
	RUN(timer_beyond_all_time_never_fires);
	RUN(stop_before_the_run_means_no_turn);
	RUN(signal_does_not_end_the_run);
	RUN(no_guard_was_needed);
	return check_done();
}
