/* SPDX-License-Identifier: MIT */
/* tools/parley/editor.h - one line that is being written: UTF-8, a place in it,
 * and what was written before. It knows no terminal.
 */
#ifndef PARLEY_TOOLS_PARLEY_EDITOR_H
#define PARLEY_TOOLS_PARLEY_EDITOR_H

#include "proto/buffer.h"
#include "proto/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define EDITOR_MAX         40960 /* bytes: what the largest server takes */
#define EDITOR_HISTORY_MAX 200   /* lines */

/* All zero is an empty one. */
struct editor {
	struct buffer text;
	size_t at; /* bytes before the cursor */
	struct buffer cut;
	char *history[EDITOR_HISTORY_MAX]; /* oldest first */
	size_t history_count;
	size_t shown; /* lines back in the history; 0: none */
	char *draft;  /* what was there before the history was looked at */
};

enum editor_act {
	EDITOR_LEFT,
	EDITOR_RIGHT,
	EDITOR_WORD_LEFT,
	EDITOR_WORD_RIGHT,
	EDITOR_HOME,
	EDITOR_END,
	EDITOR_ERASE,      /* the character before the cursor */
	EDITOR_DELETE,     /* the one behind it */
	EDITOR_ERASE_WORD, /* these three can be put back */
	EDITOR_CUT_BEFORE,
	EDITOR_CUT_BEHIND,
	EDITOR_PUT_BACK,
	EDITOR_OLDER,
	EDITOR_NEWER,
};

/* Puts a character in at the cursor. False if it is full or no memory is left.
 * Controls but for a line break are passed over. */
bool editor_insert(struct editor *editor, uint32_t character);

/* False if there was nothing to do. */
bool editor_do(struct editor *editor, enum editor_act act);

/* Takes the line away: it is empty then, and the line the newest of the
 * history. To be freed by the caller; NULL if it was empty, or no memory. */
char *editor_take(struct editor *editor);

/* What is written now is this. False if there is no memory. */
bool editor_set(struct editor *editor, struct slice text);

void editor_clear(struct editor *editor);
void editor_fini(struct editor *editor);

static inline struct slice
editor_text(const struct editor *editor)
{
	return (struct slice){ (const char *)editor->text.bytes,
			       editor->text.n };
}

#endif
