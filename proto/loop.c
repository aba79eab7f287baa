/* SPDX-License-Identifier: MIT */
/* proto/loop.c - epoll, a heap of timers with the next one on top, and the
 * hooks at the end of a turn.
 */
#include "proto/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256

struct hook {
	loop_fn *call;
	void *self;
};

struct loop {
	int epoll;
	bool stopped;
	bool again;
	uint64_t now_us;
	uint64_t unix_ms;
	uint64_t drained_us;

	/* What the last wait told; [next, told) is not handed out yet. */
	struct epoll_event events[EVENTS_PER_TURN];
	int next;
	int told;

	struct loop_timer **heap; /* from place 1 */
	size_t timers;
	size_t timers_room;

	struct hook *hooks;
	size_t n_hooks;
};

static uint64_t
clock_us(clockid_t clock)
{
	struct timespec t;

	/* Cannot fail: both clocks exist and `t` is ours. */
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
take_time(struct loop *loop)
{
	loop->now_us = clock_us(CLOCK_MONOTONIC);
	loop->unix_ms = clock_us(CLOCK_REALTIME) / 1000;
}

struct loop *
loop_new(void)
{
	struct loop *loop = calloc(1, sizeof *loop);

	if (loop == NULL)
		return NULL;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return NULL;
	}
	take_time(loop);
	loop->drained_us = loop->now_us;
	return loop;
}

void
loop_free(struct loop **loop)
{
	if (*loop == NULL)
		return;
	close((*loop)->epoll);
	free((*loop)->heap);
	free((*loop)->hooks);
	free(*loop);
	*loop = NULL;
}

/* How long the next wait may last, for epoll_wait(): -1 is for ever. */
static int
wait_ms(const struct loop *loop)
{
	uint64_t now_us, left_ms;

	if (loop->again)
		return 0;
	if (loop->timers == 0)
		return -1;
	/* The turn may have taken long: its own time is too old for this. */
	now_us = clock_us(CLOCK_MONOTONIC);
	if (loop->heap[1]->due_us <= now_us)
		return 0;
	left_ms = (loop->heap[1]->due_us - now_us + 999) / 1000;
	return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

static void
tell_ready(struct loop *loop)
{
	while (loop->next < loop->told) {
		struct epoll_event *event = &loop->events[loop->next++];
		struct loop_watch *watch = event->data.ptr;

		if (watch != NULL)
			watch->on_ready(watch->self, event->events);
	}
}

static void
run_timers(struct loop *loop)
{
	while (loop->timers > 0 && loop->heap[1]->due_us <= loop->now_us) {
		struct loop_timer *timer = loop->heap[1];

		loop_timer_clear(loop, timer);
		timer->on_due(timer->self);
	}
}

static int
turn(struct loop *loop)
{
	int told = epoll_wait(loop->epoll, loop->events, EVENTS_PER_TURN,
			      wait_ms(loop));

	if (told < 0 && errno != EINTR)
		return -1;
	loop->next = 0;
	loop->told = told < 0 ? 0 : told;
	loop->again = false;
	take_time(loop);
	tell_ready(loop);
	if (told < EVENTS_PER_TURN)
		loop->drained_us = loop->now_us;
	run_timers(loop);
	for (size_t i = 0; i < loop->n_hooks; i++)
		loop->hooks[i].call(loop->hooks[i].self);
	return 0;
}

int
loop_run(struct loop *loop)
{
	while (!loop->stopped) {
		if (turn(loop) < 0)
			return -1;
	}
	loop->stopped = false;
	return 0;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

uint64_t
loop_now_us(const struct loop *loop)
{
	return loop->now_us;
}

uint64_t
loop_now_ms(const struct loop *loop)
{
	return loop->now_us / 1000;
}

uint64_t
loop_drained_ms(const struct loop *loop)
{
	return loop->drained_us / 1000;
}

uint64_t
loop_unix_ms(const struct loop *loop)
{
	return loop->unix_ms;
}

static int
control(struct loop *loop, int how, struct loop_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll, how, watch->fd, &event) < 0)
		return -1;
	watch->events = events;
	return 0;
}

int
loop_watch(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, watch, events);
}

int
loop_rewatch(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, watch, events);
}

void
loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
	/* Fails only if it was not watched, which is what is wanted. */
	control(loop, EPOLL_CTL_DEL, watch, 0);
	watch->events = 0;
	for (int i = loop->next; i < loop->told; i++) {
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
	}
}

static void
put(struct loop *loop, struct loop_timer *timer, size_t place)
{
	loop->heap[place] = timer;
	timer->place = place;
}

/* Puts `timer` at `place`, a hole, or wherever above or below it belongs. */
static void
settle(struct loop *loop, struct loop_timer *timer, size_t place)
{
	while (place > 1 && loop->heap[place / 2]->due_us > timer->due_us) {
		put(loop, loop->heap[place / 2], place);
		place /= 2;
	}
	for (;;) {
		size_t child = place * 2;

		if (child < loop->timers &&
		    loop->heap[child + 1]->due_us < loop->heap[child]->due_us)
			child++;
		if (child > loop->timers ||
		    loop->heap[child]->due_us >= timer->due_us)
			break;
		put(loop, loop->heap[child], place);
		place = child;
	}
	put(loop, timer, place);
}

/* Room for one timer more. */
static int
grow_heap(struct loop *loop)
{
	size_t room = loop->timers_room > 0 ? loop->timers_room * 2 : 64;
	struct loop_timer **heap;

	if (loop->timers + 1 < loop->timers_room)
		return 0;
	heap = reallocarray(loop->heap, room, sizeof(struct loop_timer *));
	if (heap == NULL)
		return -1;
	loop->heap = heap;
	loop->timers_room = room;
	return 0;
}

int
loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t in_ms)
{
	uint64_t in_us = in_ms * 1000;
	size_t place = timer->place;

	if (place == 0 && grow_heap(loop) < 0)
		return -1;
	/* Later than now, so that a timer that sets itself again with 0 ends
	 * this turn like any other. */
	if (in_us == 0)
		in_us = 1;
	if (in_ms > UINT64_MAX / 1000 || in_us > UINT64_MAX - loop->now_us)
		timer->due_us = UINT64_MAX;
	else
		timer->due_us = loop->now_us + in_us;
	if (place == 0) {
		place = ++loop->timers;
		put(loop, timer, place);
	}
	settle(loop, timer, place);
	return 0;
}

void
loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer *last;
	size_t hole = timer->place;

	if (hole == 0)
		return;
	last = loop->heap[loop->timers--];
	timer->place = 0;
	if (last != timer)
		settle(loop, last, hole);
}

int
loop_add_turn(struct loop *loop, loop_fn *hook, void *self)
{
	struct hook *hooks =
	    reallocarray(loop->hooks, loop->n_hooks + 1, sizeof *hooks);

	if (hooks == NULL)
		return -1;
	loop->hooks = hooks;
	loop->hooks[loop->n_hooks++] = (struct hook){ hook, self };
	return 0;
}

void
loop_again(struct loop *loop)
{
	loop->again = true;
}
