/* SPDX-License-Identifier: MIT */
/* proto/env_file.h - reads the text of a `.env` file.
 *
 *   # a comment
 *   PARLEY_LISTEN=127.0.0.1:8080
 *   export JWT_SECRET="with \"quotes\", \\ and \n"
 *   PARLEY_ORIGINS='taken as it stands'
 *
 * A line is empty, a comment, or KEY=VALUE. Blanks around key and value are
 * dropped; a value without quotes reaches to the end of its line, `#` included.
 * Nothing is expanded. Lines may end with CR LF.
 */
#ifndef PARLEY_PROTO_ENV_FILE_H
#define PARLEY_PROTO_ENV_FILE_H

#include "proto/arena.h"
#include "proto/slice.h"

#define ENV_FILE_MAX_BYTES ((size_t)64 * 1024)

struct env_entry;

/* All zero is an empty file. */
struct env_file {
	struct arena memory;
	struct env_entry *last;
};

struct env_error {
	size_t line;     /* from 1; 0: it is no particular line */
	const char *why; /* static */
};

/* Adds what `text` says to `file`; keeps no pointer into `text`. 0, or -1 with
 * *error; then `file` holds the lines before that one. */
int env_file_parse(struct env_file *file, struct slice text,
		   struct env_error *error);

/* The value that the last line for `key` gives, until env_file_fini(); or
 * NULL. */
const char *env_file_find(const struct env_file *file, const char *key);

/* Gives the memory back. */
void env_file_fini(struct env_file *file);

#endif
