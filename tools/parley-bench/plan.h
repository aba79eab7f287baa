/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/plan.h - what a run does: how many connections in how many
 * rooms, who posts how much, for how long.
 */
#ifndef PARLEY_TOOLS_BENCH_PLAN_H
#define PARLEY_TOOLS_BENCH_PLAN_H

#include "tools/parley-bench/processes.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct protocol;

/* What is measured while it is measured. */
enum exercise {
	EXERCISE_TALK,   /* posts, and their deliveries */
	EXERCISE_STILL,  /* what connections cost that do nothing; then posts */
	EXERCISE_RETURN, /* all come back at once, to what they missed */
	EXERCISE_ASK,    /* requests that are answered to the asker alone */
};

struct plan {
	const char *scenario;
	const struct protocol *protocol;
	enum exercise exercise;
	struct sockaddr_in server;
	const char *path;   /* of the upgrade; %r: the room; NULL: as usual */
	const char *secret; /* that signs tokens; NULL: none are sent */
	unsigned workers;   /* processes that make load */
	unsigned rooms;
	unsigned members; /* connections in each room */
	unsigned senders; /* how many of them post */
	unsigned connections;
	unsigned connecting; /* at the same time, in each worker */
	unsigned connections_per_source;
	double rate; /* posts a second of all senders; 0: see window */
	unsigned
	    window;     /* posts that each sender has in flight; 0: open loop */
	unsigned bytes; /* of a post's text */
	unsigned missed; /* posts in each room that await those who return */
	unsigned logins; /* under way at the same time, while others talk */
	const char *rooms_from; /* file of their ids; NULL: they are made */
	bool has_random_ids;    /* of posts; else they sort by time */
	unsigned warm_up_s;
	unsigned seconds;
	unsigned patience_s; /* for connections, and for what is under way */
	uint32_t run;        /* its number, random */
	const char *json;    /* file of the figures; "-": stdout; NULL: none */
	struct processes processes;
};

/* A connection's room, and its place there: the first ones are the senders. */
static inline unsigned
plan_room(const struct plan *plan, unsigned connection)
{
	return connection / plan->members;
}

static inline unsigned
plan_slot(const struct plan *plan, unsigned connection)
{
	return connection % plan->members;
}

static inline bool
plan_is_sender(const struct plan *plan, unsigned connection)
{
	return plan_slot(plan, connection) < plan->senders;
}

/* Processes that make load: the workers, and the one that logs in. */
static inline unsigned
plan_processes(const struct plan *plan)
{
	return plan->workers + (plan->logins > 0 ? 1 : 0);
}

/* Reads the command line into *plan. -1 to go on, or the exit status after a
 * message on stderr. */
int plan_read(struct plan *plan, int argc, char **argv);

#endif
