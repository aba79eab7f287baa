/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/lines.h - a frame as a line: of JSON for programs, or for
 * people, with the fields that tell something.
 */
#ifndef PARLEY_TOOLS_TAP_LINES_H
#define PARLEY_TOOLS_TAP_LINES_H

#include "tools/parley-tap/heard.h"

struct style {
	bool json;
	bool colour;
	unsigned columns; /* of the terminal; 0: lines are not cut */
};

/* JSON where stdout is no terminal, and colour where it is one that nobody has
 * forbidden to (NO_COLOR); `json` or `text` force one. */
struct style style_of_stdout(bool json, bool text);

/* The codes of a terminal; empty where the style has no colour. */
const char *style_bold(const struct style *style);
const char *style_dim(const struct style *style);
const char *style_red(const struct style *style);
const char *style_plain(const struct style *style);

/* Appends the line with its line break. 0, or -1 with errno ENOMEM. */
int line_append(struct buffer *into, const struct style *style,
		const struct heard *heard);

/* Writes to stdout what an append that returned `rc` has made. 0; or -1 after a
 * line on stderr, also if rc is not 0. */
int lines_print(int rc, const struct buffer *lines);

/* Appends a name, without what could be more than a name. As above. */
int line_append_name(struct buffer *into, struct slice name);

#endif
