/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/view.h - what `top` shows of two surveys, as lines of text
 * for a screen or a pipe. It knows no terminal.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_VIEW_H
#define PARLEY_TOOLS_PARLEYCTL_VIEW_H

#include "tools/parleyctl/survey.h"

#define VIEW_LINES     256
#define VIEW_BYTES     1024
#define HISTORY_VALUES 512

enum tone {
	TONE_PLAIN,
	TONE_TITLE,
	TONE_HEADING, /* of the table */
	TONE_ALARM,
	TONE_ALARM_TITLE,
};

struct view_line {
	char text[VIEW_BYTES]; /* UTF-8, a column a character */
	enum tone tone;
	size_t label;          /* so many columns at its front name the rest */
	size_t mark, mark_end; /* columns that stand out, if there are some */
};

struct view {
	struct view_line lines[VIEW_LINES];
	size_t n;
};

/* Rates of the last looks, oldest first; NAN where one was not known. */
struct history {
	double values[HISTORY_VALUES];
	size_t n;
};

/* What to show, and how. */
struct look {
	const struct survey *before; /* NULL: there was no look before */
	const struct survey *now;
	const struct history *history; /* NULL: no bars */
	const char *where;             /* the folder of sockets */
	double interval;               /* seconds */
	size_t sort;                   /* a column: view_sort_name() */
	size_t width, height;          /* columns and lines there are */
	bool is_paused;
	bool has_utf8;
};

/* The name of a column that rows can be sorted by; NULL behind the last. */
const char *view_sort_name(size_t column);

/* What the gateways tell clients, in messages a second: what the history is of.
 */
double view_rate(const struct survey *before, const struct survey *now);

void history_add(struct history *history, double value);

/* Sets *view to it. */
void view_build(struct view *view, const struct look *look);

/* Sets *view to what the keys do, in lines of at most so many columns, but with
 * whole words. */
void view_help(struct view *view, size_t width);

#endif
