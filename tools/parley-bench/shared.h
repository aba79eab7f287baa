/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/shared.h - the memory that the conductor and the workers
 * share: where the run is, and what each worker has counted.
 *
 * A tally has one writer, its worker. Its counters may be read at any time; its
 * histograms and the losses once the worker has said that it is through.
 */
#ifndef PARLEY_TOOLS_BENCH_SHARED_H
#define PARLEY_TOOLS_BENCH_SHARED_H

#include "proto/uuid.h"
#include "tools/parley-bench/histogram.h"
#include "tools/parley-bench/plan.h"

#include <stdatomic.h>

enum stage {
	STAGE_CONNECT,
	STAGE_LEAVE,  /* all but the senders hang up */
	STAGE_MISS,   /* senders post what those will have missed */
	STAGE_RETURN, /* and they come back */
	STAGE_WARM_UP,
	STAGE_MEASURE,
	STAGE_WAKE,  /* posts to connections that did nothing until now */
	STAGE_DRAIN, /* nobody posts; what is under way arrives */
	STAGE_END,
};

struct tally {
	_Atomic uint64_t open;    /* upgraded, and not closed since */
	_Atomic uint64_t ready;   /* in their rooms, and current */
	_Atomic uint64_t failed;  /* never got so far */
	_Atomic uint64_t dropped; /* closed by the server later */
	_Atomic uint64_t posts;
	_Atomic uint64_t withheld; /* due, but the sender's socket was full */
	_Atomic uint64_t
	    refused; /* posts and requests that the server refused */
	_Atomic uint64_t deliveries;
	_Atomic uint64_t repeated; /* heard before */
	_Atomic uint64_t strayed;  /* of another room */
	_Atomic uint64_t answers;
	_Atomic uint64_t received_bytes;
	_Atomic bool is_through;
	uint64_t missing;
	/* While it is measured: deliveries, and the TCP segments that they came
	 * in. On the loopback a send is a segment. */
	uint64_t told, segments;
	struct histogram delivery; /* from when it was due */
	struct histogram own;      /* the same of the sender's own copy */
	struct histogram answer;
	struct histogram current; /* from the connect to being ready */
};

struct shared {
	_Atomic int stage;
	_Atomic uint64_t stage_began_us;
	struct tally *tallies;  /* one for each process */
	_Atomic uint32_t *sent; /* posts of each sender, room by room */
	struct uuid *rooms;     /* where the server names them so */
};

/* NULL with errno. It lasts as long as the process and its children. */
struct shared *shared_new(const struct plan *plan);

/* Adds to a counter that nobody else writes. */
static inline void
count(_Atomic uint64_t *counter, uint64_t more)
{
	uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, now + more, memory_order_relaxed);
}

static inline _Atomic uint32_t *
shared_sent(struct shared *shared, const struct plan *plan, unsigned room,
	    unsigned slot)
{
	return &shared->sent[(uint64_t)room * plan->senders + slot];
}

#endif
