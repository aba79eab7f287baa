/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/logins.h - accounts that log in with their passwords again
 * and again while others talk. A process of its own does it, beside the
 * workers.
 */
#ifndef PARLEY_TOOLS_BENCH_LOGINS_H
#define PARLEY_TOOLS_BENCH_LOGINS_H

#include "tools/parley-bench/shared.h"

/* Makes an account for each login that is under way at the same time. 0, or -1
 * after a word on stderr. */
int logins_prepare(const struct plan *plan);

/* Logs in from the warm-up until nobody posts any more: who is answered asks
 * again at once. Counts in `tally`. Returns the exit status. */
int logins_run(const struct plan *plan, struct shared *shared,
	       struct tally *tally);

#endif
