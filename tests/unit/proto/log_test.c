/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/log_test.c - lines as they leave through stderr, which is a
 * pipe while a line is written.
 */
#include "proto/log.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static char line[8192];

/* Writes one line of `pairs` and returns it. */
static const char *
written(bool json, const struct log_pair *pairs, size_t n)
{
	int ends[2];
	int kept = dup(STDERR_FILENO);
	ssize_t got;

	if (kept < 0 || pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		abort();
	log_setup("router.2", LOG_INFO, json);
	log_write(LOG_INFO, "posted", pairs, n);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	got = read(ends[0], line, sizeof line - 1);
	line[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	return line;
}

/* What stands behind the event. */
static const char *
pairs_of(const char *text)
{
	static const char event[] = "event=posted";
	const char *at = strstr(text, event);

	return at == NULL ? "" : at + sizeof event - 1;
}

static void
line_names_the_connection_that_it_concerns(void)
{
	CHECK_INT(log_conn(0x2a), 0);
	CHECK_STR(pairs_of(written(false, NULL, 0)),
		  " conn=000000000000002a\n");
	CHECK_INT(log_conn_now(), 0x2a);
	CHECK_INT(log_conn(0), 0x2a);
	CHECK_STR(pairs_of(written(false, NULL, 0)), "\n");
}

static void
line_begins_with_time_level_unit_event(void)
{
	const char *got = written(false, NULL, 0);
	int year, month, day, hour, minute, second, ms, n = 0;

	sscanf(got,
	       "ts=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ level=info unit=router.2 "
	       "event=posted\n%n",
	       &year, &month, &day, &hour, &minute, &second, &ms, &n);
	CHECK_INT(n, strlen(got));
	CHECK_INT(n, 66);
}

static const struct {
	struct slice text;
	const char *logfmt;
	const char *json;
} cases[] = {
	{ { "plain", 5 }, "plain", "plain" },
	{ { NULL, 0 }, "\"\"", "" },
	{ { "a b", 3 }, "\"a b\"", "a b" },
	{ { "a=b", 3 }, "\"a=b\"", "a=b" },
	{ { "\"", 1 }, "\"\\\"\"", "\\\"" },
	{ { "a\\b", 3 }, "\"a\\\\b\"", "a\\\\b" },
	{ { "a\nb\r\t", 5 }, "\"a\\nb\\r\\t\"", "a\\nb\\r\\t" },
	{ { "\0\x1b\x7f", 3 }, "\"\\x00\\x1b\\x7f\"", "\\u0000\\u001b\\u007f" },
	{ { "\xc2\x85", 2 }, "\"\\u0085\"", "\\u0085" },
	{ { "h\xc3\xa9", 3 }, "h\xc3\xa9", "h\xc3\xa9" },
	{ { "\xff\xc3", 2 }, "\"\\xff\\xc3\"", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ { "\xed\xa0\x80", 3 },
	  "\"\\xed\\xa0\\x80\"",
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

static void
values_are_escaped(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct log_pair pair = KS("v", cases[i].text);
		char want[128];

		snprintf(want, sizeof want, " v=%s\n", cases[i].logfmt);
		CHECK_STR(pairs_of(written(false, &pair, 1)), want);
		snprintf(want, sizeof want, ",\"v\":\"%s\"}\n", cases[i].json);
		CHECK(strstr(written(true, &pair, 1), want) != NULL);
	}
}

static void
pairs_are_typed(void)
{
	static const struct uuid id = { { 0x01, 0x02, [15] = 0xff } };
	const struct log_pair pairs[] = { KT("t", "x"), KN("n", INT64_MIN),
					  KU("id", &id), KU("none", NULL) };

	CHECK_STR(pairs_of(written(false, pairs, 4)),
		  " t=x n=-9223372036854775808 "
		  "id=01020000-0000-0000-0000-0000000000ff none=\"\"\n");
}

static void
json_can_be_read_back(void)
{
	const struct log_pair pairs[] = { KT("t", "a \"b\"\n"), KN("n", -5) };
	json_t *root = json_loads(written(true, pairs, 2), 0, NULL);

	CHECK(root != NULL);
	CHECK_STR(json_string_value(json_object_get(root, "unit")), "router.2");
	CHECK_STR(json_string_value(json_object_get(root, "level")), "info");
	CHECK_STR(json_string_value(json_object_get(root, "event")), "posted");
	CHECK_STR(json_string_value(json_object_get(root, "t")), "a \"b\"\n");
	CHECK_INT(json_integer_value(json_object_get(root, "n")), -5);
	json_decref(root);
}

/* Long values of characters that take one, three and four bytes escaped. */
static void
long_line_stays_whole(void)
{
	static const char *const fillings[] = { "x", "\xe2\x82\xac", "\x01",
						"\"" };
	static char text[9001];

	for (size_t f = 0; f < sizeof fillings / sizeof *fillings; f++) {
		struct log_pair pairs[9];
		size_t n = strlen(fillings[f]);
		json_t *root;

		for (size_t i = 0; i + n < sizeof text; i += n)
			memcpy(text + i, fillings[f], n);
		text[(sizeof text - 1) / n * n] = '\0';
		for (int i = 0; i < 9; i++)
			pairs[i] = KT("value", text);
		CHECK(strlen(written(false, pairs, 9)) <= 4096);
		CHECK_INT(line[strlen(line) - 1], '\n');
		CHECK(strstr(line, "...") != NULL);
		root = json_loads(written(true, pairs, 9), 0, NULL);
		CHECK(root != NULL);
		CHECK(strlen(line) <= 4096);
		json_decref(root);
	}
}

/* The end of the line meets every place in a pair. */
static void
line_may_fill_up_anywhere(void)
{
	static char text[1200];

	for (size_t last = 0; last < 1100; last++) {
		struct log_pair pairs[7];
		json_t *root;

		memset(text, 'y', last);
		text[last] = '\0';
		for (int i = 0; i < 4; i++)
			pairs[i] = KS("k", ((struct slice){ text, last }));
		pairs[3] = KT("k", "z\n");
		pairs[4] = KN("n", 1234567890);
		pairs[5] = KT("q", "a b");
		pairs[6] = KS("w", ((struct slice){ text, last }));
		root = json_loads(written(true, pairs, 7), 0, NULL);
		CHECK(root != NULL);
		json_decref(root);
		CHECK(strlen(written(false, pairs, 7)) <= 4096);
	}
}

static void
long_value_leaves_room_for_the_next(void)
{
	static char text[5000];
	const struct log_pair pairs[] = {
		KS("long", ((struct slice){ text, sizeof text })),
		KN("next", 1),
	};

	memset(text, 'x', sizeof text);
	CHECK(strstr(written(false, pairs, 2), "x... next=1\n") != NULL);
}

static void
levels_are_read_and_kept(void)
{
	enum log_level level = LOG_INFO;

	CHECK(log_level_parse(&level, "debug"));
	CHECK_INT(level, LOG_DEBUG);
	CHECK(!log_level_parse(&level, "loud"));
	CHECK(!log_level_parse(&level, ""));
	CHECK_INT(level, LOG_DEBUG);
	log_setup("x", LOG_WARN, false);
	CHECK(log_wants(LOG_ERROR));
	CHECK(log_wants(LOG_WARN));
	CHECK(!log_wants(LOG_INFO));
}

static void
errno_is_left_alone(void)
{
	int kept = dup(STDERR_FILENO);

	close(STDERR_FILENO);
	errno = ENOENT;
	log_error("lost", KN("n", 1));
	CHECK_INT(errno, ENOENT);
	dup2(kept, STDERR_FILENO);
	close(kept);
}

int
main(void)
{
	RUN(line_begins_with_time_level_unit_event);
	RUN(line_names_the_connection_that_it_concerns);
	RUN(values_are_escaped);
	RUN(pairs_are_typed);
	RUN(json_can_be_read_back);
	RUN(long_line_stays_whole);
	RUN(line_may_fill_up_anywhere);
	RUN(long_value_leaves_room_for_the_next);
	RUN(levels_are_read_and_kept);
	RUN(errno_is_left_alone);
	return check_done();
}
