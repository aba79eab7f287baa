/* SPDX-License-Identifier: MIT */
/* tools/client/wire.h - the client's side of WebSocket frames (RFC 6455 5).
 *
 * Bytes in, events out, without a socket: what a server sends is read in
 * pieces of any size, and what a client sends is framed and masked. Nothing
 * here knows what the messages say, so that any client can use it.
 */
#ifndef PARLEY_TOOLS_CLIENT_WIRE_H
#define PARLEY_TOOLS_CLIENT_WIRE_H

#include "proto/buffer.h"
#include "proto/slice.h"
#include "proto/utf8.h"

#include <stdbool.h>
#include <stdint.h>

#define WIRE_CONTROL_MAX 125 /* bytes of payload */

/* RFC 6455 5.2. */
enum wire_opcode {
	WIRE_OP_CONTINUATION = 0x0,
	WIRE_OP_TEXT = 0x1,
	WIRE_OP_BINARY = 0x2,
	WIRE_OP_CLOSE = 0x8,
	WIRE_OP_PING = 0x9,
	WIRE_OP_PONG = 0xa,
};

/* RFC 6455 7.4.1. */
enum wire_code {
	WIRE_NORMAL = 1000,
	WIRE_PROTOCOL_ERROR = 1002,
	WIRE_NO_CODE = 1005, /* a close frame that is empty */
	WIRE_BAD_TEXT = 1007,
	WIRE_TOO_BIG = 1009,
	WIRE_INTERNAL_ERROR = 1011,
};

enum wire_kind {
	WIRE_NEED_MORE, /* the input is used up */
	WIRE_TEXT,
	WIRE_BINARY,
	WIRE_PING,
	WIRE_PONG,
	WIRE_CLOSE,
	WIRE_ERROR, /* answer with a close frame of `code`, then hang up */
};

struct wire_event {
	struct slice payload; /* valid until the next call; of a close frame
			       * the reason */
	unsigned code;        /* of a close frame or an error */
	const char *why;      /* of an error: a few words for people */
};

/* One connection's reader. All zero but `max_bytes` is its beginning. */
struct wire_reader {
	size_t max_bytes; /* of a message */
	struct buffer message;
	uint64_t left; /* bytes that the frame still lacks */
	struct utf8 text;
	uint8_t header[10];
	uint8_t header_bytes;
	uint8_t control[WIRE_CONTROL_MAX];
	uint8_t control_bytes;
	uint8_t opcode; /* of the message that has begun; 0: none */
	bool in_payload;
	bool is_told; /* the last call told a message */
	bool is_over;
};

/* Takes bytes from the front of `in` up to the next event, which `out` then
 * describes. Call until WIRE_NEED_MORE. Fragments are joined, control frames
 * between them are told at once. Masked frames are an error (5.1), and so are
 * texts that are not UTF-8 and messages of more than `max_bytes`. After
 * WIRE_CLOSE and WIRE_ERROR all input is swallowed. */
enum wire_kind wire_next(struct wire_reader *reader, struct slice *in,
			 struct wire_event *out);

/* Frees what an incomplete message holds. */
void wire_fini(struct wire_reader *reader);

/* Appends a whole frame, masked with a key of its own that nobody can guess
 * (RFC 6455 5.3, 10.3). 0, or -1 with errno ENOMEM; then nothing is added. */
int wire_write(struct buffer *out, enum wire_opcode opcode, const void *payload,
	       size_t n);

/* As wire_write() for a close frame; without a reason if `why` is NULL. */
int wire_write_close(struct buffer *out, unsigned code, const char *why);

#endif
