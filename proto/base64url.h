/* SPDX-License-Identifier: MIT */
/* proto/base64url.h - base64url without padding (RFC 4648 5, RFC 7515 2).
 *
 * Reading is strict: each string of bytes has one form and no other, so that a
 * token cannot be altered without becoming another token.
 */
#ifndef PARLEY_PROTO_BASE64URL_H
#define PARLEY_PROTO_BASE64URL_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Characters for `n` bytes, and at most so many bytes from `n` characters. */
#define BASE64URL_CHARACTERS(n) (((n)*4 + 2) / 3)
#define BASE64URL_BYTES(n)      ((n) / 4 * 3 + 2)

/* Writes BASE64URL_CHARACTERS(n) characters and a NUL. */
void base64url_encode(const void *bytes, size_t n, char *into);

/* Reads `text` into at most `room` bytes and sets *n. False if it is not the
 * one form of some bytes, or of more than `room`. */
bool base64url_decode(struct slice text, uint8_t *into, size_t room, size_t *n);

#endif
