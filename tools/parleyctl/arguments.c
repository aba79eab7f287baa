/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/arguments.c - words, flags of a command, and settings.
 *
 * A flag takes a value or not wherever it stands, so the same name means the
 * same in every command.
 */
#include "tools/parleyctl/arguments.h"

#include <stdlib.h>
#include <string.h>

/* What stands on the command line, sorted. */
struct sorted {
	char **flags; /* of commands, each with its value or NULL */
	int flag_n;
	const char *wrong; /* a flag without its value; NULL: none */
	bool help;
	bool rows;
	bool version;
};

static bool
is_named(const char *name, const char *argument)
{
	size_t n = strcspn(argument, "=");

	return strlen(name) == n && strncmp(name, argument, n) == 0;
}

static const struct flag_row *
find_row(const struct flag_row *rows, const char *argument)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (is_named(rows->name, argument))
			return rows;
	return NULL;
}

/* The row of a flag, in whatever command. */
static const struct flag_row *
find_any(const char *argument)
{
	const struct flag_row *row = NULL;

	for (const struct command *c = commands; c->name != NULL && row == NULL;
	     c++)
		row = find_row(c->flags, argument);
	return row;
}

/* Takes the flag argv[i] to where it belongs. Returns how many arguments it
 * has. */
static int
sort_flag(struct call *call, struct sorted *s, int argc, char **argv, int i)
{
	const struct flag_row *row = find_any(argv[i] + 2);
	char *equals = strchr(argv[i], '=');
	bool has_value = row == NULL || row->value != NULL;
	char *value = NULL;

	if (has_value && equals == NULL && i + 1 < argc)
		value = argv[i + 1];
	if (row == NULL) {
		call->given[call->given_n++] = argv[i];
		if (value != NULL)
			call->given[call->given_n++] = value;
		return value != NULL ? 2 : 1;
	}
	s->flags[s->flag_n++] = argv[i];
	s->flags[s->flag_n++] = equals != NULL ? equals + 1 : value;
	if (row->value != NULL ? s->flags[s->flag_n - 1] == NULL
			       : equals != NULL)
		s->wrong = argv[i];
	return value != NULL ? 2 : 1;
}

static void
sort(struct call *call, struct sorted *s, int argc, char **argv)
{
	bool only_words = false;

	for (int i = 1; i < argc;) {
		if (only_words || strncmp(argv[i], "--", 2) != 0) {
			call->words[call->n++] = argv[i++];
		} else if (argv[i][2] == '\0') {
			only_words = true;
			i++;
		} else if (strcmp(argv[i], "--help") == 0 ||
			   strcmp(argv[i], "--version") == 0) {
			s->help |= argv[i][2] == 'h';
			s->version |= argv[i][2] == 'v';
			i++;
		} else if (strcmp(argv[i], "--help=rows") == 0) {
			s->rows = true;
			i++;
		} else {
			i += sort_flag(call, s, argc, argv, i);
		}
	}
}

/* --- Which command */

static bool
is_group(const char *word)
{
	size_t n = strlen(word);

	for (const struct command *c = commands; c->name != NULL; c++)
		if (strncmp(c->name, word, n) == 0 && c->name[n] == ' ')
			return true;
	return false;
}

/* Moves the words behind the command's name to the front. */
static bool
find_command(struct call *call)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		size_t n = strcspn(c->name, " ");
		int words = c->name[n] == '\0' ? 1 : 2;

		if (call->n < words || strlen(call->words[0]) != n ||
		    strncmp(c->name, call->words[0], n) != 0 ||
		    (words == 2 &&
		     strcmp(c->name + n + 1, call->words[1]) != 0))
			continue;
		call->command = c;
		call->words += words;
		call->n -= words;
		return true;
	}
	return false;
}

static int
take_flags(struct call *call, const struct sorted *s)
{
	const struct flag_row *rows = call->command->flags, *row;

	for (int i = 0; i < s->flag_n; i += 2) {
		row = find_row(rows, s->flags[i] + 2);
		if (row == NULL)
			return wrong_usage(call, "%s is no flag of it",
					   s->flags[i]);
		call->flags[row - rows] =
		    row->value == NULL ? "" : s->flags[i + 1];
	}
	if (s->wrong != NULL)
		return wrong_usage(call,
				   strchr(s->wrong, '=') != NULL
				       ? "%s: this flag has no value"
				       : "%s needs a value",
				   s->wrong);
	if (call->n < call->command->least)
		return wrong_usage(call, "it needs %s", call->command->words);
	if (call->n > call->command->most)
		return wrong_usage(call, "what is '%s'?",
				   call->words[call->command->most]);
	return -1;
}

static int
tell_unknown(const struct call *call)
{
	const char *word = call->n == 0 ? "" : call->words[0];

	if (call->n == 0 && call->given_n > 0)
		fprintf(stderr,
			"parleyctl: which command beside '%s'? try --help\n",
			call->given[0]);
	else if (call->n == 0 || is_group(word))
		fprintf(stderr, "parleyctl: which command%s%s? try --help\n",
			*word == '\0' ? "" : " of ", word);
	else
		fprintf(stderr, "parleyctl: no command '%s'; try --help\n",
			word);
	return STATUS_USAGE;
}

static int
judge(struct call *call, const struct sorted *s)
{
	bool found;

	if (s->rows) {
		help_rows(stdout);
		return STATUS_FINE;
	}
	if (s->version) {
		printf("parleyctl (parley) %s\n", PARLEY_VERSION);
		return STATUS_FINE;
	}
	found = find_command(call);
	if (s->help && (found || call->n == 0 || is_group(call->words[0]))) {
		help_print(call->command, call->n == 0 ? "" : call->words[0],
			   stdout);
		return STATUS_FINE;
	}
	return found ? take_flags(call, s) : tell_unknown(call);
}

int
arguments_read(struct call *call, int argc, char **argv)
{
	size_t room = (size_t)argc + 1;
	/* One piece: words, then settings. */
	char **memory = calloc(2 * room, sizeof *memory);
	struct sorted s = { .flags = calloc(2 * room, sizeof *memory) };
	int status;

	if (memory == NULL || s.flags == NULL) {
		fputs("parleyctl: out of memory\n", stderr);
		free(memory);
		free(s.flags);
		return STATUS_FAILED;
	}
	call->words = memory;
	call->given = memory + room;
	call->memory = memory;
	sort(call, &s, argc, argv);
	status = judge(call, &s);
	free(s.flags);
	return status;
}

void
arguments_free(struct call *call)
{
	free(call->memory);
	call->memory = NULL;
}
