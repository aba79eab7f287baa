/* SPDX-License-Identifier: MIT */
/* auth/room_keys.c - the master secret, and what is derived from it.
 *
 * What each key is for goes into its derivation: who has the one learns nothing
 * of the other.
 */
#include "auth/room_keys.h"

#include "proto/log.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

#define MASTER_BYTES 32

/* For ever: other words are other keys for all rooms that there are. */
#define JOIN_PURPOSE       "parley join key v1"
#define ENCRYPTION_PURPOSE "parley room key v1"

static const char row[] = "room_keys"; /* in the table of secrets */

struct room_keys {
	EVP_KDF *kdf;
	uint8_t master[MASTER_BYTES];
};

/* --- The master secret */

static bool
read_master(struct room_keys *keys, struct database *db)
{
	sqlite3_stmt *q = database_ask(db, ASK_secret_get, "t", slice_of(row));
	struct slice master = { NULL, 0 };
	bool found = false;

	if (database_row(db, q)) {
		master = database_bytes(q, 0);
		found = master.n == sizeof keys->master;
	}
	if (found)
		memcpy(keys->master, master.at, sizeof keys->master);
	database_end(q);
	return found;
}

/* A master of another size breaks the row's constraint and stays as it is. */
static bool
make_master(struct room_keys *keys, struct database *db)
{
	random_bytes(keys->master, sizeof keys->master);
	return database_run(
	    db, ASK_secret_add, "tb", slice_of(row),
	    (struct slice){ (const char *)keys->master, sizeof keys->master });
}

static bool
get_master(struct room_keys *keys, struct database *db)
{
	if (!database_begin(db, true))
		return false;
	if (!read_master(keys, db))
		make_master(keys, db);
	return database_commit(db);
}

struct room_keys *
room_keys_open(struct database *db)
{
	struct room_keys *keys = calloc(1, sizeof *keys);

	if (keys == NULL) {
		log_error("no_room_keys", KT("error", strerror(errno)));
		return NULL;
	}
	keys->kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	if (keys->kdf != NULL && get_master(keys, db))
		return keys;
	log_error("no_room_keys",
		  KT("error", keys->kdf == NULL
				  ? "OpenSSL has no HKDF"
				  : "auth.db cannot be read or written"));
	room_keys_free(&keys);
	return NULL;
}

void
room_keys_free(struct room_keys **keys)
{
	struct room_keys *k = *keys;

	if (k == NULL)
		return;
	OPENSSL_cleanse(k->master, sizeof k->master);
	EVP_KDF_free(k->kdf);
	free(k);
	*keys = NULL;
}

/* --- What is derived */

static bool
derive(const struct room_keys *keys, const char *purpose,
       const struct uuid *room, uint8_t *into, size_t n)
{
	char info[sizeof JOIN_PURPOSE + sizeof ENCRYPTION_PURPOSE +
		  sizeof *room];
	size_t purpose_n = strlen(purpose);
	EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(keys->kdf);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)"SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
						  (void *)keys->master,
						  sizeof keys->master),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
						  purpose_n + sizeof *room),
		OSSL_PARAM_construct_end(),
	};
	bool derived;

	memcpy(info, purpose, purpose_n);
	memcpy(info + purpose_n, room, sizeof *room);
	derived = kdf != NULL && EVP_KDF_derive(kdf, into, n, params) > 0;
	EVP_KDF_CTX_free(kdf);
	return derived;
}

bool
room_keys_join(const struct room_keys *keys, const struct uuid *room,
	       char into[JOIN_KEY_TEXT_BYTES])
{
	uint8_t bytes[JOIN_KEY_BYTES];

	if (!derive(keys, JOIN_PURPOSE, room, bytes, sizeof bytes))
		return false;
	base64url_encode(bytes, sizeof bytes, into);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return true;
}

bool
room_keys_encryption(const struct room_keys *keys, const struct uuid *room,
		     uint8_t into[ROOM_KEY_BYTES])
{
	return derive(keys, ENCRYPTION_PURPOSE, room, into, ROOM_KEY_BYTES);
}
