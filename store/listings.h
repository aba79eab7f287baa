/* SPDX-License-Identifier: MIT */
/* store/listings.h - rooms as one user sees them, singly and in pages.
 *
 * Sealed rooms are listed nowhere and found by nothing but their id, where it
 * is asked for as that of one; private and direct ones for their members alone.
 */
#ifndef PARLEY_STORE_LISTINGS_H
#define PARLEY_STORE_LISTINGS_H

#include "store/store.h"

/* One room, whatever its kind, in the store's arena; NULL if there is none, or
 * trouble. */
struct frame_room_info *listings_room(struct store *store,
				      const struct uuid *user,
				      const struct uuid *room);

/* Acts. */
void listings_get_memberships(struct store *store, const struct frame *request,
			      struct frame *answer);
void listings_get_rooms(struct store *store, const struct frame *request,
			struct frame *answer);
void listings_get_room(struct store *store, const struct frame *request,
		       struct frame *answer);
void listings_get_unread(struct store *store, const struct frame *request,
			 struct frame *answer);

#endif
