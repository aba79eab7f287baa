/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/pace.h - when who posts.
 *
 * Open loop: at a fixed rate, whatever the server does; a post that goes out
 * late carries the time at which it was due, so that a stall is seen in full
 * and not once only (no coordinated omission). Closed loop: each sender has a
 * number of posts in flight.
 */
#ifndef PARLEY_TOOLS_BENCH_PACE_H
#define PARLEY_TOOLS_BENCH_PACE_H

#include "proto/loop.h"

#include <stdbool.h>

struct worker;
struct conn;

struct pace {
	struct loop_watch alarm; /* a timerfd */
	double interval_us;
	double due_us;     /* the next one */
	unsigned turn;     /* whose it is */
	unsigned mine;     /* senders of this worker */
	unsigned *senders; /* their places among its connections */
	bool is_running;
};

/* 0, or -1 with errno. */
int pace_init(struct worker *worker);

/* Begins and ends. */
void pace_start(struct worker *worker);
void pace_stop(struct worker *worker);

/* A sender has heard its own post, or has its answer. */
void pace_acknowledged(struct worker *worker, struct conn *conn);

/* Posts so many at once, of each sender of the worker. */
void pace_burst(struct worker *worker, unsigned posts);

#endif
