/* SPDX-License-Identifier: MIT */
/* hooks/signature.h - what shows a receiver that a delivery is ours, and whole.
 *
 * As the specification Standard Webhooks has it, so that receivers find
 * libraries: a secret is `whsec_` and base64 of 24 to 64 bytes, a signature
 * is `v1,` and base64 of HMAC-SHA256 over ID.TIMESTAMP.BODY. The time in it
 * keeps a delivery that somebody recorded from being told again later.
 */
#ifndef PARLEY_HOOKS_SIGNATURE_H
#define PARLEY_HOOKS_SIGNATURE_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNING_KEY_MIN_BYTES 24
#define SIGNING_KEY_MAX_BYTES 64

/* `v1,`, base64 of 32 bytes, NUL */
#define SIGNATURE_BYTES (3 + 44 + 1)

struct signing_key {
	uint8_t bytes[SIGNING_KEY_MAX_BYTES];
	size_t n;
};

/* Reads a secret. False if it is none; *key is then empty. */
bool signing_key_read(struct signing_key *key, struct slice secret);

/* Forgets the key. */
void signing_key_fini(struct signing_key *key);

/* Signs a delivery that is sent at `timestamp_s`, seconds since 1970. False if
 * there is no memory. */
bool signature_make(const struct signing_key *key, struct slice id,
		    uint64_t timestamp_s, struct slice body,
		    char into[SIGNATURE_BYTES]);

#endif
