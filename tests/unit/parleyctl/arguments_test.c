/* SPDX-License-Identifier: MIT */
/* tests/unit/parleyctl/arguments_test.c - what a command line comes to. */
#include "tools/parleyctl/arguments.h"

#include "tests/unit/check.h"

#include <string.h>

#define WORDS_MAX 12

/* The settings are main()'s. */
struct settings settings;
static const struct option_row rows[] = {
	{ "data", &settings.data, "./data", "folder" },
	{ 0 },
};
const struct option_row *const setting_tables[] = { rows, NULL };

/* Reads the words of `line`; *call is for arguments_free(). */
static int
read_line(struct call *call, const char *line)
{
	static char text[200];
	static char *words[WORDS_MAX];
	int n = 0;

	snprintf(text, sizeof text, "parleyctl %s", line);
	for (char *at = strtok(text, " "); at != NULL && n < WORDS_MAX;
	     at = strtok(NULL, " "))
		words[n++] = at;
	*call = (struct call){ .settings = &settings };
	return arguments_read(call, n, words);
}

static void
words_and_flags_are_told_apart(void)
{
	struct call call;

	CHECK_INT(read_line(&call, "users --data /x create --email a@b ann"),
		  -1);
	CHECK(strcmp(call.command->name, "users create") == 0);
	CHECK_INT(call.n, 1);
	CHECK(strcmp(call.words[0], "ann") == 0);
	CHECK(strcmp(call_flag(&call, "email"), "a@b") == 0);
	CHECK(call_flag(&call, "generate") == NULL);
	CHECK_INT(call.given_n, 2);
	CHECK(strcmp(call.given[1], "/x") == 0);
	arguments_free(&call);
	CHECK_INT(read_line(&call, "users create --generate --email=c -- --x"),
		  -1);
	CHECK(strcmp(call_flag(&call, "generate"), "") == 0);
	CHECK(strcmp(call_flag(&call, "email"), "c") == 0);
	CHECK(strcmp(call.words[0], "--x") == 0);
	arguments_free(&call);
}

static void
what_is_wrong_is_wrong(void)
{
	static const char *const lines[] = {
		"",
		"users",
		"users dance",
		"dance",
		"users create",
		"users create ann bob",
		"users create ann --email",
		"users list --generate",
		"users list --json=yes",
		"tokens list now",
	};
	struct call call;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		CHECK_INT(read_line(&call, lines[i]), STATUS_USAGE);
		arguments_free(&call);
	}
}

static void
times_have_units(void)
{
	static const struct {
		const char *text;
		uint64_t seconds; /* 0: not a time */
	} cases[] = {
		{ "90", 90 },
		{ "90s", 90 },
		{ "15m", 900 },
		{ "12h", 43200 },
		{ "30d", 2592000 },
		{ "", 0 },
		{ "h", 0 },
		{ "0h", 0 },
		{ "-1h", 0 },
		{ "1w", 0 },
		{ "1h30m", 0 },
		{ "36500d", 3153600000 },
		{ "36501d", 0 },
		{ "99999999999999999999d", 0 },
		{ "18446744073709551615d", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t seconds = 0;

		CHECK(read_seconds(cases[i].text, &seconds) ==
		      (cases[i].seconds != 0));
		CHECK_INT(seconds, cases[i].seconds);
	}
}

/* A flag is sorted before its command is known, so its name must mean one
 * thing. */
static void
a_flag_means_the_same_everywhere(void)
{
	for (const struct command *a = commands; a->name != NULL; a++) {
		for (const struct flag_row *f = a->flags;
		     f != NULL && f->name != NULL; f++) {
			CHECK(f - a->flags < FLAGS_MAX);
			for (const struct command *b = a; b->name != NULL; b++)
				for (const struct flag_row *g = b->flags;
				     g != NULL && g->name != NULL; g++)
					CHECK(strcmp(f->name, g->name) != 0 ||
					      (f->value == NULL) ==
						  (g->value == NULL));
		}
	}
}

int
main(void)
{
	/* What is said to people is not looked at here. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	RUN(words_and_flags_are_told_apart);
	RUN(what_is_wrong_is_wrong);
	RUN(times_have_units);
	RUN(a_flag_means_the_same_everywhere);
	return check_done();
}
