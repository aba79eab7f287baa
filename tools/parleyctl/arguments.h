/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/arguments.h - the command line, by the table of commands. */
#ifndef PARLEY_TOOLS_PARLEYCTL_ARGUMENTS_H
#define PARLEY_TOOLS_PARLEYCTL_ARGUMENTS_H

#include "tools/parleyctl/ctl.h"

/* Fills the call's command, words, flags and given. Returns -1 to go on, or the
 * exit status: 0 after --help or --version, 2 after a line that says what is
 * wrong. */
int arguments_read(struct call *call, int argc, char **argv);

void arguments_free(struct call *call);

/* The page of --help: of one command; or, for NULL, of those whose names begin
 * with `group`, "" for all. */
void help_print(const struct command *command, const char *group, FILE *out);

/* Prints all that for other programs, as options_rows() does. */
void help_rows(FILE *out);

#endif
