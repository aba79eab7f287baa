/* SPDX-License-Identifier: MIT */
/* tools/parley/usage.h - the command line: what was asked, and what can be.
 */
#ifndef PARLEY_TOOLS_PARLEY_USAGE_H
#define PARLEY_TOOLS_PARLEY_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit statuses. */
enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,  /* no connection, no disk, no memory */
	STATUS_USAGE = 2,   /* the command line makes no sense */
	STATUS_REFUSED = 3, /* the server said no, or nobody is logged in */
};

/* What the flags of a command said; each member belongs to the rows of
 * commands.def that name it. */
struct options {
	const char *server, *cacert, *email, *description;
	const char *limit, *before, *since, *window;
	bool json, password_stdin, is_private, mine, changes, join;
	char **words;
	int word_count;
};

struct flag_row {
	const char *name;
	const char *value;    /* what it is called; NULL: is there or not */
	size_t place;         /* in struct options */
	const char *fallback; /* or NULL */
	const char *variable; /* that says the same, or NULL */
	const char *help;
};

struct command {
	const char *name;
	const char *words; /* for the usage line */
	int least, most;   /* words; -1: any number */
	const char *summary;
	const struct flag_row *flags;
	int (*run)(const struct options *options); /* an enum status */
};

/* All of them, ended by a row without a name; and what all have in common. */
extern const struct command commands[];
extern const struct flag_row common_flags[];

/* Reads what stands behind the command's name. Words are moved to the front of
 * `argv`. Returns -1 to go on, or the exit status. */
int usage_read(const struct command *command, int argc, char **argv,
	       struct options *options);

/* Prints the page of a command, or of all of them. */
void usage_help(const struct command *command, FILE *out);
void usage_overview(FILE *out);

/* Prints all that for other programs, as options_rows() does. */
void usage_rows(FILE *out);

/* A number from `min` to `max`, or a word on stderr about --flag and false. */
bool usage_number(const char *flag, const char *text, unsigned long min,
		  unsigned long max, unsigned long *number);

/* "parley: ..." on stderr, ended by a line break. Returns STATUS_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* While somebody else has the screen, what is complained of is kept; the last
 * of it is told when that is over. */
void complain_later(bool is_later);

#define COMMAND(name, words, least, most, summary)                             \
	int command_##name(const struct options *options);
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

#endif
