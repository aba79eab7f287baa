/* SPDX-License-Identifier: MIT */
/* tests/fuzz/parley/server_frames_fuzz.c - any bytes as a server's answer to
 * the client: frames, the JSON in them, and what of it reaches the terminal.
 *
 * The events must be the same whether the bytes come at once or in pieces,
 * whose size follows from the first byte of the input. What is printed is
 * UTF-8 without anything that a terminal obeys.
 */
#include "proto/utf8.h"
#include "tools/client/text.h"
#include "tools/client/wire.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
must_be_safe(const struct buffer *shown)
{
	struct slice text = { (char *)shown->bytes, shown->n };

	must(utf8_is_valid(text.at, text.n));
	while (text.n > 0)
		must(!text_is_unsafe(text_next(&text)));
}

/* A message as `tail --json` and as a person sees it. */
static void
show(struct slice text)
{
	json_t *frame =
	    json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, NULL);
	char *dumped = frame != NULL ? json_dumps(frame, JSON_COMPACT) : NULL;
	struct buffer out = { 0 };
	json_t *again;

	must(text_append_safe(&out, text, "") == 0);
	must_be_safe(&out);
	buffer_clear(&out);
	if (dumped != NULL) {
		must(text_append_json(&out, slice_of(dumped)) == 0);
		must_be_safe(&out);
		again = json_loadb((char *)out.bytes, out.n, 0, NULL);
		must(json_equal(frame, again));
		json_decref(again);
	}
	free(dumped);
	json_decref(frame);
	buffer_fini(&out);
}

static void
note(struct buffer *events, enum wire_kind kind, const struct wire_event *e)
{
	uint8_t name = (uint8_t)kind;

	must(buffer_append(events, &name, 1) == 0);
	must(buffer_append(events, &e->code, sizeof e->code) == 0);
	must(buffer_append(events, &e->payload.n, sizeof e->payload.n) == 0);
	if (e->payload.n > 0)
		must(buffer_append(events, e->payload.at, e->payload.n) == 0);
	if (kind == WIRE_TEXT)
		must(utf8_is_valid(e->payload.at, e->payload.n));
	if (kind == WIRE_TEXT && e->payload.n > 0)
		show(e->payload);
}

static void
read_frames(const uint8_t *data, size_t size, size_t step,
	    struct buffer *events)
{
	struct wire_reader reader = { .max_bytes = INPUT_MAX / 2 };

	for (size_t at = 0; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;
		char *piece = malloc(n);
		struct slice in = { piece, n };
		struct wire_event event;
		enum wire_kind kind;

		must(piece != NULL);
		memcpy(piece, data + at, n);
		while ((kind = wire_next(&reader, &in, &event)) !=
		       WIRE_NEED_MORE)
			note(events, kind, &event);
		must(in.n == 0);
		free(piece);
	}
	wire_fini(&reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole = { 0 }, parts = { 0 };

	if (size < 2 || size > INPUT_MAX)
		return 0;
	read_frames(data + 1, size - 1, size - 1, &whole);
	read_frames(data + 1, size - 1, data[0] % 16 + 1u, &parts);
	must(whole.n == parts.n);
	must(whole.n == 0 || memcmp(whole.bytes, parts.bytes, whole.n) == 0);
	buffer_fini(&whole);
	buffer_fini(&parts);
	return 0;
}
