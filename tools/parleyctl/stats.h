/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/stats.h - the table of what `stats` tells, as JSON and in
 * words.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_STATS_H
#define PARLEY_TOOLS_PARLEYCTL_STATS_H

#include "tools/parleyctl/survey.h"

#include <jansson.h>

enum stat_form {
	STAT_COUNT,
	STAT_BYTES,
	STAT_WORDS,
	STAT_TIMES,
	STAT_SIZES,
	STAT_TROUBLE,
};

struct stat_row {
	enum party kind;
	enum stat_form form;
	const char *key;
	const char *title;
	const char *metric;
};

/* Ends with { 0 }. */
extern const struct stat_row stat_rows[];

/* "up", "hung", "away" */
const char *stats_state_name(enum daemon_state state);

/* Kinds in the order of telling: NULL behind the last. */
const char *stats_kind(size_t i, enum party *kind);

/* The object that --json prints; NULL if there is no memory. */
json_t *stats_json(const struct survey *survey);

/* The same for people, from that object. */
void stats_print(const struct survey *survey, const json_t *stats);

#endif
