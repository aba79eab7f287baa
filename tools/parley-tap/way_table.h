/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/way_table.h - a message's way as a table, or as JSON.
 */
#ifndef PARLEY_TOOLS_TAP_WAY_TABLE_H
#define PARLEY_TOOLS_TAP_WAY_TABLE_H

#include "tools/parley-tap/hops.h"
#include "tools/parley-tap/lines.h"
#include "tools/parley-tap/taps.h"

/* Appends each hop with when it was, since the first one, and how long it took,
 * since the one that it follows from; and what is missing. `taps` are those
 * that were listened to (NULL: a recording), `lost` the frames that were lost
 * meanwhile. 0, or -1 with errno ENOMEM. */
int way_table_append(struct buffer *into, const struct style *style,
		     const struct way *way, const struct taps *taps,
		     uint64_t lost);

/* Appends a time as people read it: 850 µs, 1.20 ms, 2.5 s. 0, or -1 with errno
 * ENOMEM. */
int way_append_us(struct buffer *into, uint64_t us);

#endif
