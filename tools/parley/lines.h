/* SPDX-License-Identifier: MIT */
/* tools/parley/lines.h - lines out of bytes that come in pieces, in memory
 * that does not grow.
 */
#ifndef PARLEY_TOOLS_PARLEY_LINES_H
#define PARLEY_TOOLS_PARLEY_LINES_H

#include "proto/slice.h"

#define LINES_MAX  40960 /* bytes: what the largest server takes */
#define LINES_ROOM (64 * 1024)

struct lines {
	char bytes[LINES_ROOM];
	size_t at, n;         /* what is not taken yet */
	unsigned long number; /* of the last line taken, from 1 */
	bool is_skipping;     /* the rest of a line that is too long */
	bool is_ended;
};

enum lines_taken { LINES_NONE, LINES_ONE, LINES_TOO_LONG };

/* Room for what is read next; *n is more than 0 whenever lines_take() has just
 * said LINES_NONE. */
char *lines_room(struct lines *lines, size_t *n);

/* So much was read; 0: the end of it all. */
void lines_add(struct lines *lines, size_t n);

/* Takes the next line, without its line break and a CR before it; valid until
 * lines_room(). What is too long is told once and left out. */
enum lines_taken lines_take(struct lines *lines, struct slice *line);

#endif
