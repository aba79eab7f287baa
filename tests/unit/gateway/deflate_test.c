/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/deflate_test.c - are messages inflated as RFC 7692 says,
 * bounded, and can each client read what is compressed for it?
 *
 * What we compress is inflated by a zlib of the test's own, whose window is as
 * small as the client asked for; what we inflate was written by hand, or by
 * zlib in the ways that clients use it.
 */
#include "gateway/deflate.h"

#include "tests/unit/check.h"

#include <stdlib.h>
#include <zlib.h>

#define MAX_BYTES 65536
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

static uint64_t compressions;

static struct deflate *
make_deflate(void)
{
	compressions = 0;
	return deflate_new(MAX_BYTES, &compressions);
}

/* --- In */

static size_t
from_hex(const char *hex, unsigned char *out)
{
	size_t n = 0;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		out[n++] = (unsigned char)(http_hex_value(hex[0]) * 16 +
					   http_hex_value(hex[1]));
		hex++;
	}
	return n;
}

/* "(text)", or "code why" of an error. */
static void
check_opens(struct deflate *d, enum websocket_event event, const void *bytes,
	    size_t n, const char *want)
{
	struct websocket_message m = { .at = bytes,
				       .n = n,
				       .is_compressed = true };
	enum websocket_event got = deflate_open(d, event, &m);
	char told[128];

	if (got == WEBSOCKET_ERROR)
		snprintf(told, sizeof told, "%u %s", m.code, m.why);
	else
		snprintf(told, sizeof told, "(%.*s)", (int)m.n, m.at);
	CHECK(got == event || got == WEBSOCKET_ERROR);
	CHECK(!m.is_compressed);
	CHECK_STR(told, want);
}

#define BROKEN  "1007 message is not deflated"
#define BAD     "1007 text is not UTF-8"
#define TOO_BIG "1009 message too big"

static void
messages_are_inflated(void)
{
	/* clang-format off */
	static const struct {
		const char *want;
		const char *hex;
	} cases[] = {
		/* RFC 7692 7.2.3.1: one block with fixed codes */
		{ "(Hello)", "f248cdc9c90700" },
		/* 7.2.3.3: not compressed */
		{ "(Hello)", "000500faff48656c6c6f00" },
		/* 7.2.3.4: final, and an empty block behind it */
		{ "(Hello)", "f348cdc9c9070000" },
		/* 7.2.3.5: two blocks */
		{ "(Hello)", "f248050000 00ffff cac9c90700" },
		/* 7.2.3.6: empty */
		{ "()", "00" },
		/* empty blocks of all kinds, and a final stored one */
		{ "()", "0300 00" },
		{ "()", "0200" },
		{ "()", "01" },
		{ "()", "00 0000ffff 00 0000ffff 00" },
		/* several final blocks, each the end of a stream */
		{ "(HelloHello)", "f348cdc9c90700 f348cdc9c90700 00" },
		{ "(HelloHello)", "f348cdc9c90700 f248cdc9c90700" },
		/* 7.2.3.2: refers to the message before */
		{ BROKEN, "f200110000" },
		/* or to the stream before */
		{ BROKEN, "f348cdc9c90700 f200110000" },
		/* no end: without the empty block */
		{ BROKEN, "" },
		{ BROKEN, "f348cdc9c90700" },
		{ BROKEN, "f248cdc9c907" },
		{ BROKEN, "000500faff48656c6c6f" },
		/* a stored block that is shorter than it says, by the tail too */
		{ BROKEN, "000500faff48" },
		{ BROKEN, "00ff0000ff48" },
		/* its length and the inverse do not fit */
		{ BROKEN, "000500fbff48656c6c6f00" },
		/* no block type */
		{ BROKEN, "06" },
		{ BROKEN, "07 00" },
		{ BROKEN, "ff ff ff ff" },
		/* with the wrapping of zlib, and of gzip */
		{ BROKEN, "789cf348cdc9c907000592020300" },
		{ BROKEN, "1f8b0800000000000003f348cdc9c90700" },
		/* the tail was not taken off */
		{ "(Hello)", "f248cdc9c907000000ffff 00" },
	};
	/* clang-format on */
	struct deflate *d = make_deflate();

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned char bytes[128];
		size_t n = from_hex(cases[i].hex, bytes);
		int failed = check_failed_here;

		check_opens(d, WEBSOCKET_TEXT, bytes, n, cases[i].want);
		check_opens(d, WEBSOCKET_BINARY, bytes, n, cases[i].want);
		if (check_failed_here != failed)
			printf("# in case: %s\n", cases[i].hex);
	}
	deflate_free(&d);
	CHECK(d == NULL);
}

/* Deflates as a client does. Returns the length without the tail. */
static size_t
deflate_by_hand(const void *text, size_t n, int level, int strategy,
		unsigned char *out, size_t room)
{
	z_stream z = { 0 };

	CHECK_INT(deflateInit2(&z, level, Z_DEFLATED, -15, 8, strategy), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (unsigned)n;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	CHECK_INT(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	CHECK(z.avail_in == 0 && z.avail_out > 0);
	CHECK_INT(deflateEnd(&z), Z_DATA_ERROR); /* it could go on */
	return room - z.avail_out - 4;
}

static void
text_is_utf8(void)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "\xce\xba\xe1\xbd\xb9", "(\xce\xba\xe1\xbd\xb9)" },
		{ "a\xc0\xaf", BAD },
		{ "a\xe1\xbd", BAD },
		{ "\xed\xa0\x80", BAD },
	};
	struct deflate *d = make_deflate();

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;
		char same[32];
		unsigned char out[64];
		size_t n = deflate_by_hand(text, strlen(text), 6,
					   Z_DEFAULT_STRATEGY, out, sizeof out);

		snprintf(same, sizeof same, "(%s)", text);
		check_opens(d, WEBSOCKET_TEXT, out, n, cases[i].want);
		check_opens(d, WEBSOCKET_BINARY, out, n, same);
	}
	deflate_free(&d);
}

/* The ways in which zlib can write the same. */
static const struct {
	int level;
	int strategy;
} ways[] = {
	{ 0, Z_DEFAULT_STRATEGY },
	{ 1, Z_DEFAULT_STRATEGY },
	{ 9, Z_DEFAULT_STRATEGY },
	{ 6, Z_HUFFMAN_ONLY },
	{ 6, Z_RLE },
	{ 6, Z_FIXED },
};

static void
sizes_up_to_the_maximum_pass(void)
{
	static const size_t sizes[] = { 0,        1,     2,
					16,       64,    258,
					259,      1024,  4096,
					16384,    32767, 32768,
					32769,    65535, MAX_BYTES - 1,
					MAX_BYTES };
	static unsigned char text[MAX_BYTES];
	static unsigned char out[MAX_BYTES + 1024];
	struct deflate *d = make_deflate();

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)('a' + i * i % 23 + i / 4096 % 3);
	for (size_t i = 0; i < COUNT(sizes) * COUNT(ways); i++) {
		size_t size = sizes[i / COUNT(ways)];
		size_t way = i % COUNT(ways);
		struct websocket_message m = { .at = (char *)out };

		m.n = deflate_by_hand(text, size, ways[way].level,
				      ways[way].strategy, out, sizeof out);
		CHECK_INT(deflate_open(d, WEBSOCKET_TEXT, &m), WEBSOCKET_TEXT);
		CHECK_INT(m.n, size);
		CHECK(memcmp(m.at, text, size) == 0);
	}
	deflate_free(&d);
}

/* A thousand times larger at most, and no further inflated than up to there. */
static void
bombs_are_refused(void)
{
	static const size_t sizes[] = { MAX_BYTES + 1, MAX_BYTES + 2,
					2 * MAX_BYTES, 1000 * MAX_BYTES };
	char *zeros = calloc(1, 1000 * MAX_BYTES);
	unsigned char *out = malloc(MAX_BYTES + 1024);
	struct deflate *d = make_deflate();

	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t n =
		    deflate_by_hand(zeros, sizes[i], 9, Z_DEFAULT_STRATEGY, out,
				    MAX_BYTES + 1024);

		check_opens(d, WEBSOCKET_TEXT, out, n, TOO_BIG);
		check_opens(d, WEBSOCKET_BINARY, out, n, TOO_BIG);
		/* what came of it is not seen by others */
		check_opens(d, WEBSOCKET_TEXT, "\xf2\x48\xcd\xc9\xc9\x07", 7,
			    "(Hello)");
	}
	free(zeros);
	free(out);
	deflate_free(&d);
}

static void
a_message_that_was_cut_is_broken(void)
{
	static const char text[] =
	    "{\"type\":\"CreateMessage\",\"content\":\"what was cut, and is "
	    "said again: what was cut\",\"room_id\":\"0199\"}";
	unsigned char out[256];
	struct deflate *d = make_deflate();

	for (size_t way = 0; way < COUNT(ways); way++) {
		size_t n =
		    deflate_by_hand(text, sizeof text - 1, ways[way].level,
				    ways[way].strategy, out, sizeof out);

		for (size_t cut = 2; cut < n; cut++)
			check_opens(d, WEBSOCKET_TEXT, out, cut, BROKEN);
		check_opens(d, WEBSOCKET_TEXT, out, n,
			    "({\"type\":\"CreateMessage\",\"content\":\"what "
			    "was cut, and is said again: what was "
			    "cut\",\"room_id\":\"0199\"})");
	}
	deflate_free(&d);
}

static void
add_frame(struct websocket_input *in, unsigned first, const void *payload,
	  size_t n)
{
	unsigned char *at = in->at + in->n;

	*at++ = (unsigned char)first;
	*at++ = (unsigned char)(0x80 | n);
	memset(at, 0, 4); /* this mask changes nothing */
	memcpy(at + 4, payload, n);
	in->n += 6 + n;
}

/* RFC 7692 6.1: what is compressed is the message; its frames cut it anywhere.
 */
static void
fragments_are_inflated_as_one(void)
{
	static const char hello[] = "\xf2\x48\xcd\xc9\xc9\x07";
	struct deflate *d = make_deflate();

	for (size_t cut = 0; cut <= sizeof hello; cut++) {
		unsigned char bytes[64];
		struct websocket_input in = { bytes, 0 };
		struct websocket_message m;
		struct websocket ws;

		add_frame(&in, 0x41, hello, cut);
		add_frame(&in, 0x89, "p", 1);
		add_frame(&in, 0x80, hello + cut, sizeof hello - cut);
		websocket_init(&ws, MAX_BYTES, true);
		CHECK_INT(websocket_next(&ws, &in, &m), WEBSOCKET_PING);
		CHECK(!m.is_compressed);
		CHECK_INT(websocket_next(&ws, &in, &m), WEBSOCKET_TEXT);
		CHECK(m.is_compressed);
		check_opens(d, WEBSOCKET_TEXT, m.at, m.n, "(Hello)");
		websocket_fini(&ws);
	}
	deflate_free(&d);
}

/* --- Out */

static char *
make_text(size_t n)
{
	char *text = malloc(n + 1);
	size_t at = 0;

	for (unsigned i = 0; at < n; i++)
		at += (size_t)snprintf(text + at, n + 1 - at,
				       "{\"id\":\"%08x\",\"content\":\"what "
				       "they say\"},",
				       i * 2654435761u);
	return text;
}

/* A client with this window reads a compressed frame. */
static void
check_form(const struct parcel *form, unsigned first, unsigned bits,
	   const char *text, size_t n)
{
	static const unsigned char tail[] = { 0, 0, 0xff, 0xff };
	uint8_t header[WEBSOCKET_HEADER_MAX];
	size_t at = form->bytes[1] < 126 ? 2 : form->bytes[1] == 126 ? 4 : 10;
	size_t deflated = form->n - at;
	unsigned char *in = malloc(deflated + sizeof tail);
	unsigned char *out = malloc(n + 1);
	z_stream z = { 0 };

	CHECK_INT(form->bytes[0], first);
	CHECK_INT(websocket_frame_header(header, WEBSOCKET_OP_TEXT, deflated),
		  at);
	CHECK(memcmp(header + 1, form->bytes + 1, at - 1) == 0);
	memcpy(in, form->bytes + at, deflated);
	memcpy(in + deflated, tail, sizeof tail);
	CHECK_INT(inflateInit2(&z, -(int)bits), Z_OK);
	z.next_in = in;
	z.avail_in = (unsigned)(deflated + sizeof tail);
	z.next_out = out;
	/* In pieces, as only then the window counts. */
	for (size_t got = 0; got <= n && z.avail_in > 0; got += z.avail_out) {
		int rc;

		z.avail_out = (unsigned)(n + 1 - z.total_out);
		if (z.avail_out > 100)
			z.avail_out = 100;
		rc = inflate(&z, Z_SYNC_FLUSH);
		CHECK(rc == Z_OK);
		if (rc != Z_OK)
			break;
	}
	CHECK_INT(z.total_out, n);
	CHECK(memcmp(out, text, n) == 0);
	inflateEnd(&z);
	free(in);
	free(out);
}

static void
every_window_can_read_its_form(void)
{
	static const size_t sizes[] = { 128,   129,   300,    512,     513,
					1024,  1025,  5000,   16384,   32768,
					32769, 65535, 300000, 1u << 20 };
	struct deflate *d = make_deflate();

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *text = make_text(sizes[i]);
		struct parcel *parcel = parcel_of_text(text, sizes[i]);

		for (unsigned bits = 15; bits >= 9; bits--) {
			struct parcel *form = deflate_parcel(d, parcel, bits);

			CHECK(form != parcel && form->n < parcel->n);
			check_form(form, 0xc1, bits, text, sizes[i]);
		}
		parcel_drop(parcel);
		free(text);
	}
	deflate_free(&d);
}

/* One for all, and one more only for who could not read it. */
static void
a_message_to_many_is_compressed_once(void)
{
	struct deflate *d = make_deflate();
	char *text = make_text(2000);
	struct parcel *parcel = parcel_of_text(text, 2000);
	struct parcel *widest = deflate_parcel(d, parcel, 15);
	struct parcel *least = deflate_parcel(d, parcel, 9);

	CHECK_INT(compressions, 2);
	CHECK(least != widest);
	for (unsigned i = 0; i < 1000; i++) {
		CHECK(deflate_parcel(d, parcel, 15) == widest);
		CHECK(deflate_parcel(d, parcel, 11) == widest);
		CHECK(deflate_parcel(d, parcel, 9) == least);
	}
	CHECK(deflate_parcel(d, parcel, 10) != widest);
	CHECK_INT(compressions, 3);
	parcel_drop(parcel);
	free(text);
	deflate_free(&d);
}

/* What waits for a slow client may outlive the message's other forms. */
static void
a_form_outlives_its_message(void)
{
	struct deflate *d = make_deflate();
	char *text = make_text(2000);
	struct parcel *parcel = parcel_of_text(text, 2000);
	struct parcel *first = parcel_hold(deflate_parcel(d, parcel, 15));
	struct parcel *second = parcel_hold(deflate_parcel(d, parcel, 9));

	parcel_drop(parcel);
	check_form(first, 0xc1, 15, text, 2000);
	parcel_drop(first);
	check_form(second, 0xc1, 9, text, 2000);
	parcel_drop(second);
	free(text);
	deflate_free(&d);
}

static void
check_stays(struct deflate *d, struct parcel *parcel, uint64_t tries)
{
	compressions = 0;
	CHECK(deflate_parcel(d, parcel, 15) == parcel);
	CHECK(deflate_parcel(d, parcel, 9) == parcel);
	CHECK(deflate_parcel(d, parcel, 15) == parcel);
	CHECK(parcel->form == NULL);
	CHECK_INT(compressions, tries);
	parcel_drop(parcel);
}

/* Small ones, what does not get shorter (that is tried once), control frames,
 * and what is no frame. */
static void
some_are_sent_as_they_are(void)
{
	struct deflate *d = make_deflate();
	char *text = make_text(2000);
	struct parcel *head = parcel_new(2000);
	uint32_t chance = 1;
	char noise[2000];

	for (size_t i = 0; i < sizeof noise; i++) {
		chance = chance * 1664525 + 1013904223;
		noise[i] = (char)(chance >> 24);
	}
	memcpy(head->bytes, text, 2000);
	check_stays(d, parcel_of_text("", 0), 0);
	check_stays(d, parcel_of_text(text, 127), 0);
	check_stays(d, parcel_of_frame(WEBSOCKET_OP_BINARY, noise, 2000), 1);
	check_stays(d, parcel_of_frame(WEBSOCKET_OP_CLOSE, text, 125), 0);
	check_stays(d, parcel_of_frame(WEBSOCKET_OP_PING, text, 2000), 0);
	check_stays(d, parcel_of_frame(WEBSOCKET_OP_PONG, text, 2000), 0);
	check_stays(d, head, 0);
	free(text);
	deflate_free(&d);
}

static void
binary_stays_binary(void)
{
	struct deflate *d = make_deflate();
	char *text = make_text(500);
	struct parcel *parcel = parcel_of_frame(WEBSOCKET_OP_BINARY, text, 500);

	check_form(deflate_parcel(d, parcel, 15), 0xc2, 15, text, 500);
	parcel_drop(parcel);
	free(text);
	deflate_free(&d);
}

int
main(void)
{
	RUN(messages_are_inflated);
	RUN(text_is_utf8);
	RUN(sizes_up_to_the_maximum_pass);
	RUN(bombs_are_refused);
	RUN(a_message_that_was_cut_is_broken);
	RUN(fragments_are_inflated_as_one);
	RUN(every_window_can_read_its_form);
	RUN(a_message_to_many_is_compressed_once);
	RUN(a_form_outlives_its_message);
	RUN(some_are_sent_as_they_are);
	RUN(binary_stays_binary);
	return check_done();
}
