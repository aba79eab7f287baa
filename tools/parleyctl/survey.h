/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/survey.h - what all daemons told of themselves at one moment,
 * and what has grown since another one.
 *
 * A daemon that began anew in between has not grown: what it counts began at 0.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_SURVEY_H
#define PARLEY_TOOLS_PARLEYCTL_SURVEY_H

#include "proto/frame.h"
#include "tools/parleyctl/distribution.h"

#include <stdint.h>

#define DAEMON_NAME_BYTES 33

enum daemon_state {
	DAEMON_AWAY, /* it does not run, as far as can be seen from here */
	DAEMON_HUNG, /* its process is there and says nothing */
	DAEMON_UP,   /* it has told its metrics */
};

struct surveyed {
	char name[DAEMON_NAME_BYTES]; /* the instance: gateway.2 */
	enum party kind;
	enum daemon_state state;
	bool is_asked;
	uint64_t heard_us; /* when it had told all, by the clock of the loop */
	struct samples samples;
};

/* All zero is an empty one. */
struct survey {
	struct surveyed *daemons;
	size_t n, room;
	double at; /* seconds since 1970 */
};

/* Whether it is the kind of a daemon, and of one alone. */
bool survey_is_daemon(enum party kind);

/* The one of that name, added if need be; pointers to others may change. NULL
 * if there is no memory, or the name is no name. */
struct surveyed *survey_add(struct survey *survey, struct slice name,
			    enum party kind);

/* NULL if there is none. */
const struct surveyed *survey_find(const struct survey *survey,
				   const char *name);

/* Puts them into the order of kinds, gateways first, and instances. */
void survey_sort(struct survey *survey);

void survey_fini(struct survey *survey);

/* --- Of one daemon. NAN: not known. */

/* The sum of a metric, over all its words if `word` is NULL. */
double surveyed_sum(const struct surveyed *daemon, const char *metric,
		    const char *word);

/* For how long it has been running, in seconds. */
double surveyed_age(const struct surveyed *daemon, const struct survey *survey);

/* How much a counter has grown a second since `before`, which may be NULL. */
double surveyed_rate(const struct surveyed *before, const struct surveyed *now,
		     const char *metric);

/* Adds what a histogram has grown by since `before`, which may be NULL: nothing
 * then. */
void surveyed_growth(const struct surveyed *before, const struct surveyed *now,
		     const char *metric, struct distribution *into);

/* --- Of all daemons of a kind that are up; of which NAN is left out. */

double survey_sum(const struct survey *survey, enum party kind,
		  const char *metric, const char *word);
double survey_rate(const struct survey *before, const struct survey *now,
		   enum party kind, const char *metric);

/* A histogram since their starts, or since `before` if that is not NULL. */
void survey_distribution(const struct survey *before, const struct survey *now,
			 enum party kind, const char *metric,
			 struct distribution *into);

/* How many there are, and how many of them are up. */
size_t survey_count(const struct survey *survey, enum party kind, bool is_up);

#endif
