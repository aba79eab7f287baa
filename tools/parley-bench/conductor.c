/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/conductor.h"

#include "proto/clock.h"
#include "tools/parley-bench/logins.h"
#include "tools/parley-bench/protocol.h"
#include "tools/parley-bench/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS    10
#define SETTLED_US 6000000 /* nothing came for so long: nothing will */

struct conductor {
	const struct plan *plan;
	struct shared *shared;
	struct outcome *outcome;
	pid_t *workers;
	uint64_t told_us; /* when progress was last shown */
	bool has_terminal;
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* --- Counting */

static void
add_tally(struct counts *all, struct tally *tally)
{
	all->open += atomic_load(&tally->open);
	all->ready += atomic_load(&tally->ready);
	all->failed += atomic_load(&tally->failed);
	all->dropped += atomic_load(&tally->dropped);
	all->posts += atomic_load(&tally->posts);
	all->withheld += atomic_load(&tally->withheld);
	all->refused += atomic_load(&tally->refused);
	all->deliveries += atomic_load(&tally->deliveries);
	all->repeated += atomic_load(&tally->repeated);
	all->strayed += atomic_load(&tally->strayed);
	all->answers += atomic_load(&tally->answers);
	all->received_bytes += atomic_load(&tally->received_bytes);
}

static struct counts
count_all(const struct conductor *c)
{
	struct counts all = { 0 };

	for (unsigned i = 0; i < plan_processes(c->plan); i++)
		add_tally(&all, &c->shared->tallies[i]);
	return all;
}

/* Each post is heard by all who are in the room. */
static uint64_t
expected_deliveries(const struct conductor *c)
{
	uint64_t senders = (uint64_t)c->plan->rooms * c->plan->senders;
	uint64_t posts = 0;

	for (uint64_t i = 0; i < senders; i++)
		posts += atomic_load(&c->shared->sent[i]);
	return posts * c->plan->members;
}

/* --- Waiting */

static const char *const stage_names[] = {
	[STAGE_CONNECT] = "connect", [STAGE_LEAVE] = "leave",
	[STAGE_MISS] = "miss",       [STAGE_RETURN] = "return",
	[STAGE_WARM_UP] = "warm-up", [STAGE_MEASURE] = "measure",
	[STAGE_WAKE] = "wake",       [STAGE_DRAIN] = "drain",
	[STAGE_END] = "end",
};

/* On a terminal one line that changes; in a log, a line now and then. */
static void
show_progress(struct conductor *c)
{
	struct counts now;

	if (clock_us() - c->told_us < (c->has_terminal ? 500000 : 10000000))
		return;
	c->told_us = clock_us();
	now = count_all(c);
	fprintf(stderr,
		"%s%-8s %" PRIu64 " of %u ready, %" PRIu64 " posts, %" PRIu64
		" deliveries, %" PRIu64 " answers%s",
		c->has_terminal ? "\r" : "parley-bench: ",
		stage_names[atomic_load(&c->shared->stage)], now.ready,
		c->plan->connections, now.posts, now.deliveries, now.answers,
		c->has_terminal ? "\033[K" : "\n");
}

static void
pause_briefly(struct conductor *c)
{
	struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	nanosleep(&pause, NULL);
	show_progress(c);
}

static void
enter(struct conductor *c, enum stage stage)
{
	atomic_store(&c->shared->stage_began_us, clock_us());
	atomic_store(&c->shared->stage, stage);
}

static void
stay(struct conductor *c, unsigned seconds)
{
	uint64_t until_us = clock_us() + (uint64_t)seconds * 1000000;

	while (clock_us() < until_us && !interrupted)
		pause_briefly(c);
}

/* Until as many are ready as can be. False if they are not in time. */
static bool
await_ready(struct conductor *c, uint64_t *took_us)
{
	uint64_t began_us = clock_us();
	uint64_t patience_us = (uint64_t)c->plan->patience_s * 1000000;
	struct counts now;

	do {
		pause_briefly(c);
		now = count_all(c);
		*took_us = clock_us() - began_us;
	} while (now.ready + now.failed + now.dropped < c->plan->connections &&
		 *took_us < patience_us && !interrupted);
	return now.ready == c->plan->connections;
}

/* Until only the senders are left. */
static void
await_leaving(struct conductor *c)
{
	uint64_t senders = (uint64_t)c->plan->rooms * c->plan->senders;
	uint64_t until_us =
	    clock_us() + (uint64_t)c->plan->patience_s * 1000000;

	while (count_all(c).open > senders && clock_us() < until_us &&
	       !interrupted)
		pause_briefly(c);
}

/* Until all that was posted has come, or nothing comes any more. */
static void
await_deliveries(struct conductor *c, uint64_t expected)
{
	uint64_t last = 0, since_us = clock_us();

	while (!interrupted) {
		uint64_t now = count_all(c).deliveries;

		if (now != last)
			since_us = clock_us();
		last = now;
		if (now >= expected || clock_us() - since_us > SETTLED_US)
			return;
		pause_briefly(c);
	}
}

/* --- Stages */

static void
exercise_return(struct conductor *c)
{
	const struct plan *plan = c->plan;

	enter(c, STAGE_LEAVE);
	await_leaving(c);
	enter(c, STAGE_MISS);
	await_deliveries(c, (uint64_t)plan->rooms * plan->senders *
				plan->senders * plan->missed);
	for (unsigned i = 0; i < plan->workers; i++)
		memset(&c->shared->tallies[i].current, 0,
		       sizeof c->shared->tallies[i].current);
	processes_measure(&plan->processes, &c->outcome->began);
	c->outcome->before = count_all(c);
	enter(c, STAGE_RETURN);
	c->outcome->is_complete &= await_ready(c, &c->outcome->returned_us);
}

static void
exercise_steadily(struct conductor *c)
{
	enter(c, STAGE_WARM_UP);
	stay(c, c->plan->warm_up_s);
	processes_measure(&c->plan->processes, &c->outcome->began);
	c->outcome->before = count_all(c);
	enter(c, STAGE_MEASURE);
	stay(c, c->plan->seconds);
}

/* What an idle server's connections are for. */
static void
wake(struct conductor *c)
{
	enter(c, STAGE_WAKE);
	stay(c, c->plan->seconds);
}

/* What there is to read. */
static void
fill_rooms(struct conductor *c)
{
	const struct plan *plan = c->plan;

	enter(c, STAGE_MISS);
	await_deliveries(c, (uint64_t)plan->rooms * plan->senders *
				plan->members * plan->missed);
}

static void
go_through(struct conductor *c)
{
	struct outcome *outcome = c->outcome;

	processes_measure(&c->plan->processes, &outcome->idle);
	enter(c, STAGE_CONNECT);
	outcome->is_complete = await_ready(c, &outcome->connected_us);
	if (c->plan->exercise == EXERCISE_ASK && c->plan->rooms_from == NULL)
		fill_rooms(c);
	if (c->plan->exercise == EXERCISE_RETURN)
		exercise_return(c);
	else
		exercise_steadily(c);
	outcome->after = count_all(c);
	processes_measure(&c->plan->processes, &outcome->ended);
	if (c->plan->exercise == EXERCISE_STILL)
		wake(c);
	enter(c, STAGE_DRAIN);
	stay(c, 1);
	await_deliveries(c, outcome->expected = expected_deliveries(c));
	outcome->end = count_all(c);
	enter(c, STAGE_END);
}

/* --- Workers */

static int
start_workers(struct conductor *c)
{
	c->workers = calloc(plan_processes(c->plan), sizeof *c->workers);
	if (c->workers == NULL)
		return -1;
	for (unsigned i = 0; i < plan_processes(c->plan); i++) {
		c->workers[i] = fork();
		if (c->workers[i] < 0)
			return -1;
		if (c->workers[i] > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(i < c->plan->workers
			  ? worker_run(c->plan, c->shared, i)
			  : logins_run(c->plan, c->shared,
				       &c->shared->tallies[i]));
	}
	return 0;
}

static void
end_workers(struct conductor *c)
{
	for (unsigned i = 0; i < plan_processes(c->plan) && c->workers != NULL;
	     i++) {
		struct tally *tally = &c->shared->tallies[i];
		struct outcome *outcome = c->outcome;
		int status = 0;

		if (c->workers[i] <= 0)
			continue;
		if (waitpid(c->workers[i], &status, 0) < 0 || status != 0 ||
		    !atomic_load(&tally->is_through))
			outcome->is_complete = false;
		outcome->missing += tally->missing;
		outcome->told += tally->told;
		outcome->segments += tally->segments;
		histogram_merge(&outcome->delivery, &tally->delivery);
		histogram_merge(&outcome->own, &tally->own);
		histogram_merge(&outcome->answer, &tally->answer);
		histogram_merge(&outcome->current, &tally->current);
	}
	free(c->workers);
}

int
conduct(const struct plan *plan, struct shared *shared, struct outcome *outcome)
{
	struct conductor c = { .plan = plan,
			       .shared = shared,
			       .outcome = outcome,
			       .told_us = clock_us(),
			       .has_terminal = isatty(STDERR_FILENO) == 1 };
	struct sigaction action = { .sa_handler = on_interrupt };

	if (plan->protocol->prepare != NULL &&
	    plan->protocol->prepare(plan, shared) != 0)
		return -1;
	if (plan->logins > 0 && logins_prepare(plan) != 0)
		return -1;
	if (start_workers(&c) != 0) {
		fprintf(stderr, "parley-bench: workers: %s\n", strerror(errno));
		enter(&c, STAGE_END);
		end_workers(&c);
		return -1;
	}
	sigaction(SIGINT, &action, NULL);
	go_through(&c);
	end_workers(&c);
	if (c.has_terminal)
		fputs("\r\033[K", stderr);
	return 0;
}
