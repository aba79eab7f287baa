/* SPDX-License-Identifier: MIT */
/* tests/unit/parley/lines_test.c - are lines cut where they end, in memory that
 * does not grow?
 */
#include "tools/parley/lines.h"

#include "tests/unit/check.h"

#include <stdlib.h>

/* Feeds `n` bytes in pieces of `step`, and writes the lines that came out as
 * [line], too long ones as [!]. */
static void
feed(const char *bytes, size_t n, size_t step, char *out, size_t room)
{
	struct lines *lines = calloc(1, sizeof *lines);
	struct slice line;
	enum lines_taken taken;
	bool is_ended = false;

	out[0] = '\0';
	for (size_t at = 0; lines != NULL && !is_ended;) {
		size_t free_bytes, piece;
		char *into = lines_room(lines, &free_bytes);

		CHECK(free_bytes > 0);
		piece = n - at < step ? n - at : step;
		piece = piece < free_bytes ? piece : free_bytes;
		memcpy(into, bytes + at, piece);
		at += piece;
		is_ended = piece == 0;
		lines_add(lines, piece);
		while ((taken = lines_take(lines, &line)) != LINES_NONE) {
			size_t used = strlen(out);

			if (taken == LINES_TOO_LONG)
				snprintf(out + used, room - used, "[!%lu]",
					 lines->number);
			else
				snprintf(out + used, room - used, "[%.*s]",
					 line.n < 20 ? (int)line.n : 20,
					 line.at);
		}
	}
	free(lines);
}

static void
lines_end_with_their_breaks(void)
{
	static const struct {
		const char *bytes, *lines;
	} cases[] = {
		{ "", "" },
		{ "a\nb\n", "[a][b]" },
		{ "a\nb", "[a][b]" },
		{ "\n\n", "[][]" },
		{ "a\r\n\r\n", "[a][]" },
		{ "a\rb\n", "[a\rb]" },
	};
	char out[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t step = 1; step < 6; step++) {
			feed(cases[i].bytes, strlen(cases[i].bytes), step, out,
			     sizeof out);
			CHECK_STR(out, cases[i].lines);
		}
}

static void
long_line_is_left_out_and_told_once(void)
{
	size_t n = 300000;
	char *bytes = malloc(n + 10), out[256];

	memset(bytes, 'x', n);
	memcpy(bytes, "a\n", 2);
	memcpy(bytes + n, "\nb\n", 3);
	for (size_t step = 7777; step < n; step *= 4) {
		feed(bytes, n + 3, step, out, sizeof out);
		CHECK_STR(out, "[a][!2][b]");
	}
	feed(bytes, n, 50000, out, sizeof out);
	CHECK_STR(out, "[a][!2]");
	free(bytes);
}

static void
longest_line_passes(void)
{
	char *bytes = malloc(LINES_MAX + 10), out[256];

	memset(bytes, 'x', LINES_MAX + 1);
	memcpy(bytes + LINES_MAX, "\nb\n", 3);
	feed(bytes, LINES_MAX + 3, 4096, out, sizeof out);
	CHECK_STR(out, "[xxxxxxxxxxxxxxxxxxxx][b]");
	memset(bytes, 'x', LINES_MAX + 1);
	memcpy(bytes + LINES_MAX + 1, "\nb\n", 3);
	feed(bytes, LINES_MAX + 4, 4096, out, sizeof out);
	CHECK_STR(out, "[!1][b]");
	free(bytes);
}

int
main(void)
{
	RUN(lines_end_with_their_breaks);
	RUN(long_line_is_left_out_and_told_once);
	RUN(longest_line_passes);
	return check_done();
}
