/* SPDX-License-Identifier: MIT */
/* proto/program.c - what stands on the command line. */
#include "proto/program.h"

#include <stdlib.h>
#include <string.h>

/* Prints what the settings come to; it has no value. */
#define SHOW_FLAG "--settings"

static void
print_help(const struct program *program)
{
	struct buffer name = { 0 };

	/* The words belong to the usage line, behind the name. */
	if (program->words != NULL &&
	    buffer_printf(&name, "%s %s%c", program->name, program->words,
			  '\0') == 0)
		options_help(program->tables, (const char *)name.bytes,
			     program->summary, stdout);
	else
		options_help(program->tables, program->name, program->summary,
			     stdout);
	buffer_fini(&name);
}

static bool
is_flag(const char *argument)
{
	return strncmp(argument, "--", 2) == 0 && argument[2] != '\0';
}

/* Splits argv into flags, each with its value, and words. Returns how many
 * words there are, at argv[0 ...]; the flags go to `flags`. */
static int
split(const struct option_row *const *tables, int argc, char **argv,
      char **flags, int *flag_count)
{
	int words = 0;

	flags[(*flag_count)++] = argv[0];
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], SHOW_FLAG) == 0)
			continue;
		if (!is_flag(argv[i])) {
			argv[words++] = argv[i];
			continue;
		}
		flags[(*flag_count)++] = argv[i];
		if (strchr(argv[i], '=') == NULL &&
		    !options_is_switch(tables, argv[i]) && i + 1 < argc)
			flags[(*flag_count)++] = argv[++i];
	}
	return words;
}

static int
read_all(const struct program *program, int argc, char **argv, int *words)
{
	char **flags = calloc((size_t)argc + 1, sizeof *flags);
	int flag_count = 0, status;

	if (flags == NULL) {
		fprintf(stderr, "%s: out of memory\n", program->name);
		return 1;
	}
	*words = split(program->tables, argc, argv, flags, &flag_count);
	status =
	    options_read(program->tables, flag_count, flags, program->name);
	free(flags);
	return status == 0 ? -1 : status;
}

static bool
asks_for(int argc, char **argv, const char *flag)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], flag) == 0)
			return true;
	return false;
}

int
program_begin(const struct program *program, int argc, char **argv, int *words)
{
	int found = 0, status;
	bool shows;

	if (asks_for(argc, argv, "--help")) {
		print_help(program);
		return 0;
	}
	if (asks_for(argc, argv, "--help=rows")) {
		options_rows(program->tables, program->name, program->words,
			     program->summary, stdout);
		return 0;
	}
	if (asks_for(argc, argv, "--version")) {
		printf("%s (parley) %s\n", program->name, PARLEY_VERSION);
		return 0;
	}
	shows = asks_for(argc, argv, SHOW_FLAG);
	status = read_all(program, argc, argv, &found);
	if (status >= 0)
		return status;
	if (shows) {
		options_show(program->tables, stdout);
		return 0;
	}
	if (found > 0 && program->words == NULL) {
		fprintf(stderr, "%s: what is '%s'? try --help\n", program->name,
			argv[0]);
		return 2;
	}
	if (words != NULL)
		*words = found;
	return -1;
}
