/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/compare.h - whether a daemon answers as it did.
 *
 * Left out is what no two runs have in common: times, the running numbers of
 * messages over all rooms, of events and of processes, how far a room had come
 * when it was read, and secrets. Ids that
 * the daemon makes may be others, but each stands for one and the same.
 */
#ifndef PARLEY_TOOLS_TAP_COMPARE_H
#define PARLEY_TOOLS_TAP_COMPARE_H

#include "tools/parley-tap/ids.h"

/* Whether `now` says what `was` said; learns ids on the way. Appends to
 * `differing` the names of fields that differ, each with a blank before it.
 * 0: they agree, 1: they differ, -1 with errno ENOMEM. */
int answers_compare(struct ids *ids, const struct frame *was,
		    const struct frame *now, struct buffer *differing);

#endif
