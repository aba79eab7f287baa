/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/worker.h - one process of the load generator: a share of
 * the connections, all in one thread.
 */
#ifndef PARLEY_TOOLS_BENCH_WORKER_H
#define PARLEY_TOOLS_BENCH_WORKER_H

#include "tools/parley-bench/conn.h"
#include "tools/parley-bench/pace.h"
#include "tools/parley-bench/protocol.h"
#include "tools/parley-bench/shared.h"

#define INPUT_BYTES (4u << 20)

struct worker {
	const struct plan *plan;
	const struct protocol *protocol;
	struct shared *shared;
	struct tally *tally;
	unsigned index;
	struct loop *loop;
	struct loop_timer look; /* where the run is */
	int stage;              /* as last looked */
	struct conn *conns;
	unsigned n;
	unsigned next;       /* to be opened */
	unsigned connecting; /* of those, not yet ready */
	struct pace pace;
	uint8_t *input;        /* INPUT_BYTES, for all connections in turn */
	struct buffer scratch; /* a frame in the making */
	struct buffer text;    /* and what a protocol puts into it */
	bool has_complained;
};

/* Does a worker's part from the first connection to the last figure. Returns
 * the exit status. */
int worker_run(const struct plan *plan, struct shared *shared, unsigned index);

/* A connection has become ready or has failed: another may be made. */
void worker_goes_on(struct worker *worker);

/* Says on stderr what went wrong, once for all of the worker's connections. */
void worker_complain(struct worker *worker, const char *what, const char *why);

#endif
