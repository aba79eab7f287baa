/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-bench/framing_test.c - frames of each length are walked
 * over whole, and not before they are all there.
 */
#include "tests/unit/check.h"
#include "tools/parley-bench/framing.h"

#include <stdlib.h>

static const size_t lengths[] = { 0, 1, 125, 126, 300, 65535, 65536, 100000 };
#define LENGTHS (sizeof lengths / sizeof lengths[0])

/* As a server writes it: not masked. */
static size_t
write_server_frame(uint8_t *into, size_t n)
{
	size_t extended = n > 65535 ? 8 : n > 125 ? 2 : 0;

	into[0] = 0x81;
	into[1] = (uint8_t)(extended == 8 ? 127 : extended == 2 ? 126 : n);
	for (size_t i = 0; i < extended; i++)
		into[2 + i] =
		    (uint8_t)((uint64_t)n >> (8 * (extended - 1 - i)));
	memset(into + 2 + extended, 'a', n);
	return 2 + extended + n;
}

static void
each_length_is_taken_whole(void)
{
	for (size_t i = 0; i < LENGTHS; i++) {
		uint8_t *bytes = malloc(lengths[i] + 20);
		size_t n = write_server_frame(bytes, lengths[i]);
		struct slice in = { (char *)bytes, n }, payload;
		enum wire_opcode opcode;
		bool is_broken;

		CHECK(framing_take(&in, &opcode, &payload, &is_broken));
		CHECK_INT(payload.n, lengths[i]);
		CHECK_INT(opcode, WIRE_OP_TEXT);
		CHECK_INT(in.n, 0);
		in = (struct slice){ (char *)bytes, n - 1 };
		CHECK(!framing_take(&in, &opcode, &payload, &is_broken));
		CHECK(!is_broken);
		CHECK_INT(in.n, n - 1);
		free(bytes);
	}
}

static void
what_no_server_sends_is_broken(void)
{
	static const uint8_t masked[] = { 0x81, 0x81, 0, 0, 0, 0, 'a' };
	static const uint8_t huge[] = { 0x82, 127,  0xff, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff };
	struct slice in = { (const char *)masked, sizeof masked }, payload;
	enum wire_opcode opcode;
	bool is_broken;

	CHECK(!framing_take(&in, &opcode, &payload, &is_broken));
	CHECK(is_broken);
	in = (struct slice){ (const char *)huge, sizeof huge };
	CHECK(!framing_take(&in, &opcode, &payload, &is_broken));
	CHECK(is_broken);
}

int
main(void)
{
	RUN(each_length_is_taken_whole);
	RUN(what_no_server_sends_is_broken);
	return check_done();
}
