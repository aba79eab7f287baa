/* SPDX-License-Identifier: MIT */
/* gateway/http_body.c - takes a request's body out of its framing.
 *
 * Bytes of the body are handed on where they lie; only the framing of chunks
 * (RFC 9112 7.1) is walked byte by byte, as a table of states. The states of
 * one chunk follow each other in the order of the enum.
 */
#include "gateway/http.h"

/* Of all chunk extensions and trailers of one body together: without a bound,
 * a body of few bytes could be as long as its sender likes. */
#define EXTRA_MAX 4096

/* 8 hexadecimal digits are 4 GiB: more than any maximum, and no overflow. */
#define SIZE_DIGITS_MAX 8

enum state {
	PLAIN, /* the rest of a body with Content-Length */
	SIZE,
	BEFORE_EXTENSION, /* white space, which should not be there */
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_START,
	TRAILER_NAME,
	TRAILER,
	TRAILER_LF,
	LAST_LF,
	DONE,
	REFUSED,
};

static enum state
refuse(struct http_body *b, int status, const char *why)
{
	b->status = status;
	b->why = why;
	return REFUSED;
}

static enum state
expect(struct http_body *b, char c, char wanted, enum state next)
{
	if (c != wanted)
		return refuse(b, 400, "malformed chunk");
	return next;
}

static enum state
on_size(struct http_body *b, char c)
{
	int digit = http_hex_value(c);

	if (digit >= 0) {
		if (b->digits++ == SIZE_DIGITS_MAX)
			return refuse(b, 400, "chunk size too long");
		b->left = b->left << 4 | (uint64_t)digit;
		return SIZE;
	}
	if (b->digits == 0)
		return refuse(b, 400, "malformed chunk size");
	if (b->left > b->allowed)
		return refuse(b, 413, "body too large");
	if (c == '\r')
		return SIZE_LF;
	if (c == ' ' || c == '\t')
		return BEFORE_EXTENSION;
	return expect(b, c, ';', EXTENSION);
}

/* One more byte that is dropped: of an extension or of a trailer. */
static enum state
drop(struct http_body *b, char c, enum state next)
{
	unsigned char byte = (unsigned char)c;

	if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
		return refuse(b, 400, "control character in chunk framing");
	if (++b->extra > EXTRA_MAX)
		return refuse(b, 400, "too much chunk framing");
	return next;
}

static enum state
on_before_extension(struct http_body *b, char c)
{
	if (c == ' ' || c == '\t')
		return drop(b, c, BEFORE_EXTENSION);
	return expect(b, c, ';', EXTENSION);
}

static enum state
on_extension(struct http_body *b, char c)
{
	return c == '\r' ? SIZE_LF : drop(b, c, EXTENSION);
}

static enum state
on_size_lf(struct http_body *b, char c)
{
	b->digits = 0;
	b->allowed -= b->left;
	return expect(b, c, '\n', b->left > 0 ? DATA : TRAILER_START);
}

static enum state
on_data_cr(struct http_body *b, char c)
{
	return expect(b, c, '\r', DATA_LF);
}

static enum state
on_data_lf(struct http_body *b, char c)
{
	return expect(b, c, '\n', SIZE);
}

/* A trailer is a field like those of the head: what is none would be something
 * else to another reader (RFC 9112 7.1.2). */
static enum state
drop_name(struct http_body *b, char c)
{
	if (!http_is_token_char(c))
		return refuse(b, 400, "malformed trailer");
	return drop(b, c, TRAILER_NAME);
}

static enum state
on_trailer_start(struct http_body *b, char c)
{
	return c == '\r' ? LAST_LF : drop_name(b, c);
}

static enum state
on_trailer_name(struct http_body *b, char c)
{
	return c == ':' ? drop(b, c, TRAILER) : drop_name(b, c);
}

static enum state
on_trailer(struct http_body *b, char c)
{
	return c == '\r' ? TRAILER_LF : drop(b, c, TRAILER);
}

static enum state
on_trailer_lf(struct http_body *b, char c)
{
	return expect(b, c, '\n', TRAILER_START);
}

static enum state
on_last_lf(struct http_body *b, char c)
{
	return expect(b, c, '\n', DONE);
}

static enum state (*const on_byte[])(struct http_body *, char) = {
	[SIZE] = on_size,
	[BEFORE_EXTENSION] = on_before_extension,
	[EXTENSION] = on_extension,
	[SIZE_LF] = on_size_lf,
	[DATA_CR] = on_data_cr,
	[DATA_LF] = on_data_lf,
	[TRAILER_START] = on_trailer_start,
	[TRAILER_NAME] = on_trailer_name,
	[TRAILER] = on_trailer,
	[TRAILER_LF] = on_trailer_lf,
	[LAST_LF] = on_last_lf,
};

enum http_step
http_body_init(struct http_body *body, const struct http_request *request,
	       uint64_t max_bytes)
{
	*body = (struct http_body){ .state = DONE };
	if (request->chunked) {
		body->state = SIZE;
		body->allowed = max_bytes;
		return HTTP_MORE;
	}
	if (request->content_length == 0)
		return HTTP_DONE;
	if (request->content_length > max_bytes) {
		body->state = refuse(body, 413, "body too large");
		return HTTP_REFUSED;
	}
	body->state = PLAIN;
	body->left = request->content_length;
	return HTTP_MORE;
}

static enum http_step
take_piece(struct http_body *b, struct slice *in, struct slice *piece)
{
	piece->at = in->at;
	piece->n = in->n < b->left ? in->n : (size_t)b->left;
	in->at += piece->n;
	in->n -= piece->n;
	b->left -= piece->n;
	if (b->left == 0)
		b->state = b->state == PLAIN ? DONE : DATA_CR;
	return HTTP_PIECE;
}

enum http_step
http_body_next(struct http_body *body, struct slice *in, struct slice *piece)
{
	for (;;) {
		if (body->state == DONE)
			return HTTP_DONE;
		if (body->state == REFUSED)
			return HTTP_REFUSED;
		if (in->n == 0)
			return HTTP_MORE;
		if (body->state == PLAIN || body->state == DATA)
			return take_piece(body, in, piece);
		body->state = (uint8_t)on_byte[body->state](body, *in->at);
		in->at++;
		in->n--;
	}
}
