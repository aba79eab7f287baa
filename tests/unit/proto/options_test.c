/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/options_test.c - which source of a setting wins, what is
 * wrong usage, how a `.env` file is read.
 */
#include "proto/options.h"

#include "proto/env_file.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

static const char *env, *listen_on, *rate, *origins, *secret, *quiet;

static const struct option_row common[] = {
	{ .name = "env",
	  .value = &env,
	  .fallback = "no-such.env",
	  .help = "file with settings" },
	{ 0 },
};
static const struct option_row own[] = {
	{ .name = "listen-on",
	  .value = &listen_on,
	  .fallback = "127.0.0.1:0",
	  .help = "where clients connect" },
	{ .name = "rate",
	  .value = &rate,
	  .fallback = "off",
	  .help = "messages a second of one user, and how many at once; a "
		  "long text to be wrapped",
	  .variable = "PARLEY_MESSAGE_RATE",
	  .alias = "RATE" },
	{ .name = "origins", .value = &origins, .help = "allowed origins" },
	{ .name = "jwt-secret",
	  .value = &secret,
	  .help = "what tokens are signed with",
	  .variable = "JWT_SECRET",
	  .secret = true },
	{ .name = "quiet",
	  .value = &quiet,
	  .help = "say nothing",
	  .is_switch = true },
	{ 0 },
};
static const struct option_row empty[] = { { 0 } };
static const struct option_row *const tables[] = { empty, common, empty, own,
						   NULL };

static char folder[] = "/tmp/parley-options-XXXXXX";
static char file[64];
static char message[1024];

static void
write_file(const char *text)
{
	FILE *out = fopen(file, "w");

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		abort();
}

static void
clear_environment(void)
{
	static const char *const names[] = {
		"PARLEY_ENV",   "PARLEY_LISTEN_ON", "PARLEY_MESSAGE_RATE",
		"RATE",         "PARLEY_ORIGINS",   "JWT_SECRET",
		"PARLEY_QUIET",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
}

/* Reads options with stderr caught in `message`; up to three arguments. */
static int
read_with(const char *a, const char *b, const char *c)
{
	char *argv[] = { "prog", (char *)a, (char *)b, (char *)c, NULL };
	int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);
	int kept = dup(STDERR_FILENO);
	FILE *caught = tmpfile();
	size_t n;
	int rc;

	if (kept < 0 || caught == NULL ||
	    dup2(fileno(caught), STDERR_FILENO) < 0)
		abort();
	rc = options_read(tables, argc, argv, "prog");
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(caught);
	n = fread(message, 1, sizeof message - 1, caught);
	message[n] = '\0';
	fclose(caught);
	return rc;
}

static void
defaults_hold_where_nothing_is_set(void)
{
	clear_environment();
	CHECK_INT(read_with(NULL, NULL, NULL), 0);
	CHECK_STR(listen_on, "127.0.0.1:0");
	CHECK_STR(rate, "off");
	CHECK(origins == NULL);
	CHECK(secret == NULL);
	CHECK_STR(message, "");
}

static void
flag_wins_over_environment_over_file(void)
{
	clear_environment();
	write_file("PARLEY_LISTEN_ON=file\nPARLEY_MESSAGE_RATE=file\n"
		   "PARLEY_ORIGINS=file\nJWT_SECRET=file\nPARLEY_ENV=other\n");
	setenv("PARLEY_ENV", file, 1);
	setenv("PARLEY_LISTEN_ON", "variable", 1);
	setenv("PARLEY_MESSAGE_RATE", "variable", 1);
	CHECK_INT(read_with("--listen-on=flag", NULL, NULL), 0);
	CHECK_STR(listen_on, "flag");
	CHECK_STR(rate, "variable");
	CHECK_STR(origins, "file");
	CHECK_STR(secret, "file");
	CHECK_STR(env, file);
}

static void
flag_takes_its_value_either_way(void)
{
	clear_environment();
	CHECK_INT(read_with("--listen-on", "-", "--rate=a=b"), 0);
	CHECK_STR(listen_on, "-");
	CHECK_STR(rate, "a=b");
	CHECK_INT(read_with("--rate=1", "--rate=--2", "--origins="), 0);
	CHECK_STR(rate, "--2");
	CHECK_STR(origins, "");
}

static void
switch_takes_no_value(void)
{
	clear_environment();
	CHECK_INT(read_with("--quiet", "--rate", "5"), 0);
	CHECK_STR(quiet, "yes");
	CHECK_STR(rate, "5");
	CHECK_INT(read_with(NULL, NULL, NULL), 0);
	CHECK(quiet == NULL);
	CHECK_INT(read_with("--quiet=no", NULL, NULL), 2);
	CHECK_STR(message, "prog: --quiet takes no value; try --help\n");
	CHECK(options_is_switch(tables, "--quiet"));
	CHECK(!options_is_switch(tables, "--rate"));
	CHECK(!options_is_switch(tables, "quiet"));
}

static void
alias_counts_if_the_variable_is_unset(void)
{
	clear_environment();
	setenv("RATE", "alias", 1);
	CHECK_INT(read_with(NULL, NULL, NULL), 0);
	CHECK_STR(rate, "alias");
	setenv("PARLEY_MESSAGE_RATE", "variable", 1);
	CHECK_INT(read_with(NULL, NULL, NULL), 0);
	CHECK_STR(rate, "variable");
	clear_environment();
	write_file("RATE=file\n");
	CHECK_INT(read_with("--env", file, NULL), 0);
	CHECK_STR(rate, "file");
}

static void
empty_variable_is_unset_where_there_is_a_default(void)
{
	clear_environment();
	setenv("PARLEY_LISTEN_ON", "", 1);
	setenv("PARLEY_MESSAGE_RATE", "", 1);
	setenv("RATE", "alias", 1);
	setenv("PARLEY_ORIGINS", "", 1);
	write_file("PARLEY_ORIGINS=file\n");
	CHECK_INT(read_with("--env", file, NULL), 0);
	CHECK_STR(listen_on, "127.0.0.1:0");
	CHECK_STR(rate, "alias");
	CHECK_STR(origins, "");
}

static void
value_outlives_the_environment(void)
{
	clear_environment();
	setenv("JWT_SECRET", "kept", 1);
	CHECK_INT(read_with(NULL, NULL, NULL), 0);
	setenv("JWT_SECRET", "gone", 1);
	unsetenv("JWT_SECRET");
	CHECK_STR(secret, "kept");
}

static void
wrong_usage_names_the_flag(void)
{
	static const struct {
		const char *a, *b, *says;
	} cases[] = {
		{ "--lisen", "x", "prog: unknown flag --lisen; try --help\n" },
		{ "--listen", NULL,
		  "prog: unknown flag --listen; try --help\n" },
		{ "--x=y", NULL, "prog: unknown flag --x; try --help\n" },
		{ "--", NULL, "prog: unknown flag --; try --help\n" },
		{ "--rate", NULL, "prog: --rate needs a value; try --help\n" },
		{ "--rate", "--env",
		  "prog: --rate needs a value; try --help\n" },
		{ "-x", NULL, "prog: unexpected argument -x; try --help\n" },
		{ "x", NULL, "prog: unexpected argument x; try --help\n" },
		{ "--rate=1", "x",
		  "prog: unexpected argument x; try --help\n" },
	};

	clear_environment();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK_INT(read_with(cases[i].a, cases[i].b, NULL), 2);
		CHECK_STR(message, cases[i].says);
	}
}

static void
secret_is_no_flag_and_is_not_repeated(void)
{
	clear_environment();
	CHECK_INT(read_with("--jwt-secret=hush", NULL, NULL), 2);
	CHECK(strstr(message, "JWT_SECRET") != NULL);
	CHECK(strstr(message, "hush") == NULL);
	CHECK(secret == NULL);
}

static void
bad_file_is_told_with_its_line(void)
{
	char want[256];

	clear_environment();
	write_file("# fine\n\nRATE=1\nRATE 2\n");
	CHECK_INT(read_with("--env", file, NULL), 2);
	snprintf(want, sizeof want, "prog: %s:4: ", file);
	CHECK(strncmp(message, want, strlen(want)) == 0);
	CHECK_INT(read_with("--env", folder, NULL), 2);
	snprintf(want, sizeof want, "prog: cannot read %s: Is a directory\n",
		 folder);
	CHECK_STR(message, want);
	CHECK_INT(read_with("--env=/no/such/file", NULL, NULL), 0);
	CHECK_INT(read_with("--env=", NULL, NULL), 0);
}

static void
large_file_is_refused(void)
{
	FILE *out = fopen(file, "w");

	if (out == NULL)
		abort();
	for (int i = 0; i < 64 * 1024 / 16; i++)
		fputs("# fifteen bytes\n", out);
	fclose(out);
	clear_environment();
	CHECK_INT(read_with("--env", file, NULL), 0);
	out = fopen(file, "a");
	if (out == NULL)
		abort();
	fputs("\n", out);
	fclose(out);
	CHECK_INT(read_with("--env", file, NULL), 2);
	CHECK(strstr(message, "larger than 64 KiB") != NULL);
}

static const struct {
	const char *text;
	const char *value; /* of A; NULL: there is none */
	size_t wrong_line; /* 0: none */
} files[] = {
	{ "", NULL, 0 },
	{ "A=1", "1", 0 },
	{ "A=1\n", "1", 0 },
	{ "A=\n", "", 0 },
	{ "A=1\nA=2\n", "2", 0 },
	{ "AA=1\nB=2\n", NULL, 0 },
	{ "  A \t=  x y  \r\n", "x y", 0 },
	{ "\xef\xbb\xbf"
	  "A=1\n",
	  "1", 0 },
	{ "# A=1\n\r\n  # x\nA=2", "2", 0 },
	{ "export A=1\n", "1", 0 },
	{ "export\tA = 1\n", "1", 0 },
	{ "exportA=1\n", NULL, 0 },
	{ "export=1\nA=2\n", "2", 0 },
	{ "A=a#b #c\n", "a#b #c", 0 },
	{ "A=a=b\n", "a=b", 0 },
	{ "A='x \"y\" \\n '\n", "x \"y\" \\n ", 0 },
	{ "A=\"x \\\"y\\\" \\\\ \\n.\" \r\n", "x \"y\" \\ \n.", 0 },
	{ "A=\"\\t$B\"\n", "\\t$B", 0 },
	{ "A=\"\"\n", "", 0 },
	{ "A=it's\n", "it's", 0 },
	{ "A=\"x\n", NULL, 1 },
	{ "A=\"\n", NULL, 1 },
	{ "A='\\'x'\n", NULL, 1 },
	{ "A=\"x\\\"\n", NULL, 1 },
	{ "\nA='x' y\n", NULL, 2 },
	{ "A=0\nA\n", "0", 2 },
	{ "=1\n", NULL, 1 },
	{ "export\n", NULL, 1 },
	{ "1A=1\n", NULL, 1 },
	{ "A B=1\n", NULL, 1 },
	{ "A-B=1\n", NULL, 1 },
	{ "\xc3\x84=1\n", NULL, 1 },
};

static void
files_are_read_to_the_letter(void)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct env_file got = { 0 };
		struct env_error error;
		const char *value;
		int rc = env_file_parse(&got, slice_of(files[i].text), &error);

		CHECK_INT(rc, files[i].wrong_line == 0 ? 0 : -1);
		if (rc < 0)
			CHECK_INT(error.line, files[i].wrong_line);
		value = env_file_find(&got, "A");
		CHECK_INT(value != NULL, files[i].value != NULL);
		if (value != NULL && files[i].value != NULL)
			CHECK_STR(value, files[i].value);
		env_file_fini(&got);
	}
}

static void
nul_in_a_file_is_refused(void)
{
	struct env_file got = { 0 };
	struct env_error error;

	CHECK_INT(
	    env_file_parse(&got, (struct slice){ "B=2\nA=1\0\n", 9 }, &error),
	    -1);
	CHECK_INT(error.line, 2);
	CHECK_STR(error.why, "a NUL byte");
	env_file_fini(&got);
}

static void
help_is_made_from_the_rows(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		abort();
	options_help(tables, "prog", "does what it is for", out);
	fclose(out);
	CHECK_STR(
	    text,
	    "usage: prog [--NAME VALUE]...\n"
	    "does what it is for\n"
	    "\n"
	    "Flags [default; variable that says the same]:\n"
	    "  --env        file with settings [no-such.env; PARLEY_ENV]\n"
	    "  --listen-on  where clients connect [127.0.0.1:0; "
	    "PARLEY_LISTEN_ON]\n"
	    "  --rate       messages a second of one user, and how many "
	    "at once; a long text\n"
	    "               to be wrapped [off; PARLEY_MESSAGE_RATE, "
	    "RATE]\n"
	    "  --origins    allowed origins [PARLEY_ORIGINS]\n"
	    "  --quiet      say nothing [PARLEY_QUIET]\n"
	    "  --help       print this page and end\n"
	    "  --version    print the version and end\n"
	    "  --settings   print what the settings come to and end\n"
	    "\n"
	    "Secrets, read from variables alone:\n"
	    "  JWT_SECRET   what tokens are signed with\n"
	    "\n"
	    "A flag wins over the environment, that over the --env "
	    "file, and that over the\n"
	    "default.\n");
	free(text);
}

/* What options_show() prints; for free(). */
static char *
shown(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		abort();
	options_show(tables, out);
	fclose(out);
	return text;
}

static void
each_value_is_shown_with_its_origin_but_secrets(void)
{
	char wanted[300];
	char *text;

	clear_environment();
	write_file("PARLEY_ORIGINS=\"a\\nb\"\nPARLEY_LISTEN_ON=file:1\n");
	setenv("PARLEY_LISTEN_ON", "environment:1", 1);
	setenv("JWT_SECRET", "nobody shall see this", 1);
	setenv("PARLEY_ENV", file, 1);
	CHECK_INT(read_with("--rate", "7", NULL), 0);
	text = shown();
	snprintf(wanted, sizeof wanted,
		 "PARLEY_ENV\tenvironment\t%s\n"
		 "PARLEY_LISTEN_ON\tenvironment\tenvironment:1\n"
		 "PARLEY_MESSAGE_RATE\tflag\t7\n"
		 "PARLEY_ORIGINS\tfile\ta?b\n"
		 "JWT_SECRET\tenvironment\tset\n"
		 "PARLEY_QUIET\tdefault\t\n",
		 file);
	CHECK_STR(text, wanted);
	free(text);
	clear_environment();
	CHECK_INT(read_with(NULL, NULL, NULL), 0);
	text = shown();
	CHECK_STR(text, "PARLEY_ENV\tdefault\tno-such.env\n"
			"PARLEY_LISTEN_ON\tdefault\t127.0.0.1:0\n"
			"PARLEY_MESSAGE_RATE\tdefault\toff\n"
			"PARLEY_ORIGINS\tdefault\t\n"
			"JWT_SECRET\tdefault\tgenerated\n"
			"PARLEY_QUIET\tdefault\t\n");
	free(text);
}

static void
numbers_are_whole_and_in_range(void)
{
	static const struct {
		const char *text;
		unsigned long min, max;
		bool valid;
		unsigned long number;
	} cases[] = {
		{ "0", 0, 10, true, 0 },
		{ "10", 0, 10, true, 10 },
		{ "007", 0, 10, true, 7 },
		{ "11", 0, 10, false, 0 },
		{ "0", 1, 10, false, 0 },
		{ "", 0, 10, false, 0 },
		{ "-1", 0, 10, false, 0 },
		{ "+1", 0, 10, false, 0 },
		{ " 1", 0, 10, false, 0 },
		{ "1 ", 0, 10, false, 0 },
		{ "1k", 0, 10, false, 0 },
		{ "0x1", 0, 10, false, 0 },
		{ "18446744073709551615", 0, -1UL, true, -1UL },
		{ "18446744073709551616", 0, -1UL, false, 0 },
		{ "99999999999999999999999", 0, -1UL, false, 0 },
		{ NULL, 0, 10, false, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned long number = 42;

		CHECK_INT(option_number(cases[i].text, cases[i].min,
					cases[i].max, &number),
			  cases[i].valid);
		CHECK(number == (cases[i].valid ? cases[i].number : 42));
	}
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(file, sizeof file, "%s/env", folder);
	RUN(defaults_hold_where_nothing_is_set);
	RUN(flag_wins_over_environment_over_file);
	RUN(flag_takes_its_value_either_way);
	RUN(switch_takes_no_value);
	RUN(alias_counts_if_the_variable_is_unset);
	RUN(empty_variable_is_unset_where_there_is_a_default);
	RUN(value_outlives_the_environment);
	RUN(wrong_usage_names_the_flag);
	RUN(secret_is_no_flag_and_is_not_repeated);
	RUN(bad_file_is_told_with_its_line);
	RUN(large_file_is_refused);
	RUN(files_are_read_to_the_letter);
	RUN(nul_in_a_file_is_refused);
	RUN(help_is_made_from_the_rows);
	RUN(each_value_is_shown_with_its_origin_but_secrets);
	RUN(numbers_are_whole_and_in_range);
	unlink(file);
	rmdir(folder);
	return check_done();
}
