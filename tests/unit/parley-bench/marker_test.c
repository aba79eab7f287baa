/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-bench/marker_test.c - what a benchmark's message says can
 * be read again, whatever stands around it.
 */
#include "tests/unit/check.h"
#include "tools/parley-bench/marker.h"

#include <stdlib.h>

static const struct marker one = { .run = 0xfedcba98,
				   .room = 7,
				   .slot = 3,
				   .number = 4000000000,
				   .due_us = UINT64_C(0x0123456789abcdef) };

static const char *
find(const char *text, struct marker *out)
{
	return marker_find(text, text + strlen(text), out);
}

static void
is_read_as_it_was_written(void)
{
	char text[200] = "{\"content\":\"~p ~pb not hex here ";
	struct marker got = { 0 };
	size_t n = strlen(text);

	marker_write(&one, text + n);
	strcpy(text + n + MARKER_BYTES, "xxxx\"}");
	CHECK(find(text, &got) == text + n + MARKER_BYTES);
	CHECK_INT(got.run, one.run);
	CHECK_INT(got.room, 7);
	CHECK_INT(got.slot, 3);
	CHECK_INT(got.number, one.number);
	CHECK(got.due_us == one.due_us);
}

static void
several_are_found_one_after_the_other(void)
{
	char text[2 * MARKER_BYTES + 2] = { 0 };
	struct marker got, other = one;
	const char *at;

	other.number = 5;
	marker_write(&one, text);
	text[MARKER_BYTES] = '|';
	marker_write(&other, text + MARKER_BYTES + 1);
	at = find(text, &got);
	CHECK(at == text + MARKER_BYTES);
	at = marker_find(at, text + sizeof text - 1, &got);
	CHECK(at == text + sizeof text - 1);
	CHECK_INT(got.number, 5);
	CHECK(marker_find(at, text + sizeof text - 1, &got) == NULL);
}

/* Nothing behind the end is looked at: an exact copy shows it to sanitizers. */
static void
a_part_of_one_is_none(void)
{
	char text[MARKER_BYTES];
	struct marker got;

	marker_write(&one, text);
	for (size_t n = 0; n < MARKER_BYTES; n++) {
		char *part = malloc(n + 1);

		memcpy(part, text, n);
		CHECK(marker_find(part, part + n, &got) == NULL);
		free(part);
	}
}

int
main(void)
{
	RUN(is_read_as_it_was_written);
	RUN(several_are_found_one_after_the_other);
	RUN(a_part_of_one_is_none);
	return check_done();
}
