/* SPDX-License-Identifier: MIT */
/* auth/sessions.c - rows of sessions and of revoked tokens. */
#include "auth/sessions.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#define TOKEN_BYTES 32

static struct slice
hash_token(struct slice token, uint8_t hash[SHA256_DIGEST_LENGTH])
{
	SHA256((const uint8_t *)token.at, token.n, hash);
	return (struct slice){ (const char *)hash, SHA256_DIGEST_LENGTH };
}

/* Writes a new token; its hash is what is kept. */
static struct slice
make_token(char token[SESSION_TOKEN_BYTES], uint8_t hash[SHA256_DIGEST_LENGTH])
{
	uint8_t bytes[TOKEN_BYTES];

	random_bytes(bytes, sizeof bytes);
	base64url_encode(bytes, sizeof bytes, token);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return hash_token(slice_of(token), hash);
}

bool
sessions_add(struct database *db, uint64_t user, uint64_t now_ms,
	     struct session *session, char token[SESSION_TOKEN_BYTES])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	uuid_make_v4(&session->id);
	session->user = user;
	session->expires_at_ms = now_ms + SESSION_MS;
	return database_run(db, ASK_session_add, "ubiii", &session->id,
			    make_token(token, hash), user, now_ms,
			    session->expires_at_ms);
}

bool
sessions_keep(struct database *db, const struct session *session,
	      enum session_kind kind, struct slice label, uint64_t now_ms,
	      char token[SESSION_TOKEN_BYTES])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	return database_run(db, ASK_session_keep, "ubiiiit", &session->id,
			    make_token(token, hash), session->user, now_ms,
			    session->expires_at_ms, (uint64_t)kind, label);
}

uint64_t
sessions_end_all(struct database *db, uint64_t user, enum session_kind last,
		 uint64_t now_ms)
{
	sqlite3_stmt *q = database_ask(db, ASK_session_count, "iii", user,
				       (uint64_t)last, now_ms);
	uint64_t lived = database_row(db, q) ? database_number(q, 0) : 0;

	database_end(q);
	database_run(db, ASK_session_end_all, "ii", user, (uint64_t)last);
	return lived;
}

/* Ends the statement. */
static bool
read_session(struct database *db, sqlite3_stmt *q, uint64_t now_ms,
	     struct session *session)
{
	bool found = database_row(db, q);

	if (found) {
		session->id = database_uuid(q, 0);
		session->user = database_number(q, 1);
		session->expires_at_ms = database_number(q, 2);
	}
	database_end(q);
	return found && session->expires_at_ms > now_ms;
}

bool
sessions_find_token(struct database *db, struct slice token, uint64_t now_ms,
		    struct session *session)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	sqlite3_stmt *q;

	if (token.n != SESSION_TOKEN_BYTES - 1)
		return false;
	q = database_ask(db, ASK_session_by_token, "b",
			 hash_token(token, hash));
	return read_session(db, q, now_ms, session);
}

bool
sessions_find_id(struct database *db, const struct uuid *id, uint64_t now_ms,
		 struct session *session)
{
	return read_session(db, database_ask(db, ASK_session_by_id, "u", id),
			    now_ms, session);
}

void
sessions_end(struct database *db, const struct uuid *id)
{
	database_run(db, ASK_session_end, "u", id);
}

/* RFC 9562 5.8: version 8 is for makers of their own. */
void
sessions_foreign_id(struct uuid *id, struct slice token)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	hash_token(token, hash);
	memcpy(id->bytes, hash, sizeof id->bytes);
	id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | 0x80);
	id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
}

bool
sessions_is_foreign(const struct uuid *id)
{
	return id->bytes[6] >> 4 == 8;
}

void
sessions_revoke_foreign(struct database *db, const struct uuid *id,
			uint64_t expires_at_ms)
{
	database_run(db, ASK_foreign_revoke, "ui", id, expires_at_ms);
}

bool
sessions_is_valid(struct database *db, const struct uuid *id, uint64_t now_ms)
{
	if (sessions_is_foreign(id))
		return !database_has(db, ASK_foreign_is_revoked, "u", id);
	return database_has(db, ASK_session_is_live, "ui", id, now_ms);
}

void
sessions_sweep(struct database *db, uint64_t now_ms)
{
	database_run(db, ASK_session_sweep, "i", now_ms);
	database_run(db, ASK_foreign_sweep, "i", now_ms);
}
