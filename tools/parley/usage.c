/* SPDX-License-Identifier: MIT */
/* tools/parley/usage.c - reads a command line by the rows of commands.def, and
 * prints them for people.
 */
#include "tools/parley/usage.h"

#include "proto/options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS  80
#define LEFT_MAX 40
#define SUMMARY  "a client for terminals and pipes"

#define COMMAND(name, words, least, most, summary)                             \
	static const struct flag_row name##_flags[] = {
#define GROUP(name) const struct flag_row name##_flags[] = {
#define FLAG(of, flag, member, help)                                           \
	{ flag, NULL, offsetof(struct options, member), NULL, NULL, help },
#define OPTION(of, flag, value, member, fallback, variable, help)              \
	{ flag,     value,    offsetof(struct options, member),                \
	  fallback, variable, help },
#define END(name)                                                              \
	{                                                                      \
		0                                                              \
	}                                                                      \
	}                                                                      \
	;
#include "tools/parley/commands.def"
#undef COMMAND
#undef GROUP
#undef FLAG
#undef OPTION
#undef END

const struct command commands[] = {
#define COMMAND(name, words, least, most, summary)                             \
	{ #name, words, least, most, summary, name##_flags, command_##name },
#define GROUP(name)
#define FLAG(of, flag, member, help)
#define OPTION(of, flag, value, member, fallback, variable, help)
#define END(name)
#include "tools/parley/commands.def"
#undef COMMAND
#undef GROUP
#undef FLAG
#undef OPTION
#undef END
	{ 0 }
};

/* What was complained of while the screen was taken. */
static struct {
	bool is_later;
	char text[512];
} kept;

int
complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (kept.is_later) {
		vsnprintf(kept.text, sizeof kept.text, format, args);
	} else {
		fputs("parley: ", stderr);
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
	}
	va_end(args);
	return STATUS_FAILED;
}

void
complain_later(bool is_later)
{
	kept.is_later = is_later;
	if (!is_later && kept.text[0] != '\0')
		complain("%s", kept.text);
	kept.text[0] = '\0';
}

/* --- Reading */

static int
wrong(const struct command *command, const char *what, const char *which)
{
	fprintf(stderr, "parley %s: %s %s; try parley %s --help\n",
		command->name, what, which, command->name);
	return STATUS_USAGE;
}

static const struct flag_row *
find_in(const struct flag_row *rows, const char *name, size_t n)
{
	for (; rows->name != NULL; rows++)
		if (strlen(rows->name) == n && memcmp(rows->name, name, n) == 0)
			return rows;
	return NULL;
}

static void
set_value(struct options *options, const struct flag_row *row,
	  const char *value)
{
	*(const char **)((char *)options + row->place) = value;
}

static const char *
value_of(const struct options *options, const struct flag_row *row)
{
	return *(const char *const *)((const char *)options + row->place);
}

/* Takes the flag at argv[*i], and its value if that is the next one. */
static int
read_flag(const struct command *command, int argc, char **argv, int *i,
	  struct options *options)
{
	const char *flag = argv[*i], *name = flag + 2;
	size_t n = strcspn(name, "=");
	const struct flag_row *row = find_in(command->flags, name, n);

	if (row == NULL)
		row = find_in(common_flags, name, n);
	if (row == NULL)
		return wrong(command, "unknown flag", flag);
	if (row->value == NULL) {
		if (name[n] == '=')
			return wrong(command, "no value is wanted by", flag);
		*(bool *)((char *)options + row->place) = true;
		return -1;
	}
	if (name[n] == '=') {
		set_value(options, row, name + n + 1);
		return -1;
	}
	if (*i + 1 >= argc)
		return wrong(command, "a value is missing behind", flag);
	set_value(options, row, argv[++*i]);
	return -1;
}

static void
use_defaults(const struct flag_row *rows, struct options *options)
{
	for (; rows->name != NULL; rows++) {
		const char *set;

		if (rows->value == NULL || value_of(options, rows) != NULL)
			continue;
		set = rows->variable != NULL ? getenv(rows->variable) : NULL;
		if (set == NULL || *set == '\0')
			set = rows->fallback;
		set_value(options, rows, set);
	}
}

static int
check_words(const struct command *command, const struct options *options)
{
	if (options->word_count < command->least)
		return wrong(command, "wanted:", command->words);
	if (command->most >= 0 && options->word_count > command->most)
		return wrong(command,
			     "a word too much:", options->words[command->most]);
	return -1;
}

int
usage_read(const struct command *command, int argc, char **argv,
	   struct options *options)
{
	bool has_flags = true;
	int status = -1;

	options->words = argv;
	for (int i = 0; i < argc && status < 0; i++) {
		const char *word = argv[i];

		if (has_flags && strcmp(word, "--") == 0) {
			has_flags = false;
		} else if (has_flags && (strcmp(word, "--help") == 0 ||
					 strcmp(word, "-h") == 0)) {
			usage_help(command, stdout);
			return STATUS_DONE;
		} else if (has_flags && word[0] == '-' && word[1] == '-') {
			status = read_flag(command, argc, argv, &i, options);
		} else if (has_flags && word[0] == '-' && word[1] != '\0') {
			status = wrong(command, "unknown flag", word);
		} else {
			argv[options->word_count++] = argv[i];
		}
	}
	if (status >= 0)
		return status;
	use_defaults(command->flags, options);
	use_defaults(common_flags, options);
	return check_words(command, options);
}

bool
usage_number(const char *flag, const char *text, unsigned long min,
	     unsigned long max, unsigned long *number)
{
	if (option_number(text, min, max, number))
		return true;
	complain("--%s wants a number from %lu to %lu, not '%s'; try --help",
		 flag, min, max, text);
	return false;
}

/* --- Help */

/* Prints `text` behind `left`, wrapped at blanks. */
static void
print_row(FILE *out, int width, const char *left, const char *text)
{
	int column = width + 4;

	fprintf(out, "  %-*s  ", width, left);
	while (*text != '\0') {
		int n = (int)strcspn(text, " ");

		if (column > width + 4 && column + 1 + n > COLUMNS) {
			fprintf(out, "\n%*s", width + 4, "");
			column = width + 4;
		} else if (column > width + 4) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", n, text);
		column += n;
		text += n + (text[n] == ' ');
	}
	fputc('\n', out);
}

static void
print_flag(FILE *out, int width, const struct flag_row *row)
{
	char left[LEFT_MAX], text[400];
	const char *fallback = row->fallback, *variable = row->variable;

	snprintf(left, sizeof left, "--%s%s%s", row->name,
		 row->value != NULL ? " " : "",
		 row->value != NULL ? row->value : "");
	snprintf(text, sizeof text, "%s%s%s%s%s%s", row->help,
		 fallback != NULL || variable != NULL ? " [" : "",
		 fallback != NULL ? fallback : "",
		 fallback != NULL && variable != NULL ? "; " : "",
		 variable != NULL ? variable : "",
		 fallback != NULL || variable != NULL ? "]" : "");
	print_row(out, width, left, text);
}

static int
widest(const struct flag_row *rows, int width)
{
	for (; rows->name != NULL; rows++) {
		int n =
		    2 + (int)strlen(rows->name) +
		    (rows->value != NULL ? 1 + (int)strlen(rows->value) : 0);

		if (n > width)
			width = n;
	}
	return width;
}

static void
print_flags(FILE *out, int width, const struct flag_row *rows)
{
	for (; rows->name != NULL; rows++)
		print_flag(out, width, rows);
}

void
usage_help(const struct command *command, FILE *out)
{
	int width = widest(common_flags, widest(command->flags, 6));

	fprintf(out, "usage: parley %s [--FLAG]... %s\n%s\n\nFlags:\n",
		command->name, command->words, command->summary);
	print_flags(out, width, command->flags);
	print_flags(out, width, common_flags);
	print_row(out, width, "--help", "print this page and end");
}

void
usage_overview(FILE *out)
{
	fprintf(out, "usage: parley COMMAND [--FLAG]... [WORD]...\n" SUMMARY
		     "\n\nCommands:\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		print_row(out, 9, c->name, c->summary);
	fprintf(out, "\nFlags:\n");
	print_flags(out, 13, common_flags);
	print_row(out, 13, "--help",
		  "print this page, or that of a COMMAND, and end");
	print_row(out, 13, "--version", "print the version and end");
	fprintf(
	    out,
	    "\nROOM is a room's name or UUID, or @USER for what you two "
	    "say to each other.\n"
	    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused by the "
	    "server.\n");
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static void
print_flag_rows(FILE *out, const struct flag_row *rows)
{
	for (; rows->name != NULL; rows++)
		fprintf(out, "flag\t%s\t%s\t%s\t%s\t\t%s\n", rows->name,
			or_empty(rows->value), or_empty(rows->fallback),
			or_empty(rows->variable), rows->help);
}

void
usage_rows(FILE *out)
{
	fprintf(out, "program\tparley\t\t" SUMMARY "\n");
	print_flag_rows(out, common_flags);
	for (const struct command *c = commands; c->name != NULL; c++) {
		fprintf(out, "command\t%s\t%s\t%s\n", c->name, c->words,
			c->summary);
		print_flag_rows(out, c->flags);
	}
}
