/* SPDX-License-Identifier: MIT */
/* auth/jwt.h - JSON Web Tokens (RFC 7519) signed with HS256 (RFC 7518 3.2).
 *
 * The algorithm is ours, not the token's: the signature is checked before
 * anything of the token is read, and the header must then say the same. Bytes
 * in, claims out: what the claims mean is for others.
 */
#ifndef PARLEY_AUTH_JWT_H
#define PARLEY_AUTH_JWT_H

#include "auth/secrets.h"
#include "proto/names.h"
#include "proto/slice.h"
#include "proto/uuid.h"

#include <stdint.h>

#define JWT_BYTES_MAX 8192

/* Clocks of others may differ by so much, in seconds. */
#define JWT_LEEWAY_S 30

struct jwt_claims {
	struct uuid user;                  /* nil: not named */
	uint64_t user_number;              /* 0: not named */
	char username[NAME_MAX_BYTES + 1]; /* empty: not named */
	struct uuid session;               /* nil: not one of ours */
	uint64_t expires_at;               /* seconds since 1970 */
};

enum jwt_result {
	JWT_GOOD,
	JWT_MALFORMED,
	JWT_WRONG_SIGNATURE,
	JWT_WRONG_HEADER,
	JWT_WRONG_CLAIMS,
	JWT_EXPIRED,
	JWT_NOT_YET,
};

/* Reads `token` into *claims if it is signed by one of the secrets and holds
 * now. Claims that we know must be of their type, the others are ignored.
 * `user` comes from `sub` or, where that is a UUID, from `user_id`; no more
 * than one of user and user_number may be missing. */
enum jwt_result jwt_read(struct jwt_claims *claims, struct slice token,
			 const struct secrets *secrets, uint64_t now_s);

/* A result in words for people. */
const char *jwt_result_text(enum jwt_result result);

/* Writes a token with these claims, its own id and the time, signed by the
 * first secret, and a NUL. False if there is no memory or no room. */
bool jwt_sign(const struct jwt_claims *claims, const struct secrets *secrets,
	      uint64_t now_s, char *into, size_t room);

#endif
