/* SPDX-License-Identifier: MIT */
/* auth/room_keys.h - the keys of sealed rooms: what opens one, and what its
 * messages are encrypted with.
 *
 * Both follow from one master secret and the room's id (HKDF, RFC 5869), so
 * that none of them is kept and the same room always has the same ones. The
 * master secret is made once and lives in auth.db: no backup has one without
 * the other, and nothing of it lies beside the messages.
 */
#ifndef PARLEY_AUTH_ROOM_KEYS_H
#define PARLEY_AUTH_ROOM_KEYS_H

#include "auth/database.h"
#include "proto/base64url.h"

#define ROOM_KEY_BYTES 32
#define JOIN_KEY_BYTES 24

/* Characters of a join key, and room for its NUL. */
#define JOIN_KEY_TEXT_BYTES (BASE64URL_CHARACTERS(JOIN_KEY_BYTES) + 1)

struct room_keys;

/* Reads the master secret of `db`, which is made if there is none. NULL after a
 * log line. */
struct room_keys *room_keys_open(struct database *db);

/* Wipes it; NULL is fine. */
void room_keys_free(struct room_keys **keys);

/* Writes the join key of a room, and its encryption key. False if there is no
 * memory. The caller wipes what it got. */
bool room_keys_join(const struct room_keys *keys, const struct uuid *room,
		    char into[JOIN_KEY_TEXT_BYTES]);
bool room_keys_encryption(const struct room_keys *keys, const struct uuid *room,
			  uint8_t into[ROOM_KEY_BYTES]);

#endif
