/* SPDX-License-Identifier: MIT */
/* gateway/websocket.h - the server's side of the WebSocket protocol (RFC 6455).
 *
 * Bytes in, events out, without a socket. What the client sent is unmasked
 * where it lies in the caller's read buffer, and a message that lies there
 * whole is handed on without a copy; only an incomplete one is gathered on the
 * heap. So an idle connection costs the struct below and nothing else.
 */
#ifndef PARLEY_GATEWAY_WEBSOCKET_H
#define PARLEY_GATEWAY_WEBSOCKET_H

#include "gateway/http.h"
#include "proto/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_HEADER_MAX       10  /* bytes, of a frame to a client */
#define WEBSOCKET_CONTROL_MAX      125 /* bytes of payload */
#define WEBSOCKET_CLOSE_REASON_MAX 123
#define WEBSOCKET_ACCEPT_KEY_BYTES 28
#define WEBSOCKET_MESSAGE_LIMIT    (1u << 30) /* for max_bytes */
#define WEBSOCKET_FRAGMENTS_MAX    16384      /* of one message */

/* RFC 6455 5.2, the first four bits of a frame. */
enum websocket_opcode {
	WEBSOCKET_OP_CONTINUATION = 0x0,
	WEBSOCKET_OP_TEXT = 0x1,
	WEBSOCKET_OP_BINARY = 0x2,
	WEBSOCKET_OP_CLOSE = 0x8,
	WEBSOCKET_OP_PING = 0x9,
	WEBSOCKET_OP_PONG = 0xa,
};

/* Beside the opcode of a message's first frame: it is compressed (RFC 7692 6).
 */
#define WEBSOCKET_RSV1 0x40

/* RFC 6455 7.4.1. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_NO_CODE = 1005, /* a close frame that is empty */
	WEBSOCKET_BAD_TEXT = 1007,
	WEBSOCKET_POLICY = 1008,
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_INTERNAL_ERROR = 1011,
	WEBSOCKET_TRY_LATER = 1013,
};

enum websocket_event {
	WEBSOCKET_NEED_MORE, /* the input is used up */
	WEBSOCKET_TEXT,
	WEBSOCKET_BINARY,
	WEBSOCKET_PING,
	WEBSOCKET_PONG,
	WEBSOCKET_CLOSE,
	WEBSOCKET_ERROR, /* send a close frame with `code`, then hang up */
};

/* The state of one connection. Not to be touched from outside. */
struct websocket {
	unsigned char *gathered; /* an incomplete message, then behind it an
				  * incomplete control frame; NULL if neither */
	uint32_t gathered_bytes; /* of the message */
	uint32_t room;           /* size of the allocation */
	uint32_t left;           /* bytes that the frame still lacks */
	uint32_t max_bytes;      /* of a message */
	unsigned char
	    header[14];        /* of the frame; its mask turns as it is used */
	uint8_t header_bytes;  /* 0 between frames */
	uint8_t control_bytes; /* gathered of a control frame */
	uint8_t opcode;        /* of the open message; 0 if none */
	uint16_t fragments;    /* of it, so far */
	struct utf8 text;
	bool in_payload : 1;
	bool is_compressed : 1;
	bool allow_rsv1 : 1;
	bool is_over : 1;
};

/* What was read, and may be changed. */
struct websocket_input {
	unsigned char *at;
	size_t n;
};

struct websocket_message {
	const char *at; /* payload; of a close frame the reason */
	size_t n;
	bool is_compressed; /* deflated (RFC 7692): `at` is not text as yet */
	uint16_t code;      /* of a close frame, or to answer an error with */
	const char *why;    /* of an error: a few words for people */
};

/* Begins a connection whose messages may have up to `max_bytes` (at most
 * WEBSOCKET_MESSAGE_LIMIT). With `allow_rsv1` a message may be marked as
 * compressed, as permessage-deflate wants after it was agreed on; such a
 * message may be longer by what compressing can add; what it has when inflated
 * and its text are for the caller to check. */
void websocket_init(struct websocket *ws, size_t max_bytes, bool allow_rsv1);

/* Frees what an incomplete message holds. */
void websocket_fini(struct websocket *ws);

/* Takes bytes from the front of `in` up to the next event, which `out` then
 * describes. Call until WEBSOCKET_NEED_MORE, without other bytes in between:
 * `out->at` points into `in` or to what the next call frees. Fragments are
 * joined; control frames between them are told at once. A frame is refused as
 * soon as its header tells that it must be, and text at its first wrong byte:
 * code 1002 against the protocol, 1007 not UTF-8, 1008 in too many fragments,
 * 1009 larger than the maximum, 1011 out of memory. After WEBSOCKET_CLOSE or
 * WEBSOCKET_ERROR, all input is swallowed. */
enum websocket_event websocket_next(struct websocket *ws,
				    struct websocket_input *in,
				    struct websocket_message *out);

/* What an incomplete message takes on the heap. */
size_t websocket_held_bytes(const struct websocket *ws);

/* Whether a message or frame has begun and is not whole as yet. */
bool websocket_is_midway(const struct websocket *ws);

/* Writes the header of a whole, unmasked frame. Returns its length. */
size_t websocket_frame_header(uint8_t out[WEBSOCKET_HEADER_MAX],
			      enum websocket_opcode opcode,
			      size_t payload_bytes);

/* Writes a close frame's payload: `code` and `reason` (UTF-8), cut at a
 * character where too long. WEBSOCKET_NO_CODE makes an empty one. Returns its
 * length. */
size_t websocket_close_payload(uint8_t out[WEBSOCKET_CONTROL_MAX],
			       unsigned code, const char *reason);

/* Whether a close frame may carry this code (RFC 6455 7.4). */
bool websocket_is_close_code(unsigned code);

/* Judges the request for an upgrade (RFC 6455 4.2.1) by its head alone; paths,
 * origins and credentials are for the caller. Returns 101 and the client's key
 * for websocket_accept_key(), or what to answer instead: 400 malformed, 405
 * not GET, 426 no upgrade asked for or no version or another one than 13 (to
 * be answered with `Upgrade: websocket` and `Sec-WebSocket-Version: 13`). */
int websocket_check_upgrade(const struct http_request *request,
			    struct slice *key);

/* What answers a client's key in Sec-WebSocket-Accept, ended by NUL.
 * 0, or -1 if `key` is not the base64 of 16 bytes or if OpenSSL fails. */
int websocket_accept_key(struct slice key,
			 char out[WEBSOCKET_ACCEPT_KEY_BYTES + 1]);

#endif
