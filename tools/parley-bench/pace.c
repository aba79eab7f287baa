/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/pace.h"

#include "proto/clock.h"
#include "tools/parley-bench/marker.h"
#include "tools/parley-bench/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TEXT_MAX 40960

/* --- One post */

/* The marker, and as much more as makes the text as long as was asked. */
static struct slice
write_text(const struct worker *worker, const struct marker *marker)
{
	static char text[TEXT_MAX];
	unsigned bytes = worker->plan->bytes;

	if (text[MARKER_BYTES] == '\0')
		memset(text, 'x', sizeof text);
	marker_write(marker, text);
	return (struct slice){ text,
			       bytes > MARKER_BYTES ? bytes : MARKER_BYTES };
}

static void
post(struct worker *worker, struct conn *conn, uint64_t due_us)
{
	const struct plan *plan = worker->plan;
	struct marker marker = {
		.run = plan->run,
		.room = plan_room(plan, conn->number),
		.slot = plan_slot(plan, conn->number),
		.number = ++conn->posted,
		.due_us = due_us,
	};

	count(&worker->tally->posts, 1);
	atomic_store_explicit(
	    shared_sent(worker->shared, plan, marker.room, marker.slot),
	    marker.number, memory_order_relaxed);
	worker->protocol->post(conn, write_text(worker, &marker));
}

static void
act(struct worker *worker, struct conn *conn, uint64_t due_us)
{
	if (conn->state != CONN_READY)
		return;
	if (worker->plan->exercise == EXERCISE_ASK) {
		conn->since_us = due_us;
		worker->protocol->ask(conn);
	} else {
		post(worker, conn, due_us);
	}
}

/* --- Open loop */

static void
set_alarm(struct pace *pace)
{
	uint64_t at_us = (uint64_t)pace->due_us;
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(at_us / 1000000),
			      .tv_nsec = (long)(at_us % 1000000) * 1000 },
	};

	timerfd_settime(pace->alarm.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
on_alarm(void *self, uint32_t events)
{
	struct worker *worker = self;
	struct pace *pace = &worker->pace;
	uint64_t now_us = clock_us(), times;
	ssize_t got = read(pace->alarm.fd, &times, sizeof times);

	(void)events;
	if (got < 0 || !pace->is_running)
		return;
	for (; pace->due_us <= (double)now_us;
	     pace->due_us += pace->interval_us) {
		struct conn *conn = &worker->conns[pace->senders[pace->turn]];

		act(worker, conn, (uint64_t)pace->due_us);
		pace->turn = (pace->turn + 1) % pace->mine;
	}
	set_alarm(pace);
}

/* --- Closed loop */

void
pace_burst(struct worker *worker, unsigned posts)
{
	struct pace *pace = &worker->pace;

	for (unsigned i = 0; i < posts; i++)
		for (unsigned s = 0; s < pace->mine; s++)
			act(worker, &worker->conns[pace->senders[s]],
			    clock_us());
}

void
pace_acknowledged(struct worker *worker, struct conn *conn)
{
	if (worker->pace.is_running && worker->plan->window > 0)
		act(worker, conn, clock_us());
}

/* --- */

static int
list_senders(struct worker *worker)
{
	struct pace *pace = &worker->pace;

	pace->senders = calloc(worker->n + 1, sizeof *pace->senders);
	if (pace->senders == NULL)
		return -1;
	for (unsigned i = 0; i < worker->n; i++)
		if (plan_is_sender(worker->plan, worker->conns[i].number))
			pace->senders[pace->mine++] = i;
	return 0;
}

/* So that a rate reaches any of them, and not the first ones alone. */
static void
shuffle_senders(struct pace *pace)
{
	for (unsigned i = pace->mine; i > 1; i--) {
		unsigned k = (unsigned)random() % i;
		unsigned other = pace->senders[k];

		pace->senders[k] = pace->senders[i - 1];
		pace->senders[i - 1] = other;
	}
}

int
pace_init(struct worker *worker)
{
	struct pace *pace = &worker->pace;

	pace->alarm = (struct loop_watch){
		.fd =
		    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
		.on_ready = on_alarm,
		.self = worker,
	};
	if (pace->alarm.fd < 0 ||
	    loop_watch(worker->loop, &pace->alarm, EPOLLIN) != 0)
		return -1;
	if (list_senders(worker) != 0)
		return -1;
	if (worker->plan->exercise == EXERCISE_STILL)
		shuffle_senders(pace);
	return 0;
}

/* Workers take turns: each begins a part of the interval later. */
void
pace_start(struct worker *worker)
{
	const struct plan *plan = worker->plan;
	struct pace *pace = &worker->pace;
	double all = (double)plan->rooms * plan->senders;

	if (pace->is_running || pace->mine == 0)
		return;
	pace->is_running = true;
	if (plan->window > 0) {
		pace_burst(worker, plan->window);
	} else if (plan->rate > 0) {
		pace->interval_us = 1e6 / (plan->rate * pace->mine / all);
		pace->due_us = (double)clock_us() + pace->interval_us *
							(worker->index + 1) /
							plan->workers;
		set_alarm(pace);
	}
}

void
pace_stop(struct worker *worker)
{
	worker->pace.is_running = false;
}
