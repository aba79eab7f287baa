/* SPDX-License-Identifier: MIT */
/* store/deeds.h - what was done to users of a room by whom: a row beside the
 * change that it made, for gateways that missed the event.
 *
 * A deed is found again by the id that its asker gave it, so that a request
 * that comes twice is done once.
 */
#ifndef PARLEY_STORE_DEEDS_H
#define PARLEY_STORE_DEEDS_H

#include "store/rooms.h"

/* Remembers the deed that made the room's newest change: `told` is the event.
 * False: trouble. Writes. */
bool deeds_add(struct store *store, const struct room *room,
	       const struct frame_moderate *wish, int64_t actor_no,
	       const struct frame_moderated *told);

/* Whether the wish was fulfilled before; then *answer is as it was then. */
bool deeds_find(struct store *store, const struct room *room,
		const struct frame_moderate *wish, struct frame *answer);

/* Reads DEED_COLUMNS (statements.def), which begin at `column`, into *change;
 * all null where the change was no deed. */
void deeds_read(struct store *store, sqlite3_stmt *q, int column,
		struct frame_change *change);

#endif
