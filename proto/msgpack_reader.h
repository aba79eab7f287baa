/* SPDX-License-Identifier: MIT */
/* proto/msgpack_reader.h - reads msgpack from bytes that nobody vouches for.
 *
 * One token at a time, without memory of its own and without recursion. The
 * unpacker of msgpack-c takes a peer's word for how large a container is and
 * reserves memory for it; here a container that claims more elements than there
 * are bytes left is refused before anybody acts on it.
 */
#ifndef PARLEY_PROTO_MSGPACK_READER_H
#define PARLEY_PROTO_MSGPACK_READER_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct msgpack_reader {
	const uint8_t *at;
	const uint8_t *end;
};

enum msgpack_type {
	MSGPACK_NIL,
	MSGPACK_BOOL,
	MSGPACK_UINT,
	MSGPACK_INT, /* negative ones only */
	MSGPACK_FLOAT,
	MSGPACK_TEXT,
	MSGPACK_BYTES,
	MSGPACK_ARRAY,
	MSGPACK_MAP,
	MSGPACK_EXT,
};

struct msgpack_token {
	enum msgpack_type type;
	uint64_t number;   /* UINT, BOOL; elements of ARRAY, pairs of MAP */
	struct slice text; /* TEXT, BYTES, EXT; points into the input */
};

/* The next token; of an array or map only its head. False at the end, or where
 * the bytes are no msgpack: then the reader stays where it was. */
bool msgpack_next(struct msgpack_reader *reader, struct msgpack_token *token);

/* Passes over one whole value, however deep. False as msgpack_next(). */
bool msgpack_skip(struct msgpack_reader *reader);

#endif
