/* SPDX-License-Identifier: MIT */
/* tools/parley/pane.c - messages by their place, broken into rows from the
 * bottom up.
 *
 * What is in sight hangs on the lowest message in sight, not on a number of
 * rows: so it stays where it is when others come, older ones are read or the
 * screen gets another size.
 */
#include "tools/parley/pane.h"

#include "tools/client/text.h"
#include "tools/parley/message.h"
#include "tools/parley/talk.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define AUTHOR_COLUMNS_MAX 24
#define DROP_AT_ONCE       500 /* messages, when there are too many */

/* --- Messages */

static void
free_message(struct pane_message *m)
{
	if (m == NULL)
		return;
	free(m->author);
	free(m->text);
	free(m);
}

/* A copy of what can be shown: nothing that a terminal obeys, nothing that it
 * does not know, and each character with the columns that text_columns() says.
 * For that, emoji stand for themselves: what joins them, or asks for colours,
 * is left out, since terminals do not agree on how wide the result is. */
static char *
showable_copy(const char *text, const char *kept)
{
	struct slice rest = slice_of(text);
	struct buffer out = { 0 };
	uint32_t before = 0;

	while (rest.n > 0) {
		uint32_t c = text_next(&rest);

		if (c == '\t')
			c = ' ';
		if ((text_is_unsafe(c) &&
		     (c >= 0x80 || strchr(kept, (int)c) == NULL)) ||
		    c == 0xfe0f || (c == 0x200d && before >= 0x2190))
			continue;
		if (c != '\n' && wcwidth((wchar_t)c) < 0)
			c = 0xfffd;
		if (text_append_character(&out, c) != 0)
			break;
		before = c;
	}
	if (rest.n > 0 || buffer_append(&out, "", 1) != 0) {
		buffer_fini(&out);
		return NULL;
	}
	return (char *)out.bytes;
}

static struct pane_message *
make_message(const json_t *message)
{
	struct pane_message *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->seq = message_seq(message);
	m->at = message_time(message);
	snprintf(m->id, sizeof m->id, "%s", talk_text(message, "id"));
	snprintf(m->author_id, sizeof m->author_id, "%s",
		 talk_text(message, "creator_id"));
	m->author = showable_copy(talk_text(message, "creator_name"), "");
	m->text = showable_copy(talk_text(message, "content"), "\n");
	if (m->author == NULL || m->text == NULL) {
		free_message(m);
		return NULL;
	}
	return m;
}

/* Where `seq` stands, or would. */
static size_t
place_of(const struct pane *pane, uint64_t seq)
{
	size_t low = 0, high = pane->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pane->messages[middle]->seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_at(const struct pane *pane, size_t place, uint64_t seq)
{
	return place < pane->count && pane->messages[place]->seq == seq;
}

static int
grow(struct pane *pane)
{
	struct pane_message **more;
	size_t room = pane->room > 0 ? pane->room * 2 : 64;

	if (pane->count < pane->room)
		return 0;
	more = reallocarray(pane->messages, room, sizeof *more);
	if (more == NULL)
		return -1;
	pane->messages = more;
	pane->room = room;
	return 0;
}

static void
remove_at(struct pane *pane, size_t place, size_t n)
{
	if (n == 0)
		return;
	for (size_t i = place; i < place + n; i++)
		free_message(pane->messages[i]);
	memmove(pane->messages + place, pane->messages + place + n,
		(pane->count - place - n) * sizeof *pane->messages);
	pane->count -= n;
}

/* Only while the newest is in sight: nothing that is looked at goes. */
static void
drop_oldest(struct pane *pane)
{
	if (pane->count <= PANE_MAX || pane->bottom != 0)
		return;
	remove_at(pane, 0, DROP_AT_ONCE);
	pane->has_older = true;
}

int
pane_add(struct pane *pane, const json_t *message)
{
	struct pane_message *m = make_message(message);
	size_t place;

	if (m == NULL)
		return -1;
	place = place_of(pane, m->seq);
	if (has_at(pane, place, m->seq)) {
		struct pane_message *old = pane->messages[place];

		m->is_edited =
		    old->is_edited || strcmp(old->text, m->text) != 0;
		free_message(old);
		pane->messages[place] = m;
		return 0;
	}
	if (grow(pane) != 0) {
		free_message(m);
		return -1;
	}
	memmove(pane->messages + place + 1, pane->messages + place,
		(pane->count - place) * sizeof *pane->messages);
	pane->messages[place] = m;
	pane->count++;
	drop_oldest(pane);
	return 0;
}

static struct pane_message *
find(const struct pane *pane, const char *id)
{
	for (size_t i = pane->count; i > 0; i--)
		if (strcmp(pane->messages[i - 1]->id, id) == 0)
			return pane->messages[i - 1];
	return NULL;
}

const struct pane_message *
pane_find(const struct pane *pane, const char *id)
{
	return find(pane, id);
}

void
pane_take_back(struct pane *pane, const char *id)
{
	struct pane_message *m = find(pane, id);

	if (m != NULL) {
		m->is_gone = true;
		m->text[0] = '\0';
	}
}

const struct pane_message *
pane_last_of(const struct pane *pane, const char *author_id)
{
	for (size_t i = pane->count; i > 0; i--) {
		const struct pane_message *m = pane->messages[i - 1];

		if (!m->is_gone && strcmp(m->author_id, author_id) == 0)
			return m;
	}
	return NULL;
}

int
pane_merge(struct pane *pane, const json_t *messages)
{
	size_t n = json_array_size(messages), i;
	uint64_t first, last;
	const json_t *message;

	if (n == 0)
		return 0;
	first = message_seq(json_array_get(messages, 0));
	last = message_seq(json_array_get(messages, n - 1));
	for (i = place_of(pane, first);
	     i < pane->count && pane->messages[i]->seq <= last; i++)
		pane->messages[i]->is_gone = true;
	json_array_foreach(messages, i, message)
	{
		if (pane_add(pane, message) != 0)
			return -1;
	}
	for (i = place_of(pane, first); i < pane->count; i++)
		if (pane->messages[i]->is_gone)
			pane->messages[i]->text[0] = '\0';
	return 0;
}

uint64_t
pane_first_seq(const struct pane *pane)
{
	return pane->count > 0 ? pane->messages[0]->seq : 0;
}

uint64_t
pane_last_seq(const struct pane *pane)
{
	return pane->count > 0 ? pane->messages[pane->count - 1]->seq : 0;
}

void
pane_clear(struct pane *pane)
{
	remove_at(pane, 0, pane->count);
	free(pane->messages);
	*pane = (struct pane){ 0 };
}

/* --- Rows */

size_t
pane_columns(struct slice text)
{
	size_t columns = 0;

	while (text.n > 0)
		columns += (size_t)text_columns(text_next(&text));
	return columns;
}

size_t
pane_break(struct slice text, size_t width, size_t *used)
{
	struct slice rest = text;
	size_t columns = 0, blank = 0;

	while (rest.n > 0) {
		size_t at = text.n - rest.n;
		uint32_t c = text_next(&rest);
		size_t wide = (size_t)text_columns(c);

		if (c == '\n') {
			*used = at + 1;
			return at;
		}
		if (columns + wide > width && at > 0) {
			/* A blank that does not fit need not be seen. */
			if (c == ' ')
				blank = at + 1;
			*used = blank > 0 ? blank : at;
			return c == ' ' ? at : *used;
		}
		columns += wide;
		if (c == ' ')
			blank = at + 1;
	}
	*used = text.n;
	return text.n;
}

/* What stands before the first row of a message's text. */
static size_t
first_indent(const struct pane_message *m, size_t width)
{
	size_t author = pane_columns(slice_of(m->author));

	if (author > AUTHOR_COLUMNS_MAX)
		author = AUTHOR_COLUMNS_MAX;
	author += PANE_INDENT + 2;
	return author + 8 < width ? author : PANE_INDENT;
}

static bool
is_same_day(time_t a, time_t b)
{
	struct tm x, y;

	if (localtime_r(&a, &x) == NULL || localtime_r(&b, &y) == NULL)
		return true;
	return x.tm_year == y.tm_year && x.tm_yday == y.tm_yday;
}

/* Writes the rows of a message to `rows`, at most `room`; returns how many it
 * has. */
static size_t
break_message(const struct pane *pane, size_t place, size_t width,
	      struct pane_row *rows, size_t room)
{
	const struct pane_message *m = pane->messages[place];
	struct slice text = slice_of(m->text);
	size_t n = 0, used;
	bool is_first = true;

	if (place == 0 || !is_same_day(pane->messages[place - 1]->at, m->at)) {
		if (n < room)
			rows[n] =
			    (struct pane_row){ .kind = PANE_DAY, .message = m };
		n++;
	}
	do {
		size_t indent = is_first ? first_indent(m, width) : PANE_INDENT;
		size_t shown = pane_break(
		    text, width > indent ? width - indent : 1, &used);

		if (n < room)
			rows[n] = (struct pane_row){ is_first ? PANE_FIRST
							      : PANE_MORE,
						     m,
						     { text.at, shown } };
		n++;
		is_first = false;
		text.at += used;
		text.n -= used;
	} while (text.n > 0);
	return n;
}

/* Of the lowest message in sight; `count` if there is none. */
static size_t
bottom_place(const struct pane *pane)
{
	size_t place;

	if (pane->bottom == 0 || pane->count == 0)
		return pane->count > 0 ? pane->count - 1 : 0;
	place = place_of(pane, pane->bottom);
	return place < pane->count ? place : pane->count - 1;
}

/* Puts the last `n` of the message's rows but `skipped` before `rows[top]`.
 * Returns how many there were. */
static size_t
put_message(const struct pane *pane, size_t place, size_t width, size_t skipped,
	    struct pane_row *rows, size_t top)
{
	size_t all = break_message(pane, place, width, NULL, 0);
	struct pane_row *own;
	size_t n;

	skipped = skipped < all ? skipped : all;
	n = all - skipped < top ? all - skipped : top;
	own = calloc(all, sizeof *own);
	if (own == NULL)
		return 0;
	break_message(pane, place, width, own, all);
	memcpy(rows + top - n, own + (all - skipped - n), n * sizeof *own);
	free(own);
	return n;
}

size_t
pane_rows(const struct pane *pane, size_t width, size_t height,
	  struct pane_row *rows)
{
	size_t top = height, place = bottom_place(pane);
	size_t skipped = pane->bottom != 0 ? pane->rows_below : 0;

	if (pane->count == 0)
		return 0;
	for (place++; place > 0 && top > 0; place--) {
		top -= put_message(pane, place - 1, width, skipped, rows, top);
		skipped = 0;
	}
	memmove(rows, rows + top, (height - top) * sizeof *rows);
	return height - top;
}

/* --- What is in sight */

static size_t
count_rows(const struct pane *pane, size_t place, size_t width)
{
	return break_message(pane, place, width, NULL, 0);
}

/* One row up; false at the top. */
static bool
step_up(struct pane *pane, size_t width)
{
	size_t place = bottom_place(pane);

	pane->bottom = pane->messages[place]->seq;
	if (pane->rows_below + 1 < count_rows(pane, place, width)) {
		pane->rows_below++;
		return true;
	}
	if (place == 0)
		return false;
	pane->bottom = pane->messages[place - 1]->seq;
	pane->rows_below = 0;
	return true;
}

static void
step_down(struct pane *pane, size_t width)
{
	size_t place = bottom_place(pane);

	if (pane->bottom == 0)
		return;
	if (pane->rows_below > 0) {
		pane->rows_below--;
	} else if (place + 1 < pane->count) {
		pane->bottom = pane->messages[place + 1]->seq;
		pane->rows_below =
		    (unsigned)count_rows(pane, place + 1, width) - 1;
	}
	if (bottom_place(pane) + 1 == pane->count && pane->rows_below == 0)
		pane_to_end(pane);
}

/* Whether the rows from the bottom up fill the screen. */
static bool
is_full(const struct pane *pane, size_t width, size_t height)
{
	size_t place = bottom_place(pane) + 1, rows = 0;
	size_t below = pane->bottom != 0 ? pane->rows_below : 0;

	for (; place > 0 && rows < height + below; place--)
		rows += count_rows(pane, place - 1, width);
	return rows >= height + below;
}

bool
pane_scroll(struct pane *pane, size_t width, size_t height, int by)
{
	bool is_top = pane->count == 0;

	for (; by > 0 && !is_top; by--) {
		if (!step_up(pane, width) || !is_full(pane, width, height)) {
			step_down(pane, width);
			is_top = true;
		}
	}
	for (; by < 0 && pane->count > 0; by++)
		step_down(pane, width);
	return is_top;
}

void
pane_to_end(struct pane *pane)
{
	pane->bottom = 0;
	pane->rows_below = 0;
}

void
pane_to_start(struct pane *pane, size_t width, size_t height)
{
	size_t rows = 0, place = 0;

	while (place < pane->count && rows < height)
		rows += count_rows(pane, place++, width);
	if (rows < height)
		return;
	pane->bottom = pane->messages[place - 1]->seq;
	pane->rows_below = (unsigned)(rows - height);
}

size_t
pane_count_below(const struct pane *pane)
{
	if (pane->bottom == 0 || pane->count == 0)
		return 0;
	return pane->count - 1 - bottom_place(pane);
}
