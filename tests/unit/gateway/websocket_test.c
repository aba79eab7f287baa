/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/websocket_test.c - are frames read as RFC 6455 says?
 *
 * A case is what a client sends and the events that must follow, written as
 * "TEXT(Hello) CLOSE(1000 bye)". Each is fed at once, byte by byte and in every
 * two pieces. The cases go through what the Autobahn suite lists in its
 * sections 1 to 7.
 */
#include "gateway/websocket.h"

#include "tests/unit/check.h"

#include <stdlib.h>

#define INPUT_MAX 4096
#define MAX_BYTES 1024
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

struct input {
	size_t n;
	unsigned char bytes[INPUT_MAX];
};

struct sent {
	unsigned first; /* FIN, reserved bits, opcode */
	const char *payload;
};

struct frame_case {
	const char *name;
	const char *events;
	struct sent frames[8];
};

struct raw_case {
	const char *name;
	const char *events;
	const char *hex;
};

/* clang-format off */
static const struct frame_case frame_cases[] = {
	/* 1: framing */
	{ "text", "TEXT(Hello)", { { 0x81, "Hello" } } },
	{ "empty text", "TEXT()", { { 0x81, "" } } },
	{ "binary", "BINARY(\xff\xfe)", { { 0x82, "\xff\xfe" } } },
	{ "empty binary", "BINARY()", { { 0x82, "" } } },
	{ "two messages", "TEXT(a) TEXT(b)", { { 0x81, "a" }, { 0x81, "b" } } },
	/* 2: pings and pongs */
	{ "ping", "PING()", { { 0x89, "" } } },
	{ "ping with payload", "PING(Hello)", { { 0x89, "Hello" } } },
	{ "ping of other bytes", "PING(\xff\xfe)", { { 0x89, "\xff\xfe" } } },
	{ "unasked pong", "PONG() PING(a)", { { 0x8a, "" }, { 0x89, "a" } } },
	{ "many pings", "PING(1) PING(2) PING(3)",
	  { { 0x89, "1" }, { 0x89, "2" }, { 0x89, "3" } } },
	/* 3: reserved bits */
	{ "RSV1", "ERROR(1002)", { { 0xc1, "a" } } },
	{ "RSV2", "TEXT(a) ERROR(1002)", { { 0x81, "a" }, { 0xa1, "b" } } },
	{ "RSV3", "ERROR(1002)", { { 0x91, "a" } } },
	{ "all reserved bits", "ERROR(1002)", { { 0xf2, "a" } } },
	{ "RSV1 of a ping", "ERROR(1002)", { { 0xc9, "a" } } },
	{ "RSV2 of a close", "ERROR(1002)", { { 0xa8, "" } } },
	/* 4: reserved opcodes */
	{ "opcode 3", "ERROR(1002)", { { 0x83, "" } } },
	{ "opcode 4", "TEXT(a) ERROR(1002)", { { 0x81, "a" }, { 0x84, "b" } } },
	{ "opcode 7", "ERROR(1002)", { { 0x87, "a" }, { 0x89, "" } } },
	{ "opcode 11", "ERROR(1002)", { { 0x8b, "" } } },
	{ "opcode 15", "ERROR(1002)", { { 0x8f, "a" } } },
	/* 5: fragments */
	{ "fragmented ping", "ERROR(1002)", { { 0x09, "a" }, { 0x80, "b" } } },
	{ "fragmented pong", "ERROR(1002)", { { 0x0a, "a" }, { 0x80, "b" } } },
	{ "fragmented close", "ERROR(1002)", { { 0x08, "" } } },
	{ "text in two", "TEXT(ab)", { { 0x01, "a" }, { 0x80, "b" } } },
	{ "binary in three", "BINARY(abc)",
	  { { 0x02, "a" }, { 0x00, "b" }, { 0x80, "c" } } },
	{ "ping between", "PING(ping) TEXT(ab)",
	  { { 0x01, "a" }, { 0x89, "ping" }, { 0x80, "b" } } },
	{ "pings between", "PING(x) PONG() PING(yy) TEXT(abcde)",
	  { { 0x01, "ab" }, { 0x89, "x" }, { 0x00, "cd" }, { 0x8a, "" },
	    { 0x89, "yy" }, { 0x80, "e" } } },
	{ "ping before any byte", "PING(p) TEXT()",
	  { { 0x01, "" }, { 0x89, "p" }, { 0x80, "" } } },
	{ "empty fragments", "TEXT(a)",
	  { { 0x01, "" }, { 0x00, "" }, { 0x00, "a" }, { 0x80, "" } } },
	{ "empty first fragment", "TEXT(ab)", { { 0x01, "" }, { 0x80, "ab" } } },
	{ "continuation of nothing", "ERROR(1002)", { { 0x80, "a" } } },
	{ "open continuation of nothing", "ERROR(1002)", { { 0x00, "a" } } },
	{ "continuation of an ended message", "TEXT(ab) ERROR(1002)",
	  { { 0x01, "a" }, { 0x80, "b" }, { 0x80, "c" } } },
	{ "text inside a message", "ERROR(1002)",
	  { { 0x01, "a" }, { 0x81, "b" } } },
	{ "binary inside a message", "PING() ERROR(1002)",
	  { { 0x01, "a" }, { 0x89, "" }, { 0x02, "b" } } },
	{ "close inside a message", "CLOSE(1001 )",
	  { { 0x01, "a" }, { 0x88, "\x03\xe9" }, { 0x80, "b" } } },
	/* 6: UTF-8 */
	{ "Greek", "TEXT(\xce\xba\xe1\xbd\xb9)",
	  { { 0x81, "\xce\xba\xe1\xbd\xb9" } } },
	{ "character in two fragments", "TEXT(\xce\xba)",
	  { { 0x01, "\xce" }, { 0x80, "\xba" } } },
	{ "ping in a character", "PING(p) TEXT(\xf0\x9f\x98\x80)",
	  { { 0x01, "\xf0\x9f" }, { 0x89, "p" }, { 0x80, "\x98\x80" } } },
	{ "overlong", "ERROR(1007)", { { 0x81, "\xc0\xaf" } } },
	{ "surrogate", "ERROR(1007)", { { 0x81, "\xed\xa0\x80" } } },
	{ "above U+10FFFF", "ERROR(1007)", { { 0x81, "\xf4\x90\x80\x80" } } },
	{ "message ends in a character", "ERROR(1007)", { { 0x81, "a\xe1\xbd" } } },
	{ "fragments end in a character", "ERROR(1007)",
	  { { 0x01, "a\xe1" }, { 0x80, "\xbd" } } },
	{ "wrong in the second fragment", "ERROR(1007)",
	  { { 0x01, "a\xed" }, { 0x00, "\xa0" }, { 0x89, "" } } },
	{ "state ends with its message", "BINARY(\xe1) TEXT(a)",
	  { { 0x82, "\xe1" }, { 0x81, "a" } } },
	/* 7: closing */
	{ "empty close", "CLOSE(1005 )", { { 0x88, "" } } },
	{ "half a code", "ERROR(1002)", { { 0x88, "\x03" } } },
	{ "close 1000", "CLOSE(1000 )", { { 0x88, "\x03\xe8" } } },
	{ "close with a reason", "CLOSE(1000 bye \xc3\xa9)",
	  { { 0x88, "\x03\xe8" "bye \xc3\xa9" } } },
	{ "reason not UTF-8", "ERROR(1007)", { { 0x88, "\x03\xe8" "a\xff" } } },
	{ "reason ends in a character", "ERROR(1007)",
	  { { 0x88, "\x03\xe8" "\xc3" } } },
	{ "nothing after close", "CLOSE(1000 )",
	  { { 0x88, "\x03\xe8" }, { 0x81, "a" }, { 0x88, "" } } },
	{ "nothing after an error", "ERROR(1002)",
	  { { 0x83, "" }, { 0x81, "a" }, { 0x88, "" } } },
};

static const struct raw_case raw_cases[] = {
	{ "not masked", "ERROR(1002)", "81 01 61" },
	{ "ping not masked", "ERROR(1002)", "89 00" },
	{ "16 bits for 125", "ERROR(1002)", "82 fe 007d" },
	{ "64 bits for 65535", "ERROR(1002)", "82 ff 000000000000ffff" },
	{ "highest bit of the length", "ERROR(1002)",
	  "82 ff 8000000000000000" },
	{ "1025 bytes", "ERROR(1009)", "81 fe 0401" },
	{ "4 GiB", "ERROR(1009)", "82 ff 0000000100000000" },
	{ "more than the rest allows", "ERROR(1009)",
	  "02 81 00000000 61 00 fe 0400" },
	{ "ping of 126", "ERROR(1002)", "89 fe" },
	{ "close of 127", "ERROR(1002)", "88 ff" },
	{ "wrong byte, most still to come", "ERROR(1007)",
	  "81 e4 00000000 61 c0" },
	{ "unfinished is not told", "", "81 85 00000000 6161" },
};
/* clang-format on */

static void
add_frame(struct input *in, unsigned first, const void *payload, size_t n)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned char *at = in->bytes + in->n;

	*at++ = (unsigned char)first;
	if (n > 125) {
		*at++ = 0x80 | 126;
		*at++ = (unsigned char)(n >> 8);
		*at++ = (unsigned char)n;
	} else {
		*at++ = (unsigned char)(0x80 | n);
	}
	memcpy(at, mask, sizeof(mask));
	at += sizeof(mask);
	for (size_t i = 0; i < n; i++)
		*at++ = ((const unsigned char *)payload)[i] ^ mask[i % 4];
	in->n = (size_t)(at - in->bytes);
}

static struct input
from_hex(const char *hex)
{
	struct input in = { 0 };

	while (*hex != '\0') {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		in.bytes[in.n++] = (unsigned char)(http_hex_value(hex[0]) * 16 +
						   http_hex_value(hex[1]));
		hex += 2;
	}
	return in;
}

static void
tell_event(FILE *out, enum websocket_event event,
	   const struct websocket_message *m)
{
	static const char *const names[] = { "",     "TEXT",  "BINARY", "PING",
					     "PONG", "CLOSE", "ERROR" };

	fprintf(out, "%s%s(", ftell(out) > 0 ? " " : "", names[event]);
	if (event == WEBSOCKET_ERROR)
		fprintf(out, "%d", m->code);
	else if (event == WEBSOCKET_CLOSE)
		fprintf(out, "%d ", m->code);
	if (m->is_compressed)
		fputs("deflated ", out);
	fwrite(m->at, 1, m->n, out);
	fputc(')', out);
}

static void
feed(FILE *out, struct websocket *ws, const unsigned char *bytes, size_t n)
{
	unsigned char *copy = malloc(n + 1);
	struct websocket_input in = { copy, n };
	struct websocket_message m;
	enum websocket_event event;

	memcpy(copy, bytes, n);
	while ((event = websocket_next(ws, &in, &m)) != WEBSOCKET_NEED_MORE)
		tell_event(out, event, &m);
	CHECK_INT(in.n, 0);
	free(copy);
}

/* In pieces: the first of `cut` bytes, the others of `step`. */
static void
check_pieces(const struct input *in, size_t cut, size_t step, bool allow_rsv1,
	     const char *events)
{
	struct websocket ws;
	char *told = NULL;
	size_t told_bytes = 0;
	FILE *out = open_memstream(&told, &told_bytes);

	websocket_init(&ws, MAX_BYTES, allow_rsv1);
	feed(out, &ws, in->bytes, cut);
	for (size_t at = cut; at < in->n; at += step)
		feed(out, &ws, in->bytes + at,
		     in->n - at < step ? in->n - at : step);
	websocket_fini(&ws);
	fclose(out);
	CHECK_STR(told, events);
	free(told);
}

static void
check_events(const char *name, const struct input *in, bool allow_rsv1,
	     const char *events)
{
	int failed = check_failed_here;

	check_pieces(in, 0, 1, allow_rsv1, events);
	for (size_t cut = 0; cut <= in->n; cut++)
		check_pieces(in, cut, INPUT_MAX, allow_rsv1, events);
	if (check_failed_here != failed)
		printf("# in case: %s\n", name);
}

static void
frames_become_events_however_cut(void)
{
	for (size_t i = 0; i < COUNT(frame_cases); i++) {
		const struct frame_case *c = &frame_cases[i];
		struct input in = { 0 };

		for (size_t f = 0; c->frames[f].payload != NULL; f++)
			add_frame(&in, c->frames[f].first, c->frames[f].payload,
				  strlen(c->frames[f].payload));
		check_events(c->name, &in, false, c->events);
	}
}

static void
bad_frames_are_refused_before_they_end(void)
{
	for (size_t i = 0; i < COUNT(raw_cases); i++) {
		struct input in = from_hex(raw_cases[i].hex);

		check_events(raw_cases[i].name, &in, false,
			     raw_cases[i].events);
	}
}

static void
close_codes_are_judged(void)
{
	static const unsigned good[] = { 1000, 1001, 1002, 1003, 1007, 1008,
					 1009, 1010, 1011, 1012, 1013, 1014,
					 3000, 3999, 4000, 4999 };
	static const unsigned bad[] = { 0,    999,  1004, 1005, 1006, 1015,
					1016, 1100, 2000, 2999, 5000, 65535 };

	for (size_t i = 0; i < COUNT(good); i++)
		CHECK(websocket_is_close_code(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++) {
		unsigned char code[2] = { (unsigned char)(bad[i] >> 8),
					  (unsigned char)bad[i] };
		struct input in = { 0 };

		CHECK(!websocket_is_close_code(bad[i]));
		add_frame(&in, 0x88, code, 2);
		check_events("close code", &in, false, "ERROR(1002)");
	}
}

static void
every_length_passes(void)
{
	static const size_t lengths[] = { 1,   7,   8,   9,   124,  125,
					  126, 127, 128, 255, 1000, 1024 };
	char payload[MAX_BYTES];
	char events[MAX_BYTES + 16];

	memset(payload, 'x', sizeof(payload));
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct input in = { 0 };

		add_frame(&in, 0x81, payload, lengths[i]);
		snprintf(events, sizeof(events), "TEXT(%.*s)", (int)lengths[i],
			 payload);
		check_events("length", &in, false, events);
	}
}

static void
compressed_only_where_agreed(void)
{
	struct input in = { 0 };

	add_frame(&in, 0x41, "\xff", 1);
	add_frame(&in, 0x80, "\xfe", 1);
	add_frame(&in, 0x81, "a", 1);
	check_events("refused", &in, false, "ERROR(1002)");
	check_events("agreed", &in, true, "TEXT(deflated \xff\xfe) TEXT(a)");
	in.n = 0;
	add_frame(&in, 0x41, "\xff", 1);
	add_frame(&in, 0xc0, "\xfe", 1);
	check_events("continuation", &in, true, "ERROR(1002)");
	in.n = 0;
	add_frame(&in, 0xc9, "a", 1);
	check_events("ping", &in, true, "ERROR(1002)");
}

static void
whole_message_is_not_copied(void)
{
	struct input bytes = { 0 };
	struct websocket_input in = { bytes.bytes, 0 };
	struct websocket_message m;
	struct websocket ws;

	add_frame(&bytes, 0x81, "Hello", 5);
	add_frame(&bytes, 0x01, "", 0);
	add_frame(&bytes, 0x80, "World", 5);
	in.n = bytes.n;
	websocket_init(&ws, MAX_BYTES, false);
	CHECK_INT(websocket_next(&ws, &in, &m), WEBSOCKET_TEXT);
	CHECK(m.at == (char *)bytes.bytes + 6);
	CHECK_INT(websocket_next(&ws, &in, &m), WEBSOCKET_TEXT);
	CHECK(m.at == (char *)bytes.bytes + 23);
	CHECK(ws.gathered == NULL);
	websocket_fini(&ws);
}

static void
memory_follows_what_arrived(void)
{
	struct input bytes = from_hex("82 ff 0000000010000000 00000000 61");
	struct websocket_input in = { bytes.bytes, bytes.n };
	struct websocket_message m;
	struct websocket ws;

	websocket_init(&ws, WEBSOCKET_MESSAGE_LIMIT, false);
	CHECK_INT(websocket_next(&ws, &in, &m), WEBSOCKET_NEED_MORE);
	CHECK(ws.room < 1024);
	websocket_fini(&ws);
	CHECK(ws.gathered == NULL);
}

static void
headers_have_their_shortest_form(void)
{
	static const struct {
		size_t payload_bytes;
		size_t n;
		const char *header;
	} cases[] = {
		{ 0, 2, "\x81\x00" },
		{ 125, 2, "\x81\x7d" },
		{ 126, 4, "\x81\x7e\x00\x7e" },
		{ 65535, 4, "\x81\x7e\xff\xff" },
		{ 65536, 10, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t out[WEBSOCKET_HEADER_MAX];
		size_t n = websocket_frame_header(out, WEBSOCKET_OP_TEXT,
						  cases[i].payload_bytes);

		CHECK_INT(n, cases[i].n);
		CHECK(memcmp(out, cases[i].header, n) == 0);
	}
}

static void
close_reason_is_cut_at_a_character(void)
{
	uint8_t out[WEBSOCKET_CONTROL_MAX];
	char reason[200] = { 0 };

	CHECK_INT(websocket_close_payload(out, 1001, "bye"), 5);
	CHECK(memcmp(out,
		     "\x03\xe9"
		     "bye",
		     5) == 0);
	CHECK_INT(websocket_close_payload(out, WEBSOCKET_NO_CODE, "bye"), 0);
	memset(reason, 'a', 122);
	memcpy(reason + 122, "\xc3\xa9\xc3\xa9", 4);
	CHECK_INT(websocket_close_payload(out, 1000, reason), 124);
	reason[121] = '\0';
	CHECK_INT(websocket_close_payload(out, 1000, reason), 123);
}

/* The event that a frame of no payload brings, from a client. */
static enum websocket_event
feed_empty(struct websocket *ws, unsigned first, struct websocket_message *out)
{
	unsigned char bytes[] = { (unsigned char)first, 0x80, 1, 2, 3, 4 };
	struct websocket_input in = { bytes, sizeof bytes };

	return websocket_next(ws, &in, out);
}

static void
fragments_are_counted(void)
{
	struct websocket_message out;
	struct websocket ws;

	websocket_init(&ws, MAX_BYTES, false);
	CHECK(!websocket_is_midway(&ws));
	for (unsigned message = 0; message < 2; message++) {
		CHECK_INT(feed_empty(&ws, 0x01, &out), WEBSOCKET_NEED_MORE);
		CHECK(websocket_is_midway(&ws));
		for (unsigned i = 2; i < WEBSOCKET_FRAGMENTS_MAX; i++)
			CHECK_INT(feed_empty(&ws, 0x00, &out),
				  WEBSOCKET_NEED_MORE);
		/* Control frames are no fragments. */
		CHECK_INT(feed_empty(&ws, 0x89, &out), WEBSOCKET_PING);
		CHECK_INT(feed_empty(&ws, 0x80, &out), WEBSOCKET_TEXT);
		CHECK(!websocket_is_midway(&ws));
	}
	(void)feed_empty(&ws, 0x01, &out);
	for (unsigned i = 1; i < WEBSOCKET_FRAGMENTS_MAX; i++)
		(void)feed_empty(&ws, 0x00, &out);
	CHECK_INT(feed_empty(&ws, 0x80, &out), WEBSOCKET_ERROR);
	CHECK_INT(out.code, WEBSOCKET_POLICY);
	websocket_fini(&ws);
}

int
main(void)
{
	RUN(fragments_are_counted);
	RUN(frames_become_events_however_cut);
	RUN(bad_frames_are_refused_before_they_end);
	RUN(close_codes_are_judged);
	RUN(every_length_passes);
	RUN(compressed_only_where_agreed);
	RUN(whole_message_is_not_copied);
	RUN(memory_follows_what_arrived);
	RUN(headers_have_their_shortest_form);
	RUN(close_reason_is_cut_at_a_character);
	return check_done();
}
