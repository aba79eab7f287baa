/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_screen.c - draws the chat with ncurses, all of it anew each
 * time: ncurses sends what differs.
 *
 *   title                         who, how many, the connection
 *   messages                      | rooms, with what is unread
 *   ...                           | who is online, who types
 *   status: typing, notices       what lies below, unread elsewhere
 *   > what is being written
 */
#include "tools/client/terminal.h"
#include "tools/client/text.h"
#include "tools/parley/chat.h"
#include "tools/parley/chat_curses.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIDE_COLUMNS 20 /* with its line */
#define NAME_COLORS  6
#define AUTHOR_MAX   24
#define WAITING_MAX  5 /* messages not acknowledged, shown */

static bool has_names_coloured;

/* --- The terminal */

/* Bracketed paste is not in terminfo; terminals without it pass it over. */
static void
ask_for_paste(bool on)
{
	const char *sequence = on ? "\033[?2004h" : "\033[?2004l";

	(void)!write(STDOUT_FILENO, sequence, strlen(sequence));
}

static void
choose_colours(void)
{
	if (!terminal_has_colours())
		return;
	for (short i = 1; i <= NAME_COLORS; i++)
		init_pair(i, i, -1);
	has_names_coloured = true;
}

int
screen_open(void)
{
	if (terminal_open() != 0) {
		complain("this terminal (TERM) is not known");
		return STATUS_USAGE;
	}
	(void)define_key("\033[200~", KEY_PASTE_BEGIN);
	(void)define_key("\033[201~", KEY_PASTE_END);
	choose_colours();
	ask_for_paste(true);
	return 0;
}

void
screen_close(void)
{
	if (!terminal_is_open())
		return;
	ask_for_paste(false);
	terminal_close();
}

void
screen_renew(struct chat *chat)
{
	if (terminal_renew())
		ask_for_paste(true);
	chat->is_dirty = true;
}

/* --- Pieces */

int
screen_put(int y, int x, struct slice text, int columns)
{
	struct slice rest = text;
	int used = 0;

	while (rest.n > 0) {
		struct slice before = rest;
		int wide = text_columns(text_next(&rest));

		if (used + wide > columns) {
			rest = before;
			break;
		}
		used += wide;
	}
	if (columns > 0)
		(void)mvaddnstr(y, x, text.at, (int)(text.n - rest.n));
	return used;
}

static attr_t
name_attributes(const char *id)
{
	unsigned hash = 5381;

	if (!has_names_coloured)
		return A_BOLD;
	for (; *id != '\0'; id++)
		hash = hash * 33 + (unsigned char)*id;
	return A_BOLD | (attr_t)COLOR_PAIR(hash % NAME_COLORS + 1);
}

static void
fill_row(int y, attr_t attributes)
{
	(void)attrset((int)attributes);
	(void)mvhline(y, 0, ' ' | attributes, COLS);
}

static void
draw_title(struct chat *chat)
{
	const struct chat_room *here = chat->here;
	struct buffer left = { 0 }, right = { 0 };
	int room;

	if (here != NULL && here->title != NULL)
		(void)buffer_printf(
		    &left, " %s%s%s", here->title,
		    here->about != NULL && *here->about != '\0' ? "  " : "",
		    here->about != NULL ? here->about : "");
	else
		(void)buffer_printf(&left, " %s", chat->talk.wanted);
	if (here != NULL && COLS < SIDE_FROM)
		(void)buffer_printf(&right, "%zu online, ", here->online_count);
	(void)buffer_printf(
	    &right, "%s  %s ",
	    people_name(&chat->people, chat->talk.account.user_id),
	    chat->out.is_open && here != NULL && !here->is_member
		? "not in this room"
		: chat->state);
	fill_row(0, A_REVERSE);
	room =
	    (int)pane_columns((struct slice){ (char *)right.bytes, right.n });
	if (room > COLS / 2)
		room = COLS / 2;
	screen_put(0, 0, (struct slice){ (char *)left.bytes, left.n },
		   COLS - room - 2);
	screen_put(0, COLS - room,
		   (struct slice){ (char *)right.bytes, right.n }, room);
	(void)attrset(A_NORMAL);
	buffer_fini(&left);
	buffer_fini(&right);
}

/* --- Messages */

static void
draw_day(int y, const struct pane_message *m, int columns)
{
	struct tm local;
	char day[64] = "";
	int x;

	if (localtime_r(&m->at, &local) != NULL)
		strftime(day, sizeof day, " %A, %e %B %Y ", &local);
	x = (columns - (int)strlen(day)) / 2;
	(void)attrset(A_DIM);
	(void)mvhline_set(y, 0, WACS_HLINE, columns);
	screen_put(y, x > 0 ? x : 0, slice_of(day), columns);
	(void)attrset(A_NORMAL);
}

static int
draw_author(int y, const struct pane_message *m, int columns)
{
	struct tm local;
	char when[16] = "";
	int x = PANE_INDENT, most = columns - PANE_INDENT - 2;

	if (localtime_r(&m->at, &local) != NULL)
		strftime(when, sizeof when, "%H:%M", &local);
	(void)attrset(A_DIM);
	(void)mvaddnstr(y, 0, when, -1);
	(void)attrset((int)name_attributes(m->author_id));
	x += screen_put(y, x, slice_of(m->author),
			most < AUTHOR_MAX ? most : AUTHOR_MAX);
	(void)attrset(A_NORMAL);
	(void)mvaddnstr(y, x, ": ", -1);
	return x + 2;
}

static void
draw_row(int y, const struct pane_row *row, int columns)
{
	const struct pane_message *m = row->message;
	int x = PANE_INDENT;
	bool is_last = row->text.at + row->text.n == m->text + strlen(m->text);

	if (row->kind == PANE_DAY) {
		draw_day(y, m, columns);
		return;
	}
	if (row->kind == PANE_FIRST)
		x = draw_author(y, m, columns);
	x += screen_put(y, x, row->text, columns - x);
	(void)attrset(A_DIM);
	if (m->is_gone)
		screen_put(y, x, slice_of("taken back"), columns - x);
	else if (m->is_edited && is_last)
		screen_put(y, x, slice_of(" (edited)"), columns - x);
	(void)attrset(A_NORMAL);
}

struct waiting {
	const struct chat *chat;
	const char *texts[WAITING_MAX]; /* the newest, oldest first */
	size_t n;
};

static void
note_waiting(void *self, const char *room, const char *text)
{
	struct waiting *w = self;

	if (w->chat->here == NULL || strcmp(w->chat->here->id, room) != 0)
		return;
	if (w->n == WAITING_MAX)
		memmove(w->texts, w->texts + 1,
			(WAITING_MAX - 1) * sizeof *w->texts);
	else
		w->n++;
	w->texts[w->n - 1] = text;
}

static void
draw_waiting(const struct waiting *w, int y, int columns)
{
	(void)attrset(A_DIM);
	for (size_t i = 0; i < w->n; i++, y++) {
		struct slice line = { w->texts[i], strcspn(w->texts[i], "\n") };
		struct buffer safe = { 0 };

		(void)text_append_safe(&safe, line, "");
		screen_put(y, 0, slice_of("  ... "), columns);
		screen_put(y, PANE_INDENT,
			   (struct slice){ (char *)safe.bytes, safe.n },
			   columns - PANE_INDENT);
		buffer_fini(&safe);
	}
	(void)attrset(A_NORMAL);
}

static void
draw_messages(struct chat *chat, int columns, int rows)
{
	struct waiting waiting = { .chat = chat };
	struct pane_row *shown;
	size_t n;
	int y;

	outgoing_each(&chat->out, note_waiting, &waiting);
	if (chat->here->pane.bottom != 0 || (int)waiting.n >= rows)
		waiting.n = 0;
	rows -= (int)waiting.n;
	chat->pane_width = (size_t)columns;
	chat->pane_height = (size_t)rows;
	shown = calloc((size_t)rows, sizeof *shown);
	if (shown == NULL)
		return;
	n = pane_rows(&chat->here->pane, chat->pane_width, chat->pane_height,
		      shown);
	y = 1 + rows - (int)n;
	for (size_t i = 0; i < n; i++)
		draw_row(y++, &shown[i], columns);
	if (n == 0 && chat->here->is_loaded && waiting.n == 0)
		screen_put(1 + rows / 2, 2,
			   slice_of("Nothing was said here yet."), columns - 2);
	free(shown);
	draw_waiting(&waiting, y, columns);
}

/* --- The side */

static int
draw_heading(int y, int x, const char *what, size_t n)
{
	char text[64];

	snprintf(text, sizeof text, n > 0 ? "%s %zu" : "%s", what, n);
	(void)attrset(A_DIM);
	screen_put(y, x, slice_of(text), SIDE_COLUMNS - 2);
	(void)attrset(A_NORMAL);
	return y + 1;
}

static int
draw_rooms(const struct chat *chat, int y, int x, int end)
{
	y = draw_heading(y, x, "Rooms", 0);
	for (size_t i = 0; i < chat->room_count && y < end; i++) {
		const struct chat_room *room = chat->rooms[i];
		char count[24] = "";
		int columns = SIDE_COLUMNS - 3;

		if (!room->is_member || room->title == NULL)
			continue;
		if (room->unread > 0)
			snprintf(count, sizeof count, " %lu", room->unread);
		(void)attrset(room == chat->here ? A_REVERSE
			      : room->unread > 0 ? A_BOLD
						 : A_NORMAL);
		columns -= (int)strlen(count);
		columns = screen_put(y, x, slice_of(room->title), columns);
		screen_put(y, x + columns, slice_of(count), SIDE_COLUMNS);
		(void)attrset(A_NORMAL);
		y++;
	}
	return y;
}

static bool
is_typing(const struct chat_room *room, const char *id)
{
	for (size_t i = 0; i < room->typing_count; i++)
		if (strcmp(room->typing[i], id) == 0)
			return true;
	return false;
}

static void
draw_online(struct chat *chat, int y, int x, int end)
{
	const struct chat_room *here = chat->here;

	y = draw_heading(y, x, "Online", here->online_count);
	for (size_t i = 0; i < here->online_count && y < end; i++, y++) {
		const char *id = here->online[i];
		int used;

		if (y + 1 == end && i + 1 < here->online_count) {
			screen_put(y, x, slice_of("..."), SIDE_COLUMNS - 2);
			return;
		}
		(void)attrset((int)name_attributes(id));
		used =
		    screen_put(y, x, slice_of(people_name(&chat->people, id)),
			       SIDE_COLUMNS - 6);
		(void)attrset(A_NORMAL);
		if (is_typing(here, id))
			screen_put(y, x + used, slice_of(" ..."), 4);
	}
}

static void
draw_side(struct chat *chat, int end)
{
	int x = COLS - SIDE_COLUMNS + 2, y;

	(void)attrset(A_DIM);
	(void)mvvline_set(1, COLS - SIDE_COLUMNS, WACS_VLINE, end - 1);
	(void)attrset(A_NORMAL);
	y = draw_rooms(chat, 1, x, end - (end > 10 ? end / 2 : 0));
	if (y + 2 < end)
		draw_online(chat, y + 1, x, end);
}

/* --- The line */

/* A line break in what is written is shown as a sign. */
static void
append_shown(struct buffer *out, struct slice text)
{
	while (text.n > 0) {
		uint32_t c = text_next(&text);

		(void)text_append_character(out, c == '\n' ? 0x21b5 : c);
	}
}

/* The part of the line that has the cursor in it, more or less in the middle
 * where the line is longer than the screen. */
static void
draw_line(const struct chat *chat, int y)
{
	struct slice text = editor_text(&chat->editor);
	struct buffer before = { 0 }, behind = { 0 };
	struct slice shown;
	int columns = COLS - 4, x = 2;

	append_shown(&before, (struct slice){ text.at, chat->editor.at });
	append_shown(&behind, (struct slice){ text.at + chat->editor.at,
					      text.n - chat->editor.at });
	shown = (struct slice){ (char *)before.bytes, before.n };
	(void)mvaddnstr(y, 0, "> ", -1);
	if ((int)pane_columns(shown) > columns) {
		while ((int)pane_columns(shown) > columns * 2 / 3)
			(void)text_next(&shown);
		(void)mvaddnstr(y, 0, "< ", -1);
	}
	if (text.n == 0) {
		(void)attrset(A_DIM);
		screen_put(y, x, slice_of("Write here, or /help"), columns);
		(void)attrset(A_NORMAL);
	}
	if (shown.n > 0)
		x += screen_put(y, x, shown, columns);
	if (behind.n > 0)
		screen_put(y, x,
			   (struct slice){ (char *)behind.bytes, behind.n },
			   COLS - x - 1);
	(void)move(y, x);
	buffer_fini(&before);
	buffer_fini(&behind);
}

void
screen_draw(struct chat *chat)
{
	int columns = COLS >= SIDE_FROM ? COLS - SIDE_COLUMNS - 1 : COLS;
	int status_y = LINES - 1 - status_rows(chat);

	(void)erase();
	if (COLS < 10 || LINES < 4) {
		(void)refresh();
		return;
	}
	draw_title(chat);
	if (chat->here != NULL) {
		draw_messages(chat, columns, status_y - 1);
		if (COLS >= SIDE_FROM)
			draw_side(chat, status_y);
		status_draw(chat, status_y);
	}
	draw_line(chat, LINES - 1);
	(void)refresh();
}
