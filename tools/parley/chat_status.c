/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_status.c - the rows between the messages and the line that
 * is written: a notice, or who is typing; and what is unread elsewhere.
 */
#include "tools/client/text.h"
#include "tools/parley/chat.h"
#include "tools/parley/chat_curses.h"

/* --- Rows */

/* Takes the next row from the front of `text`: as many words as fit, or as much
 * as fits of a word that is longer. Neither `text` nor `columns` is nothing. */
static struct slice
take_row(struct slice *text, int columns)
{
	struct slice rest = *text, row = *text;
	size_t fits = 0, words = 0; /* bytes */
	int used = 0;

	while (rest.n > 0) {
		if (*rest.at == ' ')
			words = fits;
		used += text_columns(text_next(&rest));
		if (used > columns)
			break;
		fits = text->n - rest.n;
	}
	if (used > columns)
		row.n = words > 0 ? words : fits > 0 ? fits : text->n - rest.n;
	text->at += row.n;
	text->n -= row.n;
	while (text->n > 0 && *text->at == ' ') {
		text->at++;
		text->n--;
	}
	return row;
}

int
status_rows(const struct chat *chat)
{
	struct slice rest = slice_of(chat->notice);
	int rows = 0, most = LINES / 2;

	while (rest.n > 0 && COLS > 2 && rows < most) {
		(void)take_row(&rest, COLS - 2);
		rows++;
	}
	return rows > 0 ? rows : 1;
}

/* --- What they say */

static void
tell_typing(struct chat *chat, struct buffer *text)
{
	const struct chat_room *here = chat->here;
	size_t n = here->typing_count;

	for (size_t i = 0; i < n && i < 3; i++)
		(void)buffer_printf(
		    text, "%s%s",
		    i == 0       ? ""
		    : i + 1 == n ? " and "
				 : ", ",
		    people_name(&chat->people, here->typing[i]));
	if (n > 3)
		(void)buffer_append_text(text, " and others");
	if (n > 0)
		(void)buffer_append_text(text, n > 1 ? " are typing..."
						     : " is typing...");
}

static void
tell_elsewhere(const struct chat *chat, struct buffer *text)
{
	size_t below = pane_count_below(&chat->here->pane);

	for (size_t i = 0; COLS < SIDE_FROM && i < chat->room_count; i++) {
		const struct chat_room *room = chat->rooms[i];

		if (room->unread > 0 && room->title != NULL)
			(void)buffer_printf(text, "[%s %lu] ", room->title,
					    room->unread);
	}
	if (below > 0)
		(void)buffer_printf(text, "%zu below ", below);
	else if (chat->here->pane.bottom != 0)
		(void)buffer_append_text(text, "more below ");
}

void
status_draw(struct chat *chat, int y)
{
	struct buffer left = { 0 }, right = { 0 };
	struct slice l, r;
	int used = 0, last = y + status_rows(chat) - 1;

	if (chat->notice[0] != '\0')
		(void)buffer_append_text(&left, chat->notice);
	else
		tell_typing(chat, &left);
	tell_elsewhere(chat, &right);
	l = (struct slice){ (char *)left.bytes, left.n };
	r = (struct slice){ (char *)right.bytes, right.n };
	(void)attrset(chat->notice[0] != '\0' ? A_BOLD : A_DIM);
	for (; l.n > 0 && y <= last; y++)
		used = screen_put(y, 1, take_row(&l, COLS - 2), COLS - 2);
	(void)attrset(A_BOLD);
	if (r.n > 0 && used + 3 + (int)pane_columns(r) < COLS)
		screen_put(last, COLS - (int)pane_columns(r), r, COLS);
	(void)attrset(A_NORMAL);
	buffer_fini(&left);
	buffer_fini(&right);
}
