/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/report.h - a run's figures, for people and for programs.
 */
#ifndef PARLEY_TOOLS_BENCH_REPORT_H
#define PARLEY_TOOLS_BENCH_REPORT_H

#include "tools/parley-bench/conductor.h"

/* A table on stdout. */
void report_table(const struct plan *plan, const struct outcome *outcome);

/* The same as JSON into the plan's file, if there is one. 0, or -1 after a word
 * on stderr. */
int report_json(const struct plan *plan, const struct outcome *outcome);

/* Whether nothing was lost, told twice, refused or dropped. */
bool report_is_clean(const struct outcome *outcome);

#endif
