/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/deflate_fuzz.c - any bytes as an offer, as a compressed
 * message and as a text to be compressed; the first byte says which.
 *
 * What is agreed on must be what the answer says. A message must come out the
 * same after any other one, and no larger than the maximum. A text must come
 * back from each form that is made of it, in a window of the size agreed on.
 * The bytes lie in an allocation of their own size, so that ASan sees one too
 * many.
 */
#include "gateway/deflate.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define MAX_BYTES  20000
#define INPUT_MAX  40000
#define WINDOW_MIN 9
#define WINDOW_MAX 15

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t compressions;

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* --- An offer: each line is a field of its own */

static void
check_answer(const char *answer, unsigned bits)
{
	char wanted[DEFLATE_ANSWER_BYTES] =
	    "permessage-deflate; server_no_context_takeover; "
	    "client_no_context_takeover";
	size_t n = strlen(wanted);

	must(bits == 0 || (bits >= WINDOW_MIN && bits <= WINDOW_MAX));
	if (bits == 0) {
		must(*answer == '\0');
	} else if (strcmp(answer, wanted) != 0) {
		snprintf(wanted + n, sizeof wanted - n,
			 "; server_max_window_bits=%u", bits);
		must(strcmp(answer, wanted) == 0);
	} else {
		must(bits == WINDOW_MAX);
	}
}

static void
offer(const char *text, size_t size)
{
	static struct http_request request;
	char answer[DEFLATE_ANSWER_BYTES] = "";

	request.header_count = 0;
	while (size > 0 && request.header_count < 4) {
		const char *end = memchr(text, '\n', size);
		size_t n = end != NULL ? (size_t)(end - text) : size;

		request.headers[request.header_count++] =
		    (struct http_header){ slice_of("sec-websocket-extensions"),
					  { text, n } };
		text += n + (end != NULL);
		size -= n + (end != NULL);
	}
	check_answer(answer, deflate_agree(&request, answer));
}

/* --- A compressed message */

static struct websocket_message
opened(struct deflate *d, enum websocket_event *event, const void *bytes,
       size_t size)
{
	struct websocket_message m = { .at = bytes,
				       .n = size,
				       .is_compressed = true };
	enum websocket_event asked = *event;

	*event = deflate_open(d, asked, &m);
	must(!m.is_compressed);
	must(m.n <= MAX_BYTES);
	if (*event == WEBSOCKET_ERROR)
		must(m.code == 1007 || m.code == 1009);
	else
		must(*event == asked && m.code == 0);
	if (*event == WEBSOCKET_TEXT)
		must(utf8_is_valid(m.at, m.n));
	return m;
}

static void
inflate_it(struct deflate *used, const void *bytes, size_t size)
{
	struct deflate *fresh = deflate_new(MAX_BYTES, &compressions);
	enum websocket_event first = WEBSOCKET_BINARY;
	enum websocket_event second = WEBSOCKET_BINARY;
	enum websocket_event third = WEBSOCKET_TEXT;
	struct websocket_message m, same;

	must(fresh != NULL);
	m = opened(fresh, &first, bytes, size);
	same = opened(used, &second, bytes, size);
	must(first == second && m.code == same.code && m.n == same.n);
	must(m.n == 0 || memcmp(m.at, same.at, m.n) == 0);
	(void)opened(used, &third, bytes, size);
	must(third == WEBSOCKET_ERROR || first == WEBSOCKET_BINARY);
	deflate_free(&fresh);
}

/* --- A text to be compressed */

static void
check_form(const struct parcel *form, unsigned bits, const void *text,
	   size_t size)
{
	static const uint8_t tail[] = { 0, 0, 0xff, 0xff };
	static uint8_t out[INPUT_MAX + 1];
	static uint8_t in[INPUT_MAX + sizeof tail];
	size_t at = form->bytes[1] < 126 ? 2 : 4;
	z_stream z = { 0 };

	must(form->bytes[0] == 0xc1 && form->n < size + 4);
	memcpy(in, form->bytes + at, form->n - at);
	memcpy(in + form->n - at, tail, sizeof tail);
	must(inflateInit2(&z, -(int)bits) == Z_OK);
	z.next_in = in;
	z.avail_in = (unsigned)(form->n - at + sizeof tail);
	z.next_out = out;
	/* In pieces, as only then the window counts. */
	while (z.avail_in > 0 && z.total_out <= size) {
		z.avail_out = 64;
		if (z.avail_out > size + 1 - z.total_out)
			z.avail_out = (unsigned)(size + 1 - z.total_out);
		must(inflate(&z, Z_SYNC_FLUSH) == Z_OK);
	}
	must(z.total_out == size && memcmp(out, text, size) == 0);
	inflateEnd(&z);
}

static void
compress_it(struct deflate *d, const void *text, size_t size)
{
	struct parcel *parcel = parcel_of_text(text, size);

	must(parcel != NULL);
	for (unsigned bits = WINDOW_MIN; bits <= WINDOW_MAX; bits++) {
		struct parcel *form = deflate_parcel(d, parcel, bits);

		must(form == deflate_parcel(d, parcel, bits));
		if (form != parcel)
			check_form(form, bits, text, size);
	}
	parcel_drop(parcel);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct deflate *d;
	char *copy;

	if (d == NULL)
		d = deflate_new(MAX_BYTES, &compressions);
	if (size < 2 || size > INPUT_MAX)
		return 0;
	copy = malloc(size - 1);
	must(d != NULL && copy != NULL);
	memcpy(copy, data + 1, size - 1);
	if (data[0] == 'o')
		offer(copy, size - 1);
	else if (data[0] == 'm')
		inflate_it(d, copy, size - 1);
	else
		compress_it(d, copy, size - 1);
	free(copy);
	return 0;
}
