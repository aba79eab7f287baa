/* SPDX-License-Identifier: MIT */
/* auth/passwords.c - argon2id through libargon2 (RFC 9106). */
#include "auth/passwords.h"

#include "proto/uuid.h"

#include <argon2.h>

#define PASSES     2
#define MEMORY_KIB 19456
#define LANES      1
#define SALT_BYTES 16
#define HASH_BYTES 32

/* What every encoded hash of these parameters begins with. */
static const char current[] = "$argon2id$v=19$m=19456,t=2,p=1$";

bool
password_is_valid(struct slice password)
{
	size_t characters = 0;

	/* Each byte that is no continuation of UTF-8 begins a character. */
	for (size_t i = 0; i < password.n; i++)
		characters += ((uint8_t)password.at[i] & 0xc0) != 0x80;
	return characters >= PASSWORD_CHARACTERS_MIN &&
	       password.n <= PASSWORD_BYTES_MAX;
}

bool
password_hash(struct slice password, char into[PASSWORD_HASH_BYTES])
{
	uint8_t salt[SALT_BYTES];

	random_bytes(salt, sizeof salt);
	return argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.at,
				     password.n, salt, sizeof salt, HASH_BYTES,
				     into, PASSWORD_HASH_BYTES) == ARGON2_OK;
}

enum password_result
password_verify(struct slice password, const char *hash)
{
	switch (argon2id_verify(hash, password.at, password.n)) {
	case ARGON2_OK:
		return PASSWORD_RIGHT;
	case ARGON2_VERIFY_MISMATCH:
		return PASSWORD_WRONG;
	default:
		return PASSWORD_UNKNOWN;
	}
}

bool
password_hash_is_old(const char *hash)
{
	return strncmp(hash, current, sizeof current - 1) != 0;
}
