/* SPDX-License-Identifier: MIT */
/* tests/unit/client/typed_test.c - one line is read, and nothing behind it. */
#include "tools/client/typed.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ROOM 5

static void
a_line_that_fits_is_taken_without_its_end(void)
{
	static const struct {
		const char *input, *line; /* NULL: none */
		int error;
	} cases[] = {
		{ "word\n", "word", 0 },     { "word", "word", 0 },
		{ "two\r\n", "two\r", 0 },   { "\n", "", 0 },
		{ "", NULL, ENODATA },       { "words\n", NULL, EMSGSIZE },
		{ "words", NULL, EMSGSIZE },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t bytes = strlen(cases[i].input);
		char line[ROOM];
		int ends[2];
		ssize_t n;

		CHECK_INT(pipe(ends), 0);
		CHECK_INT(write(ends[1], cases[i].input, bytes), bytes);
		close(ends[1]);
		errno = 0;
		n = typed_line(ends[0], line, sizeof line);
		CHECK_INT(errno, cases[i].error);
		if (cases[i].line == NULL)
			CHECK_INT(n, -1);
		else
			CHECK_INT(n, strlen(cases[i].line));
		if (n >= 0)
			CHECK_STR(line, cases[i].line);
		close(ends[0]);
	}
}

static void
what_follows_is_left_to_others(void)
{
	static const char input[] = "one\ntwo\n";
	char line[ROOM];
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	CHECK_INT(write(ends[1], input, strlen(input)), strlen(input));
	CHECK_INT(typed_line(ends[0], line, sizeof line), 3);
	CHECK_STR(line, "one");
	CHECK_INT(typed_line(ends[0], line, sizeof line), 3);
	CHECK_STR(line, "two");
	close(ends[0]);
	close(ends[1]);
}

static void
what_is_no_terminal_hides_nothing(void)
{
	char line[ROOM];
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	CHECK_INT(typed_unseen(ends[0], ends[1], "?", line, sizeof line), -1);
	CHECK_INT(errno, ENOTTY);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	RUN(a_line_that_fits_is_taken_without_its_end);
	RUN(what_follows_is_left_to_others);
	RUN(what_is_no_terminal_hides_nothing);
	return check_done();
}
