/* SPDX-License-Identifier: MIT */
/* auth/sessions.h - what a log-in opens and a log-out ends, and the tokens of
 * others that were ended before their time.
 *
 * A session has an opaque token, of which only the SHA-256 is kept, and an id
 * (a version 4 UUID) that our JWTs carry. A token that somebody else signed has
 * no session: its id is made of its SHA-256 (a version 8 UUID), so that the two
 * can be told apart.
 */
#ifndef PARLEY_AUTH_SESSIONS_H
#define PARLEY_AUTH_SESSIONS_H

#include "auth/database.h"
#include "proto/base64url.h"

#define SESSION_DAYS 30
#define SESSION_MS   (SESSION_DAYS * 86400000ull)

/* Characters of a token, and room for its NUL. */
#define SESSION_TOKEN_BYTES (BASE64URL_CHARACTERS(32) + 1)

struct session {
	struct uuid id;
	uint64_t user; /* number */
	uint64_t expires_at_ms;
};

/* What a session was opened by; the last two by a tool, with a label. */
enum session_kind { SESSION_LOGIN, SESSION_MINTED, SESSION_BOT };

/* Opens a session and writes its token. False if the database failed. */
bool sessions_add(struct database *db, uint64_t user, uint64_t now_ms,
		  struct session *session, char token[SESSION_TOKEN_BYTES]);

/* Keeps a session as it is given, in place of one with its id, and writes its
 * token. False if the database failed. */
bool sessions_keep(struct database *db, const struct session *session,
		   enum session_kind kind, struct slice label, uint64_t now_ms,
		   char token[SESSION_TOKEN_BYTES]);

/* Ends those of a user that are of `last` or a kind before it. Returns how many
 * lived. */
uint64_t sessions_end_all(struct database *db, uint64_t user,
			  enum session_kind last, uint64_t now_ms);

/* False if there is none that lives, or if the database failed. */
bool sessions_find_token(struct database *db, struct slice token,
			 uint64_t now_ms, struct session *session);
bool sessions_find_id(struct database *db, const struct uuid *id,
		      uint64_t now_ms, struct session *session);

/* Ends a session; one that is over is fine. */
void sessions_end(struct database *db, const struct uuid *id);

/* The id of a foreign token, and whether an id is of that kind. */
void sessions_foreign_id(struct uuid *id, struct slice token);
bool sessions_is_foreign(const struct uuid *id);

/* Ends a foreign token until it has expired by itself. */
void sessions_revoke_foreign(struct database *db, const struct uuid *id,
			     uint64_t expires_at_ms);

/* Whether what has this id, of either kind, may go on. */
bool sessions_is_valid(struct database *db, const struct uuid *id,
		       uint64_t now_ms);

/* Removes what is over. */
void sessions_sweep(struct database *db, uint64_t now_ms);

#endif
