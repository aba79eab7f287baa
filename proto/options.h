/* SPDX-License-Identifier: MIT */
/* proto/options.h - settings: flag, else environment, else `.env`, else
 * default.
 *
 * A row makes the flag --NAME, the variable PARLEY_NAME and the line of --help.
 */
#ifndef PARLEY_PROTO_OPTIONS_H
#define PARLEY_PROTO_OPTIONS_H

#include "proto/buffer.h"

#include <stdbool.h>
#include <stdio.h>

struct option_row {
	const char *name; /* "max-message": --max-message, PARLEY_MAX_MESSAGE */
	const char **value;   /* where it goes; kept for the process's life */
	const char *fallback; /* the default; NULL: none */
	const char *help;
	const char *variable; /* another variable than PARLEY_NAME, or NULL */
	const char *alias; /* a second variable, read if the first is unset */
	bool secret;       /* never a flag, never shown */
	bool is_switch;    /* a flag without a value, which then is "yes" */
};

/* Reads what is set into the rows' values; NULL stays where nothing is. Flags
 * are `--name value` or `--name=value`; of a switch, `--name` alone. `tables`
 * and each table end with NULL and { 0 }. A row called "env" names the `.env`
 * file, which may be missing. An empty variable counts as unset where the row
 * has a default. Returns 0, or after a message on stderr 2: wrong usage, or 1:
 * no memory. The caller looks for --help and --version first: they are unknown
 * flags here. */
int options_read(const struct option_row *const *tables, int argc, char **argv,
		 const char *program);

/* Prints the --help page of a program. */
void options_help(const struct option_row *const *tables, const char *program,
		  const char *summary, FILE *out);

/* Prints the part of it that lists the rows, for a program that has commands
 * and no --settings. */
void options_list(const struct option_row *const *tables, FILE *out);

/* Prints the rows for other programs: manual pages and completions are made of
 * them. A line for each, its columns separated by tabs, empty where there is
 * nothing to say:
 *
 *   program NAME WORDS SUMMARY
 *   command NAME WORDS SUMMARY, behind it the rows of that command alone
 *   flag    NAME VALUE DEFAULT VARIABLE ALIAS HELP
 *   secret  ---- VALUE DEFAULT VARIABLE ALIAS HELP
 *
 * WORDS is what may stand beside flags, or NULL. Tools with commands print such
 * lines of their own. */
void options_rows(const struct option_row *const *tables, const char *program,
		  const char *words, const char *summary, FILE *out);

/* Prints what options_read() has found, a line for each row: its variable,
 * where the value came from (flag, environment, file or default) and the value,
 * separated by tabs. Of a secret only whether it is `set` or `generated`; of
 * a control character, a question mark. */
void options_show(const struct option_row *const *tables, FILE *out);

/* Whether `argument`, such as "--json", is the flag of a row that takes no
 * value. */
bool options_is_switch(const struct option_row *const *tables,
		       const char *argument);

/* Reads a whole number from `min` to `max`. False, and *number unchanged, if
 * `text` is anything else. */
bool option_number(const char *text, unsigned long min, unsigned long max,
		   unsigned long *number);

#endif
