/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/websocket_fuzz.c - any bytes as a client's frames.
 *
 * The events must be the same whether the bytes come at once or in pieces,
 * whose size follows from the first byte of the input; its second byte sets
 * the maximum and whether compressed messages are allowed, which are inflated
 * then. Each piece lies in an allocation of its own size, so that ASan sees a
 * byte too many.
 */
#include "gateway/deflate.h"
#include "gateway/websocket.h"

#include <stdlib.h>
#include <string.h>

#define TRANSCRIPT_MAX (256 * 1024)
#define INFLATED_MAX   4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All events and payloads, one behind the other. */
struct transcript {
	size_t n;
	unsigned char bytes[TRANSCRIPT_MAX];
};

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
note(struct transcript *t, const void *bytes, size_t n)
{
	must(n <= sizeof(t->bytes) - t->n);
	if (n > 0)
		memcpy(t->bytes + t->n, bytes, n);
	t->n += n;
}

/* What a compressed message says is noted as if it had been sent like that. */
static enum websocket_event
inflate_it(enum websocket_event event, struct websocket_message *m)
{
	static struct deflate *inflater;
	static uint64_t compressions;

	if (inflater == NULL)
		inflater = deflate_new(INFLATED_MAX, &compressions);
	must(inflater != NULL);
	event = deflate_open(inflater, event, m);
	must(m->n <= INFLATED_MAX && !m->is_compressed);
	return event;
}

static void
note_event(struct transcript *t, enum websocket_event event,
	   const struct websocket_message *m)
{
	bool is_over = event == WEBSOCKET_CLOSE || event == WEBSOCKET_ERROR;

	if (event == WEBSOCKET_TEXT)
		must(utf8_is_valid(m->at, m->n));
	if (event == WEBSOCKET_ERROR)
		note(t, m->why, strlen(m->why));
	if (is_over)
		note(t, &m->code, sizeof(m->code));
	note(t, &event, sizeof(event));
	note(t, &m->n, sizeof(m->n));
	note(t, m->at, m->n);
}

static void
read_frames(struct transcript *t, const uint8_t *bytes, size_t n, size_t step,
	    uint8_t settings)
{
	struct websocket ws;

	t->n = 0;
	websocket_init(&ws, (settings & 0x7f) * 64u, settings >> 7);
	for (size_t at = 0; at < n; at += step) {
		size_t piece = n - at < step ? n - at : step;
		unsigned char *copy = malloc(piece);
		struct websocket_input in = { copy, piece };
		struct websocket_message m;
		enum websocket_event event;

		must(copy != NULL);
		memcpy(copy, bytes + at, piece);
		while ((event = websocket_next(&ws, &in, &m)) !=
		       WEBSOCKET_NEED_MORE) {
			if (m.is_compressed)
				event = inflate_it(event, &m);
			note_event(t, event, &m);
		}
		must(in.n == 0);
		free(copy);
	}
	websocket_fini(&ws);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct transcript whole;
	static struct transcript parts;

	if (size < 3 || size > 8192)
		return 0;
	read_frames(&whole, data + 2, size - 2, size - 2, data[1]);
	read_frames(&parts, data + 2, size - 2, data[0] % 32 + 1u, data[1]);
	must(whole.n == parts.n);
	must(memcmp(whole.bytes, parts.bytes, whole.n) == 0);
	return 0;
}
