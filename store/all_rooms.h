/* SPDX-License-Identifier: MIT */
/* store/all_rooms.h - rooms as administration sees them: of every kind, whoever
 * is a member.
 */
#ifndef PARLEY_STORE_ALL_ROOMS_H
#define PARLEY_STORE_ALL_ROOMS_H

#include "store/store.h"

/* Acts. The second is rooms_create(), and tells in the log of what a tool has
 * made. */
void all_rooms_list(struct store *store, const struct frame *request,
		    struct frame *answer);
void all_rooms_create(struct store *store, const struct frame *request,
		      struct frame *answer);

#endif
