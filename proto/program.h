/* SPDX-License-Identifier: MIT */
/* proto/program.h - how each of our programs begins: --help, --version,
 * settings, and the words behind them.
 */
#ifndef PARLEY_PROTO_PROGRAM_H
#define PARLEY_PROTO_PROGRAM_H

#include "proto/options.h"

struct program {
	const char *name;
	const char *summary;
	const char
	    *words; /* what may stand beside flags, for --help; or NULL */
	const struct option_row *const *tables;
};

/* Reads the settings. Words that are no flags are moved to the front of argv
 * and counted in *words if the program takes any. Returns -1 to go on, or the
 * exit status: 0 after --help, --help=rows (the same for programs, see
 * options_rows()), --version or --settings (options_show()), 2 after wrong
 * usage. */
int program_begin(const struct program *program, int argc, char **argv,
		  int *words);

#endif
