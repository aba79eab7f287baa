/* SPDX-License-Identifier: MIT */
/* tools/parley/lines.c - a window over standard input. */
#include "tools/parley/lines.h"

#include <string.h>

char *
lines_room(struct lines *lines, size_t *n)
{
	memmove(lines->bytes, lines->bytes + lines->at, lines->n);
	lines->at = 0;
	*n = sizeof lines->bytes - lines->n;
	return lines->bytes + lines->n;
}

void
lines_add(struct lines *lines, size_t n)
{
	lines->n += n;
	lines->is_ended = n == 0;
}

static void
drop(struct lines *lines, size_t n)
{
	lines->at += n;
	lines->n -= n;
}

/* The line of `n` bytes that `step` bytes belong to. */
static enum lines_taken
take(struct lines *lines, size_t n, size_t step, struct slice *line)
{
	const char *at = lines->bytes + lines->at;
	bool was_skipping = lines->is_skipping;

	drop(lines, step);
	lines->is_skipping = false;
	if (was_skipping)
		return LINES_NONE;
	lines->number++;
	if (n > 0 && at[n - 1] == '\r')
		n--;
	*line = (struct slice){ at, n };
	return n > LINES_MAX ? LINES_TOO_LONG : LINES_ONE;
}

enum lines_taken
lines_take(struct lines *lines, struct slice *line)
{
	enum lines_taken taken = LINES_NONE;
	const char *end;

	while (taken == LINES_NONE && lines->n > 0) {
		const char *at = lines->bytes + lines->at;

		end = memchr(at, '\n', lines->n);
		if (end != NULL) {
			taken = take(lines, (size_t)(end - at),
				     (size_t)(end - at) + 1, line);
		} else if (lines->is_ended) {
			taken = take(lines, lines->n, lines->n, line);
		} else if (lines->is_skipping) {
			drop(lines, lines->n);
		} else if (lines->n > LINES_MAX + 1) {
			lines->number++;
			lines->is_skipping = true;
			drop(lines, lines->n);
			return LINES_TOO_LONG;
		} else {
			break;
		}
	}
	return taken;
}
