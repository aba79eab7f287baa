/* SPDX-License-Identifier: MIT */
/* gateway/websocket.c - takes messages out of the frames of a client.
 *
 * A frame's header is gathered in the connection's state and judged after each
 * of its parts, so that a bad one is refused before the rest has come. Its
 * payload is unmasked and judged piece by piece; what cannot be handed on
 * where it lies is gathered on the heap, which grows by what has arrived and
 * never by what a header claims.
 */
#include "gateway/websocket.h"

#include <stdlib.h>
#include <string.h>

#define FIN    0x80
#define RSV    0x70
#define OPCODE 0x0f
#define MASKED 0x80
#define LENGTH 0x7f

#define CONTROL     0x08 /* the bit that control opcodes have in common */
#define LENGTH_16   126
#define LENGTH_64   127
#define FIRST_BYTES 256 /* of a message that is gathered */

_Static_assert(sizeof(struct websocket) <= 48,
	       "every idle connection has one of these");

void
websocket_init(struct websocket *ws, size_t max_bytes, bool allow_rsv1)
{
	if (max_bytes > WEBSOCKET_MESSAGE_LIMIT)
		max_bytes = WEBSOCKET_MESSAGE_LIMIT;
	*ws = (struct websocket){ .max_bytes = (uint32_t)max_bytes,
				  .allow_rsv1 = allow_rsv1 };
}

static void
release(struct websocket *ws)
{
	free(ws->gathered);
	ws->gathered = NULL;
	ws->room = 0;
}

void
websocket_fini(struct websocket *ws)
{
	release(ws);
	ws->is_over = true;
}

/* The connection ends with this event; the caller may still read `gathered`
 * until the next call. */
static enum websocket_event
end(struct websocket *ws, struct websocket_input *in,
    enum websocket_event event)
{
	ws->is_over = true;
	in->at += in->n;
	in->n = 0;
	return event;
}

static enum websocket_event
fail(struct websocket *ws, struct websocket_input *in,
     struct websocket_message *out, enum websocket_code code, const char *why)
{
	*out = (struct websocket_message){ .at = "", .code = code, .why = why };
	return end(ws, in, WEBSOCKET_ERROR);
}

/* RFC 6455 5.3. `mask` is turned, so that it fits the bytes that follow. */
static void
unmask(unsigned char *at, size_t n, unsigned char mask[4])
{
	unsigned char turned[4];
	uint32_t half;
	uint64_t wide;
	size_t i = 0;

	memcpy(&half, mask, sizeof(half));
	wide = (uint64_t)half << 32 | half;
	for (; n - i >= sizeof(wide); i += sizeof(wide)) {
		uint64_t word;

		memcpy(&word, at + i, sizeof(word));
		word ^= wide;
		memcpy(at + i, &word, sizeof(word));
	}
	for (; i < n; i++)
		at[i] ^= mask[i % 4];
	for (i = 0; i < 4; i++)
		turned[i] = mask[(n + i) % 4];
	memcpy(mask, turned, sizeof(turned));
}

static unsigned
frame_opcode(const struct websocket *ws)
{
	return ws->header[0] & OPCODE;
}

static bool
is_control(const struct websocket *ws)
{
	return (ws->header[0] & CONTROL) != 0;
}

/* Bytes of extended length that this length in the second byte announces. */
static unsigned
extended_bytes(unsigned length)
{
	return length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
}

static uint64_t
frame_length(const struct websocket *ws)
{
	unsigned extended = extended_bytes(ws->header[1] & LENGTH);
	uint64_t length = 0;

	if (extended == 0)
		return ws->header[1] & LENGTH;
	for (unsigned i = 0; i < extended; i++)
		length = length << 8 | ws->header[2 + i];
	return length;
}

/* Judges the first byte. Returns why it is wrong, or NULL. */
static const char *
find_wrong_start(const struct websocket *ws)
{
	unsigned opcode = frame_opcode(ws);
	unsigned rsv = ws->header[0] & RSV;
	bool begins_message =
	    opcode == WEBSOCKET_OP_TEXT || opcode == WEBSOCKET_OP_BINARY;

	/* RFC 7692 6.1: only a message's first frame is marked. */
	if (rsv != 0 &&
	    !(rsv == WEBSOCKET_RSV1 && ws->allow_rsv1 && begins_message))
		return "reserved bit set";
	if ((opcode & ~CONTROL) > WEBSOCKET_OP_BINARY)
		return "reserved opcode";
	if (is_control(ws) && (ws->header[0] & FIN) == 0)
		return "fragmented control frame";
	if (begins_message && ws->opcode != 0)
		return "new message inside a fragmented one";
	if (opcode == WEBSOCKET_OP_CONTINUATION && ws->opcode == 0)
		return "continuation of nothing";
	return NULL;
}

/* Judges the second byte. */
static const char *
find_wrong_length(const struct websocket *ws)
{
	if ((ws->header[1] & MASKED) == 0)
		return "frame not masked";
	if (is_control(ws) && (ws->header[1] & LENGTH) > WEBSOCKET_CONTROL_MAX)
		return "control frame too long";
	return NULL;
}

/* Judges the extended length. */
static const char *
find_wrong_extended(const struct websocket *ws)
{
	unsigned extended = extended_bytes(ws->header[1] & LENGTH);
	uint64_t length = frame_length(ws);

	if (length >> 63 != 0)
		return "length with its highest bit set";
	if ((extended == 2 && length < LENGTH_16) ||
	    (extended == 8 && length <= UINT16_MAX))
		return "length not in its shortest form";
	return NULL;
}

/* How much the open message, or the one that this frame opens, may have as it
 * is sent. Some content gets longer when compressed: by zlib's bound for
 * whatever window and memory its sender has. What it says when inflated has the
 * same maximum as any other message. */
static uint32_t
sent_max(const struct websocket *ws)
{
	bool is_compressed = frame_opcode(ws) == WEBSOCKET_OP_CONTINUATION
				 ? ws->is_compressed
				 : (ws->header[0] & WEBSOCKET_RSV1) != 0;

	if (!is_compressed)
		return ws->max_bytes;
	return ws->max_bytes + ws->max_bytes / 8 + ws->max_bytes / 64 + 64;
}

static bool
is_too_big(const struct websocket *ws)
{
	return !is_control(ws) &&
	       frame_length(ws) > sent_max(ws) - ws->gathered_bytes;
}

/* Empty ones cost their sender next to nothing, and come to no end. */
static bool
is_too_fragmented(const struct websocket *ws)
{
	return frame_opcode(ws) == WEBSOCKET_OP_CONTINUATION &&
	       ws->fragments == WEBSOCKET_FRAGMENTS_MAX;
}

static void
begin_payload(struct websocket *ws)
{
	unsigned opcode = frame_opcode(ws);

	/* The mask goes to a fixed place, where it may be turned. */
	memmove(ws->header + 10, ws->header + ws->header_bytes - 4, 4);
	ws->left = (uint32_t)frame_length(ws);
	ws->in_payload = true;
	if (is_control(ws))
		return;
	ws->fragments++;
	if (opcode == WEBSOCKET_OP_CONTINUATION)
		return;
	ws->fragments = 1;
	ws->opcode = (uint8_t)opcode;
	ws->is_compressed = (ws->header[0] & WEBSOCKET_RSV1) != 0;
	ws->text = (struct utf8){ 0 };
}

/* Takes bytes until the header has `wanted` of them; false if too few came. */
static bool
take_header(struct websocket *ws, struct websocket_input *in, unsigned wanted)
{
	size_t n = wanted - ws->header_bytes;

	if (n > in->n)
		n = in->n;
	memcpy(ws->header + ws->header_bytes, in->at, n);
	ws->header_bytes = (uint8_t)(ws->header_bytes + n);
	in->at += n;
	in->n -= n;
	return ws->header_bytes == wanted;
}

/* How many bytes the header has at the end of its next part: the first byte,
 * the second, the extended length if any, the mask. */
static unsigned
next_part(const struct websocket *ws)
{
	unsigned unmasked;

	if (ws->header_bytes < 2)
		return ws->header_bytes + 1u;
	unmasked = 2 + extended_bytes(ws->header[1] & LENGTH);
	return ws->header_bytes < unmasked ? unmasked : unmasked + 4;
}

/* Judges the part that came last. */
static const char *
find_wrong_part(const struct websocket *ws)
{
	if (ws->header_bytes == 1)
		return find_wrong_start(ws);
	if (ws->header_bytes == 2)
		return find_wrong_length(ws);
	return find_wrong_extended(ws);
}

/* Whether the length is known, and nothing behind it. */
static bool
has_length(const struct websocket *ws)
{
	return ws->header_bytes >= 2 &&
	       ws->header_bytes == 2 + extended_bytes(ws->header[1] & LENGTH);
}

/* Reads the header as far as it has come. NEED_MORE, with `in_payload` set if
 * it is whole, or ERROR. */
static enum websocket_event
read_header(struct websocket *ws, struct websocket_input *in,
	    struct websocket_message *out)
{
	while (!ws->in_payload && take_header(ws, in, next_part(ws))) {
		const char *wrong = find_wrong_part(ws);

		if (wrong != NULL)
			return fail(ws, in, out, WEBSOCKET_PROTOCOL_ERROR,
				    wrong);
		if (has_length(ws) && is_too_big(ws))
			return fail(ws, in, out, WEBSOCKET_TOO_BIG,
				    "message too big");
		if (has_length(ws) && is_too_fragmented(ws))
			return fail(ws, in, out, WEBSOCKET_POLICY,
				    "too many fragments");
		if (ws->header_bytes > 2 && !has_length(ws))
			begin_payload(ws);
	}
	return WEBSOCKET_NEED_MORE;
}

/* Puts `n` bytes behind the `kept` first ones of what is gathered. */
static bool
gather(struct websocket *ws, uint32_t kept, const void *bytes, uint32_t n)
{
	uint32_t needed = kept + n;

	if (needed > ws->room) {
		uint32_t room = ws->room * 2;
		unsigned char *grown;

		if (room < FIRST_BYTES)
			room = FIRST_BYTES;
		if (room < needed)
			room = needed;
		grown = realloc(ws->gathered, room);
		if (grown == NULL)
			return false;
		ws->gathered = grown;
		ws->room = room;
	}
	if (n > 0)
		memcpy(ws->gathered + kept, bytes, n);
	return true;
}

static void
end_frame(struct websocket *ws)
{
	ws->in_payload = false;
	ws->header_bytes = 0;
	ws->control_bytes = 0;
}

/* RFC 6455 5.5.1. */
static enum websocket_event
read_close(struct websocket *ws, struct websocket_input *in,
	   struct websocket_message *out)
{
	const unsigned char *payload = (const unsigned char *)out->at;

	if (out->n == 0) {
		out->code = WEBSOCKET_NO_CODE;
		return end(ws, in, WEBSOCKET_CLOSE);
	}
	if (out->n == 1)
		return fail(ws, in, out, WEBSOCKET_PROTOCOL_ERROR,
			    "close frame with half a code");
	out->code = (uint16_t)(payload[0] << 8 | payload[1]);
	out->at += 2;
	out->n -= 2;
	if (!websocket_is_close_code(out->code))
		return fail(ws, in, out, WEBSOCKET_PROTOCOL_ERROR,
			    "close code out of range");
	if (!utf8_is_valid(out->at, out->n))
		return fail(ws, in, out, WEBSOCKET_BAD_TEXT,
			    "close reason is not UTF-8");
	return end(ws, in, WEBSOCKET_CLOSE);
}

static enum websocket_event
read_control(struct websocket *ws, struct websocket_input *in,
	     struct websocket_message *out, const unsigned char *piece,
	     uint32_t n)
{
	uint32_t kept = ws->gathered_bytes + ws->control_bytes;
	uint32_t whole = ws->control_bytes + n;

	if (ws->left > 0 || ws->control_bytes > 0) {
		if (!gather(ws, kept, piece, n))
			return fail(ws, in, out, WEBSOCKET_INTERNAL_ERROR,
				    "out of memory");
		ws->control_bytes = (uint8_t)whole;
		if (ws->left > 0)
			return WEBSOCKET_NEED_MORE;
		piece = ws->gathered + ws->gathered_bytes;
	}
	end_frame(ws);
	*out =
	    (struct websocket_message){ .at = (const char *)piece, .n = whole };
	if (frame_opcode(ws) == WEBSOCKET_OP_CLOSE)
		return read_close(ws, in, out);
	return frame_opcode(ws) == WEBSOCKET_OP_PING ? WEBSOCKET_PING
						     : WEBSOCKET_PONG;
}

/* Judges the next piece of a text; `is_last` if the message ends with it. */
static bool
is_text(struct websocket *ws, const unsigned char *piece, uint32_t n,
	bool is_last)
{
	if (ws->opcode != WEBSOCKET_OP_TEXT || ws->is_compressed)
		return true;
	return utf8_feed(&ws->text, piece, n) &&
	       (!is_last || utf8_is_complete(&ws->text));
}

static enum websocket_event
read_data(struct websocket *ws, struct websocket_input *in,
	  struct websocket_message *out, const unsigned char *piece, uint32_t n)
{
	bool is_last = ws->left == 0 && (ws->header[0] & FIN) != 0;
	uint32_t whole = ws->gathered_bytes + n;
	uint8_t opcode = ws->opcode;

	if (!is_text(ws, piece, n, is_last))
		return fail(ws, in, out, WEBSOCKET_BAD_TEXT,
			    "text is not UTF-8");
	if (n > 0 && (!is_last || ws->gathered_bytes > 0) &&
	    !gather(ws, ws->gathered_bytes, piece, n))
		return fail(ws, in, out, WEBSOCKET_INTERNAL_ERROR,
			    "out of memory");
	if (ws->left == 0)
		end_frame(ws);
	if (!is_last) {
		ws->gathered_bytes = whole;
		return WEBSOCKET_NEED_MORE;
	}
	if (ws->gathered_bytes > 0)
		piece = ws->gathered;
	*out = (struct websocket_message){ .at = (const char *)piece,
					   .n = whole,
					   .is_compressed = ws->is_compressed };
	ws->opcode = 0;
	ws->gathered_bytes = 0;
	return opcode == WEBSOCKET_OP_TEXT ? WEBSOCKET_TEXT : WEBSOCKET_BINARY;
}

static enum websocket_event
read_payload(struct websocket *ws, struct websocket_input *in,
	     struct websocket_message *out)
{
	unsigned char *piece = in->at;
	uint32_t n = in->n < ws->left ? (uint32_t)in->n : ws->left;

	unmask(piece, n, ws->header + 10);
	in->at += n;
	in->n -= n;
	ws->left -= n;
	if (is_control(ws))
		return read_control(ws, in, out, piece, n);
	return read_data(ws, in, out, piece, n);
}

enum websocket_event
websocket_next(struct websocket *ws, struct websocket_input *in,
	       struct websocket_message *out)
{
	enum websocket_event event = WEBSOCKET_NEED_MORE;

	/* What the last event pointed to was the caller's until now. */
	if (ws->gathered != NULL && ws->opcode == 0 && ws->header_bytes == 0)
		release(ws);
	if (ws->is_over) {
		release(ws);
		return end(ws, in, WEBSOCKET_NEED_MORE);
	}
	while (event == WEBSOCKET_NEED_MORE && in->n > 0) {
		event = read_header(ws, in, out);
		/* A frame without payload ends with its header. */
		if (ws->in_payload)
			event = read_payload(ws, in, out);
	}
	return event;
}

size_t
websocket_held_bytes(const struct websocket *ws)
{
	return ws->room;
}

bool
websocket_is_midway(const struct websocket *ws)
{
	return ws->opcode != 0 || ws->header_bytes > 0;
}

size_t
websocket_frame_header(uint8_t out[WEBSOCKET_HEADER_MAX],
		       enum websocket_opcode opcode, size_t payload_bytes)
{
	unsigned extended = payload_bytes > UINT16_MAX              ? 8
			    : payload_bytes > WEBSOCKET_CONTROL_MAX ? 2
								    : 0;
	uint64_t length = payload_bytes;

	out[0] = (uint8_t)(FIN | opcode);
	out[1] = (uint8_t)(extended == 8   ? LENGTH_64
			   : extended == 2 ? LENGTH_16
					   : length);
	for (unsigned i = 0; i < extended; i++)
		out[2 + i] = (uint8_t)(length >> (8 * (extended - 1 - i)));
	return 2 + extended;
}

size_t
websocket_close_payload(uint8_t out[WEBSOCKET_CONTROL_MAX], unsigned code,
			const char *reason)
{
	size_t n = utf8_cut(reason, strlen(reason), WEBSOCKET_CLOSE_REASON_MAX);

	if (code == WEBSOCKET_NO_CODE)
		return 0;
	out[0] = (uint8_t)(code >> 8);
	out[1] = (uint8_t)code;
	memcpy(out + 2, reason, n);
	return 2 + n;
}

/* 1004 to 1006 and 1015 are never sent; IANA has given out 1012 to 1014. */
bool
websocket_is_close_code(unsigned code)
{
	return (code >= 1000 && code <= 1003) ||
	       (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
