/* SPDX-License-Identifier: MIT */
/* proto/loop.h - the event loop of a daemon: descriptors, timers, turns.
 *
 * One turn: wait, tell who has input, run the timers that are due, then the
 * turn hooks in the order in which they were added (a daemon commits, the bus
 * sends). Everything runs in the one thread that called loop_run().
 */
#ifndef PARLEY_PROTO_LOOP_H
#define PARLEY_PROTO_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop;

/* `events` are those of epoll. */
typedef void loop_fd_fn(void *self, uint32_t events);
typedef void loop_fn(void *self);

/* NULL with errno. */
struct loop *loop_new(void);
void loop_free(struct loop **loop);

/* Runs turns until loop_stop(), which lets its turn end as usual; stopping
 * before means no turn at all. 0, or -1 with errno if waiting failed. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Time, taken once a turn: monotonic for durations, wall-clock for people. */
uint64_t loop_now_us(const struct loop *loop);
uint64_t loop_now_ms(const struct loop *loop);
uint64_t loop_unix_ms(const struct loop *loop);

/* Up to when all watched descriptors that were ready have been heard: where
 * there are very many, one may be ready for longer. */
uint64_t loop_drained_ms(const struct loop *loop);

/* A watched descriptor: embed it; `fd`, `on_ready` and `self` are set by the
 * owner, who keeps it in place until loop_unwatch(). Removing it while events
 * of the same turn are told is fine: it hears nothing more. */
struct loop_watch {
	int fd;
	uint32_t events; /* set by the loop */
	loop_fd_fn *on_ready;
	void *self;
};

/* 0, or -1 with errno of epoll_ctl. loop_rewatch() changes the events. */
int loop_watch(struct loop *loop, struct loop_watch *watch, uint32_t events);
int loop_rewatch(struct loop *loop, struct loop_watch *watch, uint32_t events);
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/* A timer: embed it, zeroed; set `on_due` and `self`. It fires once; setting it
 * again moves it, also from within `on_due`. It never fires in the turn in
 * which it was set. */
struct loop_timer {
	loop_fn *on_due;
	void *self;
	uint64_t due_us; /* set by the loop */
	size_t place;    /* in the loop's heap, from 1; 0: not set */
};

/* 0, or -1 with errno ENOMEM. */
int loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t in_ms);
void loop_timer_clear(struct loop *loop, struct loop_timer *timer);

/* Called at the end of each turn. 0, or -1 with errno ENOMEM. */
int loop_add_turn(struct loop *loop, loop_fn *hook, void *self);

/* The next wait does not block: there is more to do. */
void loop_again(struct loop *loop);

#endif
