/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/loop.h - the loop as the gateway calls it, whose time is
 * the fuzzer's.
 */
#ifndef PARLEY_TESTS_FUZZ_GATEWAY_LOOP_H
#define PARLEY_TESTS_FUZZ_GATEWAY_LOOP_H

#include "proto/loop.h"
#include "proto/quiet.h"
#include "tests/fuzz/must.h"

#define WATCHES_MAX 8

struct loop {
	uint64_t now_ms;
	bool again;
	struct loop_watch *watches[WATCHES_MAX];
	struct loop_timer *timer; /* there is one at most */
};

static struct loop loop;

static struct loop_watch **
place_of(const struct loop_watch *watch)
{
	for (int i = 0; i < WATCHES_MAX; i++)
		if (loop.watches[i] == watch)
			return &loop.watches[i];
	return NULL;
}

int
loop_watch(struct loop *l, struct loop_watch *watch, uint32_t events)
{
	struct loop_watch **place = place_of(NULL);

	(void)l;
	must(place != NULL);
	*place = watch;
	watch->events = events;
	return 0;
}

int
loop_rewatch(struct loop *l, struct loop_watch *watch, uint32_t events)
{
	(void)l;
	must(place_of(watch) != NULL);
	watch->events = events;
	return 0;
}

void
loop_unwatch(struct loop *l, struct loop_watch *watch)
{
	struct loop_watch **place = place_of(watch);

	(void)l;
	must(place != NULL);
	*place = NULL;
}

int
loop_timer_set(struct loop *l, struct loop_timer *timer, uint64_t in_ms)
{
	must(l->timer == NULL || l->timer == timer);
	timer->due_us = (l->now_ms + in_ms) * 1000;
	l->timer = timer;
	return 0;
}

void
loop_timer_clear(struct loop *l, struct loop_timer *timer)
{
	if (l->timer == timer)
		l->timer = NULL;
}

/* The heap is looked after by nobody. */
void
quiet_stir(struct quiet *quiet)
{
	(void)quiet;
}

static void
fire_timer(void)
{
	struct loop_timer *timer = loop.timer;

	if (timer == NULL || timer->due_us > loop.now_ms * 1000)
		return;
	loop.timer = NULL;
	timer->on_due(timer->self);
}

void
loop_again(struct loop *l)
{
	l->again = true;
}

uint64_t
loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t
loop_drained_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t
loop_unix_ms(const struct loop *l)
{
	return 1700000000000u + l->now_ms;
}

#endif
