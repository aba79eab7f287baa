/* SPDX-License-Identifier: MIT */
/* auth/tokens.h - whom a token names: a JWT of ours, one that an embedding
 * application signed, or the opaque token of a session.
 *
 * An application's token brings its user along: one never seen is added, one
 * with a new name is renamed. All else only reads.
 */
#ifndef PARLEY_AUTH_TOKENS_H
#define PARLEY_AUTH_TOKENS_H

#include "auth/jwt.h"
#include "auth/sessions.h"
#include "auth/users.h"

/* The places where a client can show one: header, query, cookie. */
#define TOKENS_MAX 3

/* How long our JWTs are good for, and room for one with its NUL. */
#define TOKEN_SECONDS 3600
#define TOKEN_BYTES   2048

struct identity {
	struct user user;
	struct uuid session;    /* or what stands for it: see sessions.h */
	uint64_t expires_at_ms; /* of the token */
	bool is_foreign;        /* has no session of ours */
};

struct identities {
	struct identity each[TOKENS_MAX]; /* of the same user */
	size_t n;
	const char *why; /* TOKENS_REFUSED: in words for people */
};

enum tokens_result {
	TOKENS_GOOD,
	TOKENS_REFUSED,
	TOKENS_MUST_WRITE, /* the same again in a transaction that writes */
	TOKENS_UNAVAILABLE,
};

/* Looks up the tokens that are not empty, within the caller's transaction. At
 * least one must be shown, all must be good and name one user. */
enum tokens_result tokens_identify(struct database *db,
				   const struct secrets *secrets,
				   const struct slice shown[TOKENS_MAX],
				   uint64_t now_ms, bool may_write,
				   struct identities *found);

/* Writes a new JWT of a session that ends at `end_s`. False if there is no
 * memory. */
bool tokens_sign(const struct secrets *secrets, const struct user *user,
		 const struct uuid *session, uint64_t end_s, uint64_t now_s,
		 char into[TOKEN_BYTES]);

/* Writes a new JWT of a session and sets the seconds that it is good for. False
 * if there is no memory. */
bool tokens_issue(const struct secrets *secrets, const struct user *user,
		  const struct uuid *session, uint64_t session_end_ms,
		  uint64_t now_ms, char into[TOKEN_BYTES],
		  uint64_t *expires_in_s);

#endif
