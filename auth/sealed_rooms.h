/* SPDX-License-Identifier: MIT */
/* auth/sealed_rooms.h - which join key and which password open which room.
 *
 * Of a join key only the SHA-256 is kept: it is random enough to need no slow
 * hash, and the table tells nobody how to get in.
 */
#ifndef PARLEY_AUTH_SEALED_ROOMS_H
#define PARLEY_AUTH_SEALED_ROOMS_H

#include "auth/database.h"
#include "auth/passwords.h"

struct sealed_room {
	struct uuid room;
	char password[PASSWORD_HASH_BYTES]; /* empty: none is asked for */
	bool client_key;                    /* its clients make its key */
};

/* False if there is none, or if the database failed: it remembers. */
bool sealed_rooms_find(struct database *db, const struct uuid *room,
		       struct sealed_room *found);
bool sealed_rooms_find_key(struct database *db, struct slice join_key,
			   struct sealed_room *found);

/* Adds a room that is not there yet. False if the database failed. */
bool sealed_rooms_add(struct database *db, const struct sealed_room *fresh,
		      struct slice join_key);

/* Replaces the hash of the same password by a stronger one. */
void sealed_rooms_renew_password(struct database *db, const struct uuid *room,
				 const char *hash);

#endif
