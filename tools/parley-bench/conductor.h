/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/conductor.h - leads all workers through a run, and
 * measures the server meanwhile.
 */
#ifndef PARLEY_TOOLS_BENCH_CONDUCTOR_H
#define PARLEY_TOOLS_BENCH_CONDUCTOR_H

#include "tools/parley-bench/processes.h"
#include "tools/parley-bench/shared.h"

/* The counters of all workers together at a moment. */
struct counts {
	uint64_t open, ready, failed, dropped, posts, withheld, refused,
	    deliveries, repeated, strayed, answers, received_bytes;
};

/* What a run came to. */
struct outcome {
	struct counts before, after; /* of the time that was measured */
	struct counts end;
	struct costs idle;  /* before anybody had connected */
	struct costs began; /* the time that was measured */
	struct costs ended;
	uint64_t connected_us; /* until all were in their rooms */
	uint64_t returned_us;  /* until all were back and current */
	uint64_t missing;
	uint64_t expected;       /* deliveries, in the whole run */
	uint64_t told, segments; /* see the tally */
	struct histogram delivery, own, answer, current;
	bool is_complete; /* all connected, and no worker ended early */
};

/* Runs it. 0, or -1 after a word on stderr. */
int conduct(const struct plan *plan, struct shared *shared,
	    struct outcome *outcome);

#endif
