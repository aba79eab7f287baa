/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/worker.h"

#include "tools/parley-bench/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_MS 5

void
worker_complain(struct worker *worker, const char *what, const char *why)
{
	if (!worker->has_complained)
		fprintf(stderr, "parley-bench: %s: %s\n", what, why);
	worker->has_complained = true;
}

/* --- Connections, so many at a time */

static bool
is_to_open(const struct worker *worker, const struct conn *conn)
{
	return conn->state == CONN_CLOSED && !conn->has_failed &&
	       !(worker->stage == STAGE_RETURN &&
		 plan_is_sender(worker->plan, conn->number));
}

static void
open_more(struct worker *worker)
{
	while (worker->connecting < worker->plan->connecting &&
	       worker->next < worker->n) {
		struct conn *conn = &worker->conns[worker->next++];

		if (!is_to_open(worker, conn))
			continue;
		conn_open(conn);
		if (!conn->has_failed)
			worker->connecting++;
	}
}

void
worker_goes_on(struct worker *worker)
{
	if (worker->connecting > 0)
		worker->connecting--;
}

/* --- Stages */

static void
leave(struct worker *worker)
{
	for (unsigned i = 0; i < worker->n; i++)
		if (!plan_is_sender(worker->plan, worker->conns[i].number))
			conn_close(&worker->conns[i]);
}

static void
end(struct worker *worker)
{
	for (unsigned i = 0; i < worker->n; i++) {
		ledger_settle(&worker->conns[i]);
		conn_close(&worker->conns[i]);
	}
	atomic_store(&worker->tally->is_through, true);
	loop_stop(worker->loop);
}

/* Counts from here if the sign is -1, to here if it is 1. */
static void
mark_segments(struct worker *worker, int sign)
{
	struct tally *tally = worker->tally;
	uint64_t segments = 0;

	if (worker->plan->exercise != EXERCISE_TALK)
		return;
	for (unsigned i = 0; i < worker->n; i++)
		segments += conn_segments(&worker->conns[i]);
	tally->segments += (uint64_t)sign * segments;
	tally->told += (uint64_t)sign * atomic_load(&tally->deliveries);
}

static void
enter_stage(struct worker *worker, int stage)
{
	bool is_still = worker->plan->exercise == EXERCISE_STILL;

	if (worker->stage == STAGE_MEASURE)
		mark_segments(worker, 1);
	if (stage == STAGE_MEASURE)
		mark_segments(worker, -1);
	worker->stage = stage;
	switch (stage) {
	case STAGE_LEAVE:
		leave(worker);
		break;
	case STAGE_MISS:
		pace_burst(worker, worker->plan->missed);
		break;
	case STAGE_RETURN:
		worker->next = 0;
		worker->connecting = 0;
		break;
	case STAGE_WARM_UP:
	case STAGE_MEASURE:
	case STAGE_WAKE:
		if (!is_still || stage == STAGE_WAKE)
			pace_start(worker);
		break;
	case STAGE_DRAIN:
		pace_stop(worker);
		break;
	case STAGE_END:
		end(worker);
		break;
	}
}

static void
look(void *self)
{
	struct worker *worker = self;
	int stage = atomic_load(&worker->shared->stage);

	if (stage != worker->stage)
		enter_stage(worker, stage);
	if (worker->stage != STAGE_END)
		loop_timer_set(worker->loop, &worker->look, LOOK_MS);
}

static void
on_turn(void *self)
{
	struct worker *worker = self;

	if (worker->stage == STAGE_CONNECT || worker->stage == STAGE_RETURN)
		open_more(worker);
}

/* --- */

/* Every worker has a part of each room: connections go round. */
static int
make_conns(struct worker *worker)
{
	const struct plan *plan = worker->plan;
	unsigned most = plan->connections / plan->workers + 1;
	uint32_t *heard =
	    calloc((size_t)most * plan->senders + 1, sizeof *heard);

	worker->conns = calloc(most, sizeof *worker->conns);
	worker->input = malloc(INPUT_BYTES);
	if (heard == NULL || worker->conns == NULL || worker->input == NULL) {
		free(heard);
		return -1;
	}
	for (unsigned i = worker->index; i < plan->connections;
	     i += plan->workers) {
		struct conn *conn = &worker->conns[worker->n];

		conn->worker = worker;
		conn->number = i;
		conn->heard = heard + (size_t)worker->n++ * plan->senders;
	}
	return 0;
}

int
worker_run(const struct plan *plan, struct shared *shared, unsigned index)
{
	static struct worker worker;

	worker.plan = plan;
	worker.protocol = plan->protocol;
	worker.shared = shared;
	worker.tally = &shared->tallies[index];
	worker.index = index;
	worker.look.on_due = look;
	worker.look.self = &worker;
	worker.loop = loop_new();
	if (worker.loop == NULL || make_conns(&worker) != 0 ||
	    pace_init(&worker) != 0 ||
	    loop_add_turn(worker.loop, on_turn, &worker) != 0 ||
	    loop_timer_set(worker.loop, &worker.look, LOOK_MS) != 0 ||
	    loop_run(worker.loop) != 0) {
		fprintf(stderr, "parley-bench: worker: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
