/* SPDX-License-Identifier: MIT */
/* store/invites.h - codes that open a room to whoever shows one.
 *
 * They count while the room's visibility is by invite, until their end. Of a
 * code only its SHA-256 is kept: what the file tells opens nothing.
 */
#ifndef PARLEY_STORE_INVITES_H
#define PARLEY_STORE_INVITES_H

#include "store/rooms.h"

#define INVITES_MAX 100 /* of one room */

/* Whether this code, which may be empty, opens the room. */
bool invites_open(struct store *store, const struct room *room,
		  struct slice code);

/* Acts. */
void invites_make(struct store *store, const struct frame *request,
		  struct frame *answer);
void invites_revoke(struct store *store, const struct frame *request,
		    struct frame *answer);
void invites_list(struct store *store, const struct frame *request,
		  struct frame *answer);

#endif
