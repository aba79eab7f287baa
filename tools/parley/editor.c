/* SPDX-License-Identifier: MIT */
/* tools/parley/editor.c - moving, erasing, remembering.
 *
 * The cursor moves by what a reader takes for one character: a letter with its
 * accents, an emoji of several code points (Unicode's grapheme clusters).
 */
#include "tools/parley/editor.h"

#include "tools/client/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* --- Places */

/* The end of the character that begins at `from`. */
static size_t
next_place(const struct editor *e, size_t from)
{
	struct slice rest = { (char *)e->text.bytes + from, e->text.n - from };
	utf8proc_int32_t state = 0, before, behind;

	if (rest.n == 0)
		return from;
	before = (utf8proc_int32_t)text_next(&rest);
	while (rest.n > 0) {
		struct slice here = rest;

		behind = (utf8proc_int32_t)text_next(&rest);
		if (utf8proc_grapheme_break_stateful(before, behind, &state))
			return e->text.n - here.n;
		before = behind;
	}
	return e->text.n;
}

/* The beginning of the character that ends at the cursor. Characters can only
 * be told from their beginnings, so it looks from the line's. */
static size_t
previous_place(const struct editor *e)
{
	size_t place = 0, next;

	while ((next = next_place(e, place)) < e->at)
		place = next;
	return e->at > 0 ? place : 0;
}

static bool
is_blank_at(const struct editor *e, size_t at)
{
	return e->text.bytes[at] == ' ' || e->text.bytes[at] == '\n';
}

static size_t
word_before(const struct editor *e)
{
	size_t at = e->at;

	while (at > 0 && is_blank_at(e, at - 1))
		at--;
	while (at > 0 && !is_blank_at(e, at - 1))
		at--;
	return at;
}

static size_t
word_behind(const struct editor *e)
{
	size_t at = e->at;

	while (at < e->text.n && is_blank_at(e, at))
		at++;
	while (at < e->text.n && !is_blank_at(e, at))
		at++;
	return at;
}

/* --- Changes */

static bool
move_to(struct editor *e, size_t place)
{
	bool moves = place != e->at;

	e->at = place;
	return moves;
}

/* Takes the bytes from `from` to `to` away; `keep` makes them what can be put
 * back. */
static bool
remove_between(struct editor *e, size_t from, size_t to, bool keep)
{
	if (from >= to)
		return false;
	if (keep) {
		buffer_clear(&e->cut);
		(void)buffer_append(&e->cut, e->text.bytes + from, to - from);
	}
	memmove(e->text.bytes + from, e->text.bytes + to, e->text.n - to);
	e->text.n -= to - from;
	e->at = from;
	return true;
}

static bool
put(struct editor *e, struct slice text)
{
	if (text.n == 0 || text.n > EDITOR_MAX - e->text.n ||
	    buffer_reserve(&e->text, text.n) != 0)
		return false;
	memmove(e->text.bytes + e->at + text.n, e->text.bytes + e->at,
		e->text.n - e->at);
	memcpy(e->text.bytes + e->at, text.at, text.n);
	e->text.n += text.n;
	e->at += text.n;
	return true;
}

bool
editor_insert(struct editor *e, uint32_t character)
{
	struct buffer bytes = { 0 };
	bool done;

	if (character == '\t')
		character = ' ';
	if (text_is_unsafe(character) && character != '\n')
		return true;
	done = text_append_character(&bytes, character) == 0 &&
	       put(e, (struct slice){ (char *)bytes.bytes, bytes.n });
	buffer_fini(&bytes);
	return done;
}

void
editor_clear(struct editor *e)
{
	buffer_clear(&e->text);
	e->at = 0;
	e->shown = 0;
	free(e->draft);
	e->draft = NULL;
}

static bool
replace(struct editor *e, struct slice text)
{
	e->text.n = 0;
	e->at = 0;
	return text.n == 0 || put(e, text);
}

bool
editor_set(struct editor *e, struct slice text)
{
	editor_clear(e);
	return replace(e, text);
}

/* --- History */

static void
remember(struct editor *e, const char *line)
{
	char *copy;

	if (e->history_count > 0 &&
	    strcmp(e->history[e->history_count - 1], line) == 0)
		return;
	copy = strdup(line);
	if (copy == NULL)
		return;
	if (e->history_count == EDITOR_HISTORY_MAX) {
		free(e->history[0]);
		memmove(e->history, e->history + 1,
			(EDITOR_HISTORY_MAX - 1) * sizeof *e->history);
		e->history_count--;
	}
	e->history[e->history_count++] = copy;
}

static bool
look_back(struct editor *e, size_t shown)
{
	if (e->shown == 0) {
		free(e->draft);
		e->draft = strndup(e->text.n > 0 ? (char *)e->text.bytes : "",
				   e->text.n);
	}
	e->shown = shown;
	return replace(e,
		       slice_of(shown > 0 ? e->history[e->history_count - shown]
					  : e->draft));
}

char *
editor_take(struct editor *e)
{
	char *line = NULL;

	if (e->text.n > 0)
		line = strndup((char *)e->text.bytes, e->text.n);
	if (line != NULL) {
		remember(e, line);
		editor_clear(e);
	}
	return line;
}

bool
editor_do(struct editor *e, enum editor_act act)
{
	switch (act) {
	case EDITOR_LEFT:
		return move_to(e, previous_place(e));
	case EDITOR_RIGHT:
		return move_to(e, next_place(e, e->at));
	case EDITOR_WORD_LEFT:
		return move_to(e, word_before(e));
	case EDITOR_WORD_RIGHT:
		return move_to(e, word_behind(e));
	case EDITOR_HOME:
		return move_to(e, 0);
	case EDITOR_END:
		return move_to(e, e->text.n);
	case EDITOR_ERASE:
		return remove_between(e, previous_place(e), e->at, false);
	case EDITOR_DELETE:
		return remove_between(e, e->at, next_place(e, e->at), false);
	case EDITOR_ERASE_WORD:
		return remove_between(e, word_before(e), e->at, true);
	case EDITOR_CUT_BEFORE:
		return remove_between(e, 0, e->at, true);
	case EDITOR_CUT_BEHIND:
		return remove_between(e, e->at, e->text.n, true);
	case EDITOR_PUT_BACK:
		return put(e, (struct slice){ (char *)e->cut.bytes, e->cut.n });
	case EDITOR_OLDER:
		return e->shown < e->history_count &&
		       look_back(e, e->shown + 1);
	case EDITOR_NEWER:
		return e->shown > 0 && look_back(e, e->shown - 1);
	}
	return false;
}

void
editor_fini(struct editor *e)
{
	editor_clear(e);
	buffer_fini(&e->text);
	buffer_fini(&e->cut);
	while (e->history_count > 0)
		free(e->history[--e->history_count]);
}
