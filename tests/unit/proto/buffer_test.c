/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/buffer_test.c - growing, printing, consuming, refusing. */
#include "proto/buffer.h"

#include "tests/unit/check.h"

#include <errno.h>

static void
empty_buffer_needs_no_setup(void)
{
	struct buffer b = { 0 };

	CHECK_INT(buffer_append(&b, NULL, 0), 0);
	buffer_consume(&b, 10);
	buffer_clear(&b);
	CHECK_INT(b.n, 0);
	buffer_fini(&b);
	CHECK(b.bytes == NULL);
}

static void
grows_byte_by_byte(void)
{
	struct buffer b = { 0 };

	for (int i = 0; i < 10000; i++) {
		uint8_t byte = (uint8_t)i;

		CHECK_INT(buffer_append(&b, &byte, 1), 0);
	}
	CHECK_INT(b.n, 10000);
	CHECK(b.room >= b.n);
	for (int i = 0; i < 10000; i++)
		CHECK_INT(b.bytes[i], (uint8_t)i);
	buffer_fini(&b);
}

static void
reserved_room_is_not_moved(void)
{
	struct buffer b = { 0 };
	uint8_t *before;

	CHECK_INT(buffer_reserve(&b, 5000), 0);
	before = b.bytes;
	for (int i = 0; i < 5000; i++)
		CHECK_INT(buffer_append(&b, "x", 1), 0);
	CHECK(b.bytes == before);
	buffer_fini(&b);
}

static void
prints_behind_what_is_there(void)
{
	struct buffer b = { 0 };

	CHECK_INT(buffer_append_text(&b, "a="), 0);
	CHECK_INT(buffer_printf(&b, "%d %s", 7, "seven"), 0);
	CHECK_INT(buffer_printf(&b, "%600s", "."), 0);
	CHECK_INT(b.n, 609);
	CHECK(memcmp(b.bytes, "a=7 seven   ", 12) == 0);
	CHECK_INT(b.bytes[608], '.');
	buffer_fini(&b);
}

static void
consumes_from_the_start(void)
{
	struct buffer b = { 0 };

	CHECK_INT(buffer_append_text(&b, "abcdef"), 0);
	buffer_consume(&b, 0);
	CHECK_INT(b.n, 6);
	buffer_consume(&b, 2);
	CHECK_INT(b.n, 4);
	CHECK(memcmp(b.bytes, "cdef", 4) == 0);
	buffer_consume(&b, 100);
	CHECK_INT(b.n, 0);
	buffer_fini(&b);
}

static void
too_much_is_refused_and_changes_nothing(void)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2 };
	struct buffer b = { 0 };

	CHECK_INT(buffer_append_text(&b, "abc"), 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		errno = 0;
		CHECK_INT(buffer_reserve(&b, sizes[i]), -1);
		CHECK_INT(errno, ENOMEM);
		CHECK_INT(b.n, 3);
		CHECK(memcmp(b.bytes, "abc", 3) == 0);
	}
	buffer_fini(&b);
}

int
main(void)
{
	RUN(empty_buffer_needs_no_setup);
	RUN(grows_byte_by_byte);
	RUN(reserved_room_is_not_moved);
	RUN(prints_behind_what_is_there);
	RUN(consumes_from_the_start);
	RUN(too_much_is_refused_and_changes_nothing);
	return check_done();
}
