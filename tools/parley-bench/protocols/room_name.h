/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/room_name.h - what a connection's room is called
 * where rooms have names, and for %r in a path.
 */
#ifndef PARLEY_TOOLS_BENCH_ROOM_NAME_H
#define PARLEY_TOOLS_BENCH_ROOM_NAME_H

#include "tools/parley-bench/worker.h"

#include <stdio.h>

#define ROOM_NAME_BYTES 32 /* with the NUL */

static inline struct slice
room_name(const struct conn *conn, char into[ROOM_NAME_BYTES])
{
	const struct plan *plan = conn->worker->plan;
	int n = snprintf(into, ROOM_NAME_BYTES, "bench-%08x-%u", plan->run,
			 plan_room(plan, conn->number));

	return (struct slice){ into, (size_t)n };
}

#endif
