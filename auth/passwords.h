/* SPDX-License-Identifier: MIT */
/* auth/passwords.h - password hashes: argon2id with OWASP's first parameters.
 *
 * A hash costs some 24 ms and 19 MiB: it is made on a worker thread. The
 * encoded form carries its own parameters, so that they can be raised later.
 */
#ifndef PARLEY_AUTH_PASSWORDS_H
#define PARLEY_AUTH_PASSWORDS_H

#include "proto/slice.h"

#include <stdbool.h>

#define PASSWORD_CHARACTERS_MIN 8
#define PASSWORD_BYTES_MAX      1024

/* Room for an encoded hash and its NUL. */
#define PASSWORD_HASH_BYTES 128

/* Whether `password` may be one: long enough in characters, and not longer in
 * bytes than is hashed. */
bool password_is_valid(struct slice password);

/* Hashes with a new salt. False if there is no memory. */
bool password_hash(struct slice password, char into[PASSWORD_HASH_BYTES]);

enum password_result { PASSWORD_WRONG, PASSWORD_RIGHT, PASSWORD_UNKNOWN };

/* PASSWORD_UNKNOWN: there was no memory to tell, or `hash` is none. */
enum password_result password_verify(struct slice password, const char *hash);

/* Whether `hash` was made with other parameters than are used now. */
bool password_hash_is_old(const char *hash);

#endif
