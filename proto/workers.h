/* SPDX-License-Identifier: MIT */
/* proto/workers.h - threads for what would hold up the loop: password hashes,
 * searches.
 *
 * The queue is bounded: who finds it full refuses at once. Jobs start in the
 * order in which they came; `work` runs in a thread and touches nothing but its
 * job; `done` runs in the loop's thread.
 */
#ifndef PARLEY_PROTO_WORKERS_H
#define PARLEY_PROTO_WORKERS_H

#include "proto/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct workers;

/* Starts `threads` threads that share a queue of at most `queue_max` waiting
 * jobs. NULL with errno (EINVAL: one of the two is 0). */
struct workers *workers_new(struct loop *loop, unsigned threads,
			    size_t queue_max);

/* Ends the threads after the job that each one has in hand; jobs still waiting
 * are done with `done(job)` without their work (the owner frees them there).
 * Not to be called from within `done`. NULL is fine. */
void workers_free(struct workers **workers);

/* Takes `job` on success. False if the queue is full or there is no memory:
 * then the job is still the caller's. */
bool workers_add(struct workers *workers, void (*work)(void *job),
		 void (*done)(void *job), void *job);

/* Jobs that wait, run, or are not told to their `done` yet. */
size_t workers_busy(const struct workers *workers);

#endif
