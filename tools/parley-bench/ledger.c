/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/ledger.h"

#include "tools/parley-bench/worker.h"

/* Nothing of it lies in the time that is measured before, or after. */
static bool
is_measured(const struct worker *worker, const struct marker *marker)
{
	return (worker->stage == STAGE_MEASURE ||
		worker->stage == STAGE_WAKE) &&
	       marker->due_us >=
		   atomic_load_explicit(&worker->shared->stage_began_us,
					memory_order_relaxed);
}

static void
take_time(struct conn *conn, const struct marker *marker, uint64_t now_us)
{
	struct tally *tally = conn->worker->tally;
	uint64_t took_us =
	    now_us > marker->due_us ? now_us - marker->due_us : 0;

	histogram_add(&tally->delivery, took_us);
	if (marker->slot == plan_slot(conn->worker->plan, conn->number))
		histogram_add(&tally->own, took_us);
}

/* Numbers of one sender come in their order; what is left out is missing until
 * it comes late. */
static bool
is_new(struct conn *conn, const struct marker *marker)
{
	struct tally *tally = conn->worker->tally;
	uint32_t *last = &conn->heard[marker->slot];

	if (marker->number <= *last) {
		count(&tally->repeated, 1);
		return false;
	}
	tally->missing += marker->number - *last - 1;
	*last = marker->number;
	return true;
}

void
ledger_hear(struct conn *conn, const struct marker *marker, uint64_t now_us)
{
	struct worker *worker = conn->worker;
	const struct plan *plan = worker->plan;

	if (marker->run != plan->run)
		return;
	if (marker->room != plan_room(plan, conn->number) ||
	    marker->slot >= plan->senders) {
		count(&worker->tally->strayed, 1);
		return;
	}
	if (!is_new(conn, marker))
		return;
	count(&worker->tally->deliveries, 1);
	if (is_measured(worker, marker))
		take_time(conn, marker, now_us);
	if (marker->slot == plan_slot(plan, conn->number))
		pace_acknowledged(worker, conn);
}

bool
ledger_is_current(const struct conn *conn)
{
	const struct plan *plan = conn->worker->plan;
	unsigned room = plan_room(plan, conn->number);

	for (unsigned slot = 0; slot < plan->senders; slot++)
		if (conn->heard[slot] <
		    atomic_load_explicit(
			shared_sent(conn->worker->shared, plan, room, slot),
			memory_order_relaxed))
			return false;
	return true;
}

void
ledger_settle(struct conn *conn)
{
	const struct plan *plan = conn->worker->plan;
	unsigned room = plan_room(plan, conn->number);

	for (unsigned slot = 0; slot < plan->senders; slot++)
		conn->worker->tally->missing +=
		    atomic_load(
			shared_sent(conn->worker->shared, plan, room, slot)) -
		    conn->heard[slot];
}
