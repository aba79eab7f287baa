/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/ledger.h - what each connection ought to have heard, and
 * has.
 */
#ifndef PARLEY_TOOLS_BENCH_LEDGER_H
#define PARLEY_TOOLS_BENCH_LEDGER_H

#include "tools/parley-bench/conn.h"
#include "tools/parley-bench/marker.h"

/* A post has come at `now_us`. */
void ledger_hear(struct conn *conn, const struct marker *marker,
		 uint64_t now_us);

/* Whether it has heard all that was sent so far in its room. */
bool ledger_is_current(const struct conn *conn);

/* Counts what it has not heard. */
void ledger_settle(struct conn *conn);

#endif
