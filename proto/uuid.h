/* SPDX-License-Identifier: MIT */
/* proto/uuid.h - the 128-bit ids of users, rooms, messages and sessions
 * (RFC 9562).
 */
#ifndef PARLEY_PROTO_UUID_H
#define PARLEY_PROTO_UUID_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct uuid {
	uint8_t bytes[16];
};

/* Bytes that uuid_format() writes, its NUL included. */
#define UUID_TEXT_BYTES 37

/* Fills `n` bytes with what nobody can guess. Ends the process if the kernel
 * has none to give: nothing that is built on guessable bytes may go on. */
void random_bytes(void *into, size_t n);

/* As random_bytes(), for at most RANDOM_POOL bytes, and often: each thread asks
 * the kernel for many at once. A child of fork() begins with the same ones. */
#define RANDOM_POOL 1024
void random_bytes_pooled(void *into, size_t n);

/* Makes a random id (version 4). */
void uuid_make_v4(struct uuid *id);

/* Makes an id that sorts by time (version 7) for `unix_ms`. */
void uuid_make_v7(struct uuid *id, uint64_t unix_ms);

/* Reads the 8-4-4-4-12 form in either case; any version. False, and *id
 * unchanged, if `text` is anything else. */
bool uuid_parse(struct uuid *id, struct slice text);

/* Writes the lower-case form with a NUL. Returns `into`. */
char *uuid_format(const struct uuid *id, char into[UUID_TEXT_BYTES]);

bool uuid_equal(const struct uuid *a, const struct uuid *b);

/* The nil id stands for "none" in frames. */
bool uuid_is_nil(const struct uuid *id);

/* Orders as bytes, for sorting and for rendezvous between equals. */
int uuid_compare(const struct uuid *a, const struct uuid *b);

#endif
