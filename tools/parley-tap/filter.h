/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/filter.h - which frames somebody wants to see.
 *
 * By room and user are meant the frames that have the id in any field, and the
 * answers to those, which often name neither.
 */
#ifndef PARLEY_TOOLS_TAP_FILTER_H
#define PARLEY_TOOLS_TAP_FILTER_H

#include "tools/parley-tap/heard.h"

/* Requests whose answers are wanted too; older ones give way. */
#define FILTER_REQUESTS 1024

struct filter_request {
	char daemon[DAEMON_BYTES_MAX];
	char peer[DAEMON_BYTES_MAX];
	bool was_in;
	uint64_t id;
};

/* All zero takes all but what keeps links alive. */
struct filter {
	const char *daemons;   /* separated by spaces; NULL or empty: all */
	char *const *subjects; /* see subject.h; none: all */
	int subject_n;
	struct uuid room; /* nil: any */
	struct uuid user; /* nil: any */
	bool pulses;      /* ping, pong and batch as well */
	struct filter_request requests[FILTER_REQUESTS];
};

/* Whether `name` is one of the words of `list`. */
bool filter_names(const char *list, struct slice name);

/* Whether the frame is wanted; remembers requests. */
bool filter_takes(struct filter *filter, const struct heard *heard);

#endif
