/* SPDX-License-Identifier: MIT */
/* tools/client/wire.c - takes messages out of a server's frames, and makes a
 * client's.
 *
 * A header is gathered and judged once it is whole; payload is judged as it
 * comes and grows the message by what has arrived, never by what a header
 * claims.
 */
#include "tools/client/wire.h"

#include "proto/uuid.h"

#include <string.h>

#define FIN       0x80
#define RSV       0x70
#define OPCODE    0x0f
#define CONTROL   0x08 /* the bit that control opcodes have in common */
#define MASKED    0x80
#define LENGTH    0x7f
#define LENGTH_16 126
#define LENGTH_64 127

static enum wire_kind
end(struct wire_reader *r, struct slice *in, enum wire_kind kind)
{
	r->is_over = true;
	in->at += in->n;
	in->n = 0;
	return kind;
}

static enum wire_kind
fail(struct wire_reader *r, struct slice *in, struct wire_event *out,
     unsigned code, const char *why)
{
	*out = (struct wire_event){ .code = code, .why = why };
	return end(r, in, WIRE_ERROR);
}

static unsigned
opcode_of(const struct wire_reader *r)
{
	return r->header[0] & OPCODE;
}

static bool
is_control(const struct wire_reader *r)
{
	return (r->header[0] & CONTROL) != 0;
}

static unsigned
header_wanted(const struct wire_reader *r)
{
	unsigned length = r->header[1] & LENGTH;

	if (r->header_bytes < 2)
		return 2;
	return length == LENGTH_64 ? 10 : length == LENGTH_16 ? 4 : 2;
}

static uint64_t
length_of(const struct wire_reader *r)
{
	unsigned wanted = header_wanted(r);
	uint64_t length = 0;

	if (wanted == 2)
		return r->header[1] & LENGTH;
	for (unsigned i = 2; i < wanted; i++)
		length = length << 8 | r->header[i];
	return length;
}

/* What a whole header must not say; NULL if all is well. */
static const char *
find_wrong(const struct wire_reader *r)
{
	unsigned opcode = opcode_of(r), wanted = header_wanted(r);
	uint64_t length = length_of(r);

	if ((r->header[0] & RSV) != 0)
		return "reserved bit set";
	if ((opcode & ~(unsigned)CONTROL) > WIRE_OP_BINARY)
		return "reserved opcode";
	if ((r->header[1] & MASKED) != 0)
		return "frame of a server is masked";
	if (is_control(r) && (r->header[0] & FIN) == 0)
		return "fragmented control frame";
	if (is_control(r) && length > WIRE_CONTROL_MAX)
		return "control frame too long";
	if (!is_control(r) &&
	    (opcode == WIRE_OP_CONTINUATION) != (r->opcode != 0))
		return r->opcode != 0 ? "new message inside a fragmented one"
				      : "continuation of nothing";
	if ((wanted == 4 && length < LENGTH_16) ||
	    (wanted == 10 && length <= UINT16_MAX))
		return "length not in its shortest form";
	return NULL;
}

/* Takes what there is of the header; true once it is whole. */
static bool
take_header(struct wire_reader *r, struct slice *in)
{
	unsigned wanted;

	while (r->header_bytes < (wanted = header_wanted(r))) {
		size_t n = wanted - r->header_bytes;

		if (in->n == 0)
			return false;
		if (n > in->n)
			n = in->n;
		memcpy(r->header + r->header_bytes, in->at, n);
		r->header_bytes = (uint8_t)(r->header_bytes + n);
		in->at += n;
		in->n -= n;
	}
	return true;
}

static void
begin_payload(struct wire_reader *r)
{
	r->left = length_of(r);
	r->in_payload = true;
	if (is_control(r)) {
		r->control_bytes = 0;
	} else if (r->opcode == 0) {
		r->opcode = (uint8_t)opcode_of(r);
		r->text = (struct utf8){ 0 };
	}
}

static void
end_frame(struct wire_reader *r)
{
	r->in_payload = false;
	r->header_bytes = 0;
}

/* RFC 6455 5.5.1. */
static enum wire_kind
read_close(struct wire_reader *r, struct slice *in, struct wire_event *out)
{
	if (r->control_bytes == 0) {
		*out = (struct wire_event){ .code = WIRE_NO_CODE };
		return end(r, in, WIRE_CLOSE);
	}
	if (r->control_bytes == 1)
		return fail(r, in, out, WIRE_PROTOCOL_ERROR,
			    "close frame with half a code");
	if (!utf8_is_valid(r->control + 2, r->control_bytes - 2u))
		return fail(r, in, out, WIRE_BAD_TEXT,
			    "close reason is not UTF-8");
	*out = (struct wire_event){
		.payload = { (char *)r->control + 2, r->control_bytes - 2u },
		.code = (unsigned)r->control[0] << 8 | r->control[1],
	};
	return end(r, in, WIRE_CLOSE);
}

static enum wire_kind
read_control(struct wire_reader *r, struct slice *in, struct wire_event *out,
	     struct slice piece)
{
	if (piece.n > 0)
		memcpy(r->control + r->control_bytes, piece.at, piece.n);
	r->control_bytes = (uint8_t)(r->control_bytes + piece.n);
	if (r->left > 0)
		return WIRE_NEED_MORE;
	end_frame(r);
	if (opcode_of(r) == WIRE_OP_CLOSE)
		return read_close(r, in, out);
	*out = (struct wire_event){ .payload = { (char *)r->control,
						 r->control_bytes } };
	return opcode_of(r) == WIRE_OP_PING ? WIRE_PING : WIRE_PONG;
}

static enum wire_kind
read_data(struct wire_reader *r, struct slice *in, struct wire_event *out,
	  struct slice piece)
{
	bool is_last = r->left == 0 && (r->header[0] & FIN) != 0;
	bool is_text = r->opcode == WIRE_OP_TEXT;

	if (is_text && (!utf8_feed(&r->text, piece.at, piece.n) ||
			(is_last && !utf8_is_complete(&r->text))))
		return fail(r, in, out, WIRE_BAD_TEXT, "text is not UTF-8");
	if (buffer_append(&r->message, piece.at, piece.n) != 0)
		return fail(r, in, out, WIRE_INTERNAL_ERROR, "out of memory");
	if (r->left == 0)
		end_frame(r);
	if (!is_last)
		return WIRE_NEED_MORE;
	*out = (struct wire_event){ .payload = { (char *)r->message.bytes,
						 r->message.n } };
	r->opcode = 0;
	r->is_told = true;
	return is_text ? WIRE_TEXT : WIRE_BINARY;
}

static enum wire_kind
read_payload(struct wire_reader *r, struct slice *in, struct wire_event *out)
{
	struct slice piece = { in->at,
			       in->n < r->left ? in->n : (size_t)r->left };

	in->at += piece.n;
	in->n -= piece.n;
	r->left -= piece.n;
	return is_control(r) ? read_control(r, in, out, piece)
			     : read_data(r, in, out, piece);
}

static enum wire_kind
read_header(struct wire_reader *r, struct slice *in, struct wire_event *out)
{
	const char *wrong;

	if (!take_header(r, in))
		return WIRE_NEED_MORE;
	wrong = find_wrong(r);
	if (wrong != NULL)
		return fail(r, in, out, WIRE_PROTOCOL_ERROR, wrong);
	if (!is_control(r) && length_of(r) > r->max_bytes - r->message.n)
		return fail(r, in, out, WIRE_TOO_BIG, "message too big");
	begin_payload(r);
	return WIRE_NEED_MORE;
}

enum wire_kind
wire_next(struct wire_reader *r, struct slice *in, struct wire_event *out)
{
	enum wire_kind kind = WIRE_NEED_MORE;

	if (r->is_told)
		buffer_clear(&r->message);
	r->is_told = false;
	if (r->is_over)
		return end(r, in, WIRE_NEED_MORE);
	while (kind == WIRE_NEED_MORE && in->n > 0) {
		if (!r->in_payload)
			kind = read_header(r, in, out);
		/* A frame without payload ends with its header. */
		if (r->in_payload && kind == WIRE_NEED_MORE)
			kind = read_payload(r, in, out);
	}
	return kind;
}

void
wire_fini(struct wire_reader *r)
{
	buffer_fini(&r->message);
	r->is_over = true;
}

static size_t
write_header(uint8_t header[14], unsigned opcode, uint64_t n)
{
	unsigned extended = n > UINT16_MAX ? 8 : n >= LENGTH_16 ? 2 : 0;

	header[0] = (uint8_t)(FIN | opcode);
	header[1] = (uint8_t)(MASKED | (extended == 8   ? LENGTH_64
					: extended == 2 ? LENGTH_16
							: n));
	for (unsigned i = 0; i < extended; i++)
		header[2 + i] = (uint8_t)(n >> (8 * (extended - 1 - i)));
	random_bytes_pooled(header + 2 + extended, 4);
	return 2 + extended + 4;
}

int
wire_write(struct buffer *out, enum wire_opcode opcode, const void *payload,
	   size_t n)
{
	uint8_t header[14], *into;
	size_t header_bytes = write_header(header, opcode, n);
	const uint8_t *mask = header + header_bytes - 4, *from = payload;

	if (buffer_reserve(out, header_bytes + n) != 0)
		return -1;
	memcpy(out->bytes + out->n, header, header_bytes);
	into = out->bytes + out->n + header_bytes;
	for (size_t i = 0; i < n; i++)
		into[i] = from[i] ^ mask[i % 4];
	out->n += header_bytes + n;
	return 0;
}

int
wire_write_close(struct buffer *out, unsigned code, const char *why)
{
	uint8_t payload[WIRE_CONTROL_MAX];
	size_t n =
	    why == NULL ? 0 : utf8_cut(why, strlen(why), sizeof payload - 2);

	payload[0] = (uint8_t)(code >> 8);
	payload[1] = (uint8_t)code;
	if (n > 0)
		memcpy(payload + 2, why, n);
	return wire_write(out, WIRE_OP_CLOSE, payload, 2 + n);
}
