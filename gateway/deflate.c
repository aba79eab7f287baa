/* SPDX-License-Identifier: MIT */
/* gateway/deflate.c - compresses what goes out, inflates what comes in.
 *
 * zlib's streams begin anew with each message and are kept in between: their
 * memory is 300 KB for the whole process, however many connections use them. A
 * smaller window has a compressor of its own, made when first asked for.
 */
#include "gateway/deflate.h"

#include <stdlib.h>

#define ZLIB_CONST /* of what it reads */
#include <zlib.h>

#define BITS_MIN 9
#define BITS_MAX 15

/* Shorter messages, most of them ids and a time, hardly shrink. */
#define COMPRESS_FROM_BYTES 128

/* What ends each message and is not sent (RFC 7692 7.2.1). */
static const uint8_t tail[4] = { 0x00, 0x00, 0xff, 0xff };

struct deflate {
	z_stream compressors[BITS_MAX - BITS_MIN + 1];
	z_stream inflater;
	uint64_t *compressions;
	size_t max_bytes;
	uint8_t inflated[]; /* one byte more than that: it tells the larger */
};

/* --- Out */

/* The compressor for this window, ready for a message; NULL: out of memory. */
static z_stream *
compressor_of(struct deflate *d, unsigned bits)
{
	z_stream *z = &d->compressors[bits - BITS_MIN];

	if (z->state != NULL)
		return deflateReset(z) == Z_OK ? z : NULL;
	if (deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -(int)bits, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	return z;
}

/* Returns the compressed length, or 0 if it is not less than before; `out` has
 * room for `n` bytes and the tail. */
static size_t
compress_payload(z_stream *z, uint8_t *payload, size_t n, uint8_t *out)
{
	z->next_in = payload;
	z->avail_in = (uInt)n;
	z->next_out = out;
	z->avail_out = (uInt)(n + sizeof tail);
	/* Without room to spare there may be more to come. */
	if (deflate(z, Z_SYNC_FLUSH) != Z_OK || z->avail_out == 0)
		return 0;
	return n - z->avail_out;
}

/* The compressed parcel, held once; NULL if it would be no shorter, or for want
 * of memory. */
static struct parcel *
make_form(struct deflate *d, struct parcel *parcel, unsigned bits)
{
	size_t n = parcel->n - parcel->payload_at;
	z_stream *z = compressor_of(d, bits);
	struct parcel *form, *fitting;
	size_t header_bytes;

	if (z == NULL || (form = parcel_new(parcel->n + sizeof tail)) == NULL)
		return NULL;
	(*d->compressions)++;
	n = compress_payload(z, parcel->bytes + parcel->payload_at, n,
			     form->bytes + parcel->payload_at);
	if (n == 0) {
		parcel_drop(form);
		return NULL;
	}
	header_bytes = websocket_frame_header(
	    form->bytes, (enum websocket_opcode)(parcel->bytes[0] & 0x0f), n);
	form->bytes[0] |= WEBSOCKET_RSV1;
	memmove(form->bytes + header_bytes, form->bytes + parcel->payload_at,
		n);
	form->n = (uint32_t)(header_bytes + n);
	form->form_bits = (uint8_t)bits;
	fitting = realloc(form, sizeof *form + form->n);
	if (fitting != NULL)
		form = fitting;
	return form;
}

/* A window that is as large as the message is as good as any larger one: no
 * distance in it is longer than the message. */
static unsigned
needed_bits(size_t payload_bytes, unsigned window_bits)
{
	return payload_bytes <= (size_t)1 << window_bits ? BITS_MAX
							 : window_bits;
}

struct parcel *
deflate_parcel(struct deflate *d, struct parcel *parcel, unsigned window_bits)
{
	size_t n = parcel->n - parcel->payload_at;
	unsigned bits = needed_bits(n, window_bits);
	struct parcel *form = parcel->form;

	if (parcel->payload_at == 0 || n < COMPRESS_FROM_BYTES)
		return parcel;
	while (form != NULL && form->form_bits != bits)
		form = form->form;
	if (form != NULL)
		return form;
	form = make_form(d, parcel, bits);
	if (form == NULL) {
		parcel->payload_at = 0; /* once tried is enough */
		return parcel;
	}
	form->form = parcel->form;
	parcel->form = form;
	return form;
}

/* --- In */

static int
begin_inflating(struct deflate *d)
{
	d->inflater.next_out = d->inflated;
	d->inflater.avail_out = (uInt)(d->max_bytes + 1);
	return inflateReset(&d->inflater);
}

/* Inflates until the bytes or the room are used up. `rc` is what zlib said
 * before, and returned is what it says now. A final block ends the stream and
 * not the message (RFC 7692 7.2.3.4): another stream may follow. */
static int
inflate_piece(z_stream *z, int rc, const void *bytes, size_t n)
{
	z->next_in = bytes;
	z->avail_in = (uInt)n;
	while (rc >= 0 && z->avail_in > 0 && z->avail_out > 0) {
		if (rc == Z_STREAM_END)
			rc = inflateReset(z);
		if (rc == Z_OK)
			rc = inflate(z, Z_SYNC_FLUSH);
	}
	return rc;
}

/* Gives it the tail, which must be an empty block there, and not be taken for
 * text that was cut off. zlib tells the end of a block by 128, and in the lower
 * bits how much is left of the last byte: nothing. */
static bool
ends_with_tail(z_stream *z, int rc)
{
	uInt room = z->avail_out;

	rc = inflate_piece(z, rc, tail, sizeof tail);
	return z->avail_out == room &&
	       (rc == Z_STREAM_END || (rc == Z_OK && z->data_type == 128));
}

static enum websocket_event
fail(struct websocket_message *message, enum websocket_code code,
     const char *why)
{
	*message =
	    (struct websocket_message){ .at = "", .code = code, .why = why };
	return WEBSOCKET_ERROR;
}

enum websocket_event
deflate_open(struct deflate *d, enum websocket_event event,
	     struct websocket_message *message)
{
	z_stream *z = &d->inflater;
	int rc = begin_inflating(d);
	size_t n;

	rc = inflate_piece(z, rc, message->at, message->n);
	if (rc == Z_MEM_ERROR)
		return fail(message, WEBSOCKET_INTERNAL_ERROR, "out of memory");
	if (z->avail_out == 0)
		return fail(message, WEBSOCKET_TOO_BIG, "message too big");
	if (!ends_with_tail(z, rc))
		return fail(message, WEBSOCKET_BAD_TEXT,
			    "message is not deflated");
	n = d->max_bytes + 1 - z->avail_out;
	if (event == WEBSOCKET_TEXT && !utf8_is_valid(d->inflated, n))
		return fail(message, WEBSOCKET_BAD_TEXT, "text is not UTF-8");
	*message =
	    (struct websocket_message){ .at = (char *)d->inflated, .n = n };
	return event;
}

/* --- Coming and going */

struct deflate *
deflate_new(size_t max_bytes, uint64_t *compressions)
{
	struct deflate *d = calloc(1, sizeof *d + max_bytes + 1);

	if (d == NULL)
		return NULL;
	d->max_bytes = max_bytes;
	d->compressions = compressions;
	if (inflateInit2(&d->inflater, -BITS_MAX) != Z_OK ||
	    compressor_of(d, BITS_MAX) == NULL)
		deflate_free(&d);
	return d;
}

void
deflate_free(struct deflate **d)
{
	if (*d == NULL)
		return;
	for (unsigned i = 0; i <= BITS_MAX - BITS_MIN; i++)
		(void)deflateEnd(&(*d)->compressors[i]);
	(void)inflateEnd(&(*d)->inflater);
	free(*d);
	*d = NULL;
}
