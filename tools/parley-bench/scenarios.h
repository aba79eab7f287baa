/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/scenarios.h - the runs that have a name, and what they set
 * where the command line does not.
 */
#ifndef PARLEY_TOOLS_BENCH_SCENARIOS_H
#define PARLEY_TOOLS_BENCH_SCENARIOS_H

#include "tools/parley-bench/plan.h"

#include <stdio.h>

struct scenario {
	const char *name;
	const char *summary;
	enum exercise exercise;
	unsigned rooms, members, senders;
	double rate;
	unsigned missed, logins;
};

/* NULL if there is none of that name. */
const struct scenario *scenario_find(const char *name);

/* A line for each, for --help. */
void scenario_list(FILE *out);

#endif
