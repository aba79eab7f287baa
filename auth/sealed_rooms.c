/* SPDX-License-Identifier: MIT */
/* auth/sealed_rooms.c - rows of sealed_rooms. */
#include "auth/sealed_rooms.h"

#include <openssl/sha.h>

static struct slice
hash_key(struct slice join_key, uint8_t hash[SHA256_DIGEST_LENGTH])
{
	SHA256((const uint8_t *)(join_key.n == 0 ? "" : join_key.at),
	       join_key.n, hash);
	return (struct slice){ (const char *)hash, SHA256_DIGEST_LENGTH };
}

/* Ends the statement. */
static bool
read_room(struct database *db, sqlite3_stmt *q, struct sealed_room *found)
{
	bool there = database_row(db, q);
	struct slice password;

	memset(found, 0, sizeof *found);
	if (there) {
		found->room = database_uuid(q, 0);
		password = database_text(q, 1);
		if (password.n > 0 && password.n < sizeof found->password)
			memcpy(found->password, password.at, password.n);
		found->client_key = database_number(q, 2) != 0;
	}
	database_end(q);
	return there;
}

bool
sealed_rooms_find(struct database *db, const struct uuid *room,
		  struct sealed_room *found)
{
	return read_room(db, database_ask(db, ASK_sealed_by_id, "u", room),
			 found);
}

bool
sealed_rooms_find_key(struct database *db, struct slice join_key,
		      struct sealed_room *found)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	return read_room(
	    db,
	    database_ask(db, ASK_sealed_by_key, "b", hash_key(join_key, hash)),
	    found);
}

bool
sealed_rooms_add(struct database *db, const struct sealed_room *fresh,
		 struct slice join_key)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	return database_run(db, ASK_sealed_add, "ubti", &fresh->room,
			    hash_key(join_key, hash), slice_of(fresh->password),
			    (uint64_t)fresh->client_key);
}

void
sealed_rooms_renew_password(struct database *db, const struct uuid *room,
			    const char *hash)
{
	database_run(db, ASK_sealed_password, "ut", room, slice_of(hash));
}
