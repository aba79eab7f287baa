/* SPDX-License-Identifier: MIT */
/* auth/secrets.h - the keys that sign JWTs: the first one signs, all verify.
 *
 * More than one is how a key is changed without ending every session: the new
 * one is put first, the old one leaves once its last token has expired.
 */
#ifndef PARLEY_AUTH_SECRETS_H
#define PARLEY_AUTH_SECRETS_H

#include "proto/slice.h"

#include <stdint.h>

/* The least that is taken, and what RFC 7518 3.2 wants for HS256. */
#define SECRET_BYTES_MIN  16
#define SECRET_BYTES_GOOD 32
#define SECRETS_MAX       16

struct secrets;

/* Reads a list that is separated by blanks. NULL with errno EINVAL: there is no
 * secret, one is too short, or there are too many; *wrong says which. Or with
 * errno ENOMEM. */
struct secrets *secrets_parse(struct slice list, const char **wrong);

/* Reads the list in the file `path`, which is made with one new secret, for its
 * owner alone, if it does not exist. NULL after a log line. */
struct secrets *secrets_open(const char *path);

/* Wipes them. */
void secrets_free(struct secrets **secrets);

size_t secrets_count(const struct secrets *secrets);
struct slice secrets_get(const struct secrets *secrets, size_t i);

/* Bytes of the shortest one. */
size_t secrets_shortest(const struct secrets *secrets);

#endif
