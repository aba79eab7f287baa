/* SPDX-License-Identifier: MIT */
/* store/hook_rows.h - the table of hooks, as parts of frames.
 *
 * How far a hook is stands in its row; what it still has to deliver is the
 * history of its room behind that. Texts lie in the store's arena.
 */
#ifndef PARLEY_STORE_HOOK_ROWS_H
#define PARLEY_STORE_HOOK_ROWS_H

#include "store/rooms.h"

/* The hook, with its secret. False if there is none, or trouble. */
bool hook_rows_find(struct store *store, const struct uuid *hook,
		    struct frame_hook_info *info);

/* The hooks of a room (NULL: of all), by id, from behind `after` on, into
 * `infos` of `limit` places; *more says whether that is not all. */
size_t hook_rows_list(struct store *store, const struct room *room,
		      const struct uuid *after, struct frame_hook_info *infos,
		      size_t limit, bool *more);

size_t hook_rows_count(struct store *store, const struct room *room);

/* Writes a new row, which `room` has and user `actor_no` made; or what may
 * change of one that is there. False: trouble. */
bool hook_rows_add(struct store *store, const struct room *room,
		   int64_t actor_no, const struct frame_hook_info *info);
bool hook_rows_set(struct store *store, const struct frame_hook_info *info);

#endif
