/* SPDX-License-Identifier: MIT */
/* tests/unit/client/wire_test.c - are a server's frames read as RFC 6455 says,
 * and a client's written so?
 *
 * A case is what a server sends, in hex, and the events that must follow. Each
 * is fed at once and byte by byte.
 */
#include "tools/client/wire.h"

#include "tests/unit/check.h"

#include <stdlib.h>

#define MAX_BYTES 300

static const struct {
	const char *name, *hex, *events;
} cases[] = {
	{ "text", "8105 48656c6c6f", "TEXT(Hello)" },
	{ "empty text", "8100", "TEXT()" },
	{ "two messages", "810161 820162", "TEXT(a) BINARY(b)" },
	{ "fragments", "010161 000162 800163", "TEXT(abc)" },
	{ "ping between fragments", "010161 890178 800162",
	  "PING(x) TEXT(ab)" },
	{ "pong", "8a00", "PONG()" },
	{ "a character cut in two", "0101c3 8001a9", "TEXT(\xc3\xa9)" },
	{ "close", "880403e86f6b", "CLOSE(1000 ok)" },
	{ "empty close", "8800", "CLOSE(1005 )" },
	{ "nothing after a close", "880203e8 810161", "CLOSE(1000 )" },
	{ "half a code", "880103", "ERROR(1002)" },
	{ "a reason that is no UTF-8", "880303e8ff", "ERROR(1007)" },
	{ "masked", "8181 00000000 61", "ERROR(1002)" },
	{ "reserved bit", "c10161", "ERROR(1002)" },
	{ "reserved opcode", "830161", "ERROR(1002)" },
	{ "reserved control opcode", "8b00", "ERROR(1002)" },
	{ "continuation of nothing", "800161", "ERROR(1002)" },
	{ "message inside a message", "010161 810162", "ERROR(1002)" },
	{ "fragmented ping", "090161", "ERROR(1002)" },
	{ "control too long", "897e007e", "ERROR(1002)" },
	{ "longer form than needed", "817e007d", "ERROR(1002)" },
	{ "longest form for little", "817f000000000000ffff", "ERROR(1002)" },
	{ "too big", "817e012d", "ERROR(1009)" },
	{ "too big in pieces", "010161 807e012c", "ERROR(1009)" },
	{ "huge", "817fffffffffffffffff", "ERROR(1009)" },
	{ "no UTF-8", "8101ff", "ERROR(1007)" },
	{ "a character without its end", "8101c3", "ERROR(1007)" },
	{ "binary is anything", "8201ff", "BINARY(\xff)" },
};

static size_t
from_hex(const char *hex, unsigned char *into)
{
	size_t n = 0;

	for (; *hex != '\0'; hex++) {
		char pair[3] = { hex[0], hex[0] != ' ' ? hex[1] : '\0', '\0' };

		if (*hex == ' ')
			continue;
		into[n++] = (unsigned char)strtoul(pair, NULL, 16);
		hex++;
	}
	return n;
}

static void
note(char *events, size_t room, enum wire_kind kind,
     const struct wire_event *event)
{
	static const char *const names[] = {
		[WIRE_TEXT] = "TEXT",
		[WIRE_BINARY] = "BINARY",
		[WIRE_PING] = "PING",
		[WIRE_PONG] = "PONG",
	};
	size_t n = strlen(events);
	const char *blank = n > 0 ? " " : "";
	int length = (int)event->payload.n;
	const char *at = length > 0 ? event->payload.at : "";

	if (kind == WIRE_ERROR)
		snprintf(events + n, room - n, "%sERROR(%u)", blank,
			 event->code);
	else if (kind == WIRE_CLOSE)
		snprintf(events + n, room - n, "%sCLOSE(%u %.*s)", blank,
			 event->code, length, at);
	else
		snprintf(events + n, room - n, "%s%s(%.*s)", blank, names[kind],
			 length, at);
}

static void
read_in_steps(const unsigned char *bytes, size_t n, size_t step, char *events,
	      size_t room)
{
	struct wire_reader reader = { .max_bytes = MAX_BYTES };
	struct wire_event event;
	enum wire_kind kind;

	events[0] = '\0';
	for (size_t at = 0; at < n; at += step) {
		struct slice in = { (const char *)bytes + at,
				    n - at < step ? n - at : step };

		while ((kind = wire_next(&reader, &in, &event)) !=
		       WIRE_NEED_MORE)
			note(events, room, kind, &event);
		CHECK_INT(in.n, 0);
	}
	wire_fini(&reader);
}

static void
frames_are_read_as_the_standard_says(void)
{
	unsigned char bytes[64];
	char events[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = from_hex(cases[i].hex, bytes);

		printf("# %s\n", cases[i].name);
		read_in_steps(bytes, n, n, events, sizeof events);
		CHECK_STR(events, cases[i].events);
		read_in_steps(bytes, n, 1, events, sizeof events);
		CHECK_STR(events, cases[i].events);
	}
}

static void
frames_are_masked_with_fresh_keys(void)
{
	static const size_t sizes[] = { 0,   1,     125,   126,
					300, 65535, 65536, 100000 };
	static char payload[100000];

	memset(payload, 'p', sizeof payload);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct buffer out = { 0 };
		size_t n = sizes[i];
		size_t head = 2 + (n > 65535 ? 8u : n > 125 ? 2u : 0u) + 4;

		CHECK_INT(wire_write(&out, WIRE_OP_TEXT, payload, n), 0);
		CHECK_INT(out.n, head + n);
		CHECK_INT(out.bytes[0], 0x81);
		CHECK_INT(out.bytes[1], 0x80 | (n > 65535 ? 127
						: n > 125 ? 126
							  : n));
		for (size_t j = 0; j < n; j++)
			if ((out.bytes[head + j] ^
			     out.bytes[head - 4 + j % 4]) != 'p') {
				CHECK(!"unmasked otherwise");
				break;
			}
		buffer_fini(&out);
	}
}

static void
two_frames_have_two_keys(void)
{
	struct buffer out = { 0 };

	CHECK_INT(wire_write(&out, WIRE_OP_TEXT, "", 0), 0);
	CHECK_INT(wire_write(&out, WIRE_OP_BINARY, "", 0), 0);
	CHECK_INT(out.n, 12);
	CHECK_INT(out.bytes[6], 0x82);
	CHECK(memcmp(out.bytes + 2, out.bytes + 8, 4) != 0);
	buffer_fini(&out);
}

static void
reason_of_a_close_is_cut_at_a_character(void)
{
	struct buffer out = { 0 };
	char why[200];

	memset(why, 'x', sizeof why);
	memcpy(why + 122, "\xc3\xa9", 3);
	CHECK_INT(wire_write_close(&out, WIRE_NORMAL, why), 0);
	CHECK_INT(out.bytes[1] & 0x7f, 2 + 122);
	buffer_fini(&out);
}

int
main(void)
{
	RUN(frames_are_read_as_the_standard_says);
	RUN(frames_are_masked_with_fresh_keys);
	RUN(two_frames_have_two_keys);
	RUN(reason_of_a_close_is_cut_at_a_character);
	return check_done();
}
