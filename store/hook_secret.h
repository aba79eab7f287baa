/* SPDX-License-Identifier: MIT */
/* store/hook_secret.h - what signs the deliveries of a hook, written as the
 * Standard Webhooks specification has it: whsec_ and the key in base64.
 */
#ifndef PARLEY_STORE_HOOK_SECRET_H
#define PARLEY_STORE_HOOK_SECRET_H

#include "proto/slice.h"

#include <stdbool.h>

/* Bytes of a secret that is made here, its NUL included. */
#define HOOK_SECRET_BYTES 51

/* Writes a new one of 32 random bytes. */
struct slice hook_secret_make(char into[HOOK_SECRET_BYTES]);

/* Whether this is one, of 24 to 64 bytes. */
bool hook_secret_is_good(struct slice secret);

#endif
