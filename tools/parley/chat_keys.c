/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_keys.c - which key does what: tables.
 *
 * The terminal sends Enter as CR, and Ctrl-J as LF: so the latter is a line
 * break within a message. Alt comes as an escape before the key.
 */
#include "tools/parley/chat.h"
#include "tools/parley/chat_curses.h"

#include <stdlib.h>
#include <string.h>

#define CTRL(c) ((c)&0x1f)
#define ESCAPE  0x1b

struct edit_key {
	wint_t key;
	enum editor_act act;
};

static const struct edit_key plain_keys[] = {
	{ CTRL('a'), EDITOR_HOME },       { CTRL('e'), EDITOR_END },
	{ CTRL('b'), EDITOR_LEFT },       { CTRL('f'), EDITOR_RIGHT },
	{ CTRL('h'), EDITOR_ERASE },      { 0x7f, EDITOR_ERASE },
	{ CTRL('w'), EDITOR_ERASE_WORD }, { CTRL('u'), EDITOR_CUT_BEFORE },
	{ CTRL('k'), EDITOR_CUT_BEHIND }, { CTRL('y'), EDITOR_PUT_BACK },
};

static const struct edit_key function_keys[] = {
	{ KEY_LEFT, EDITOR_LEFT },       { KEY_RIGHT, EDITOR_RIGHT },
	{ KEY_HOME, EDITOR_HOME },       { KEY_END, EDITOR_END },
	{ KEY_BACKSPACE, EDITOR_ERASE }, { KEY_DC, EDITOR_DELETE },
	{ KEY_UP, EDITOR_OLDER },        { KEY_DOWN, EDITOR_NEWER },
};

static const struct edit_key alt_keys[] = {
	{ 'b', EDITOR_WORD_LEFT },
	{ 'f', EDITOR_WORD_RIGHT },
	{ 0x7f, EDITOR_ERASE_WORD },
};

#define FIND(table, key) find_key(table, sizeof(table) / sizeof *(table), key)

static const struct edit_key *
find_key(const struct edit_key *table, size_t n, wint_t key)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].key == key)
			return &table[i];
	return NULL;
}

static void
edit(struct chat *chat, enum editor_act act)
{
	(void)editor_do(&chat->editor, act);
	if (act == EDITOR_ERASE || act == EDITOR_ERASE_WORD ||
	    act == EDITOR_CUT_BEFORE || act == EDITOR_DELETE)
		chat_tell_typing(chat);
}

static void
type(struct chat *chat, uint32_t character)
{
	if (!editor_insert(&chat->editor, character))
		chat_note(chat, "a message has no room for more");
	chat_tell_typing(chat);
}

static void
enter(struct chat *chat)
{
	char *line = editor_take(&chat->editor);

	if (line != NULL)
		chat_say(chat, line);
	free(line);
}

/* Ctrl-C gives up a line, and the chat where there is none; Ctrl-D ends the
 * chat like a file's end where there is none, else it deletes. */
static void
give_up(struct chat *chat, bool is_end)
{
	if (chat->editor.text.n == 0)
		chat_quit(chat);
	else if (is_end)
		edit(chat, EDITOR_DELETE);
	else {
		editor_clear(&chat->editor);
		chat_tell_typing(chat);
	}
}

/* A page less a row, so that one sees where one was. */
static void
scroll_by_page(struct chat *chat, int direction)
{
	int page = (int)chat->pane_height - 1;

	if (chat->here == NULL)
		return;
	if (pane_scroll(&chat->here->pane, chat->pane_width, chat->pane_height,
			direction * (page > 0 ? page : 1)) &&
	    direction > 0)
		chat_read_older(chat, chat->here);
	chat_mark_seen(chat);
}

static void
scroll_far(struct chat *chat, bool to_end)
{
	if (chat->here == NULL)
		return;
	if (to_end) {
		pane_to_end(&chat->here->pane);
	} else {
		pane_to_start(&chat->here->pane, chat->pane_width,
			      chat->pane_height);
		chat_read_older(chat, chat->here);
	}
	chat_mark_seen(chat);
}

static void
press_control(struct chat *chat, wint_t key)
{
	switch (key) {
	case '\r':
		enter(chat);
		break;
	case '\n':
		type(chat, '\n');
		break;
	case '\t':
		chat_complete(chat);
		break;
	case CTRL('c'):
	case CTRL('d'):
		give_up(chat, key == CTRL('d'));
		break;
	case CTRL('n'):
	case CTRL('p'):
		chat_show_next(chat, key == CTRL('n') ? 1 : -1);
		break;
	case CTRL('l'):
		screen_renew(chat);
		break;
	case CTRL('z'):
		chat_suspend(chat);
		break;
	default:
		break;
	}
}

static void
press(struct chat *chat, wint_t key)
{
	const struct edit_key *found = FIND(plain_keys, key);

	if (chat->is_pasting)
		type(chat, key == '\r' ? '\n' : key);
	else if (found != NULL)
		edit(chat, found->act);
	else if (key < 0x20)
		press_control(chat, key);
	else
		type(chat, key);
}

static void
press_function(struct chat *chat, wint_t key)
{
	const struct edit_key *found = FIND(function_keys, key);

	if (key == KEY_PASTE_BEGIN || key == KEY_PASTE_END)
		chat->is_pasting = key == KEY_PASTE_BEGIN;
	else if (found != NULL)
		edit(chat, found->act);
	else if (key == KEY_PPAGE || key == KEY_NPAGE)
		scroll_by_page(chat, key == KEY_PPAGE ? 1 : -1);
	else if (key == KEY_SHOME || key == KEY_SEND)
		scroll_far(chat, key == KEY_SEND);
	else if (key == KEY_ENTER)
		enter(chat);
}

static void
press_alt(struct chat *chat, wint_t key)
{
	const struct edit_key *found = FIND(alt_keys, key);

	if (found != NULL)
		edit(chat, found->act);
	else if (key == '\r')
		type(chat, '\n');
	else if (key == 'a')
		chat_show_unread(chat);
	else if (key == '<' || key == '>')
		scroll_far(chat, key == '>');
}

void
chat_read_keys(struct chat *chat)
{
	wint_t key;
	int kind;

	while (!chat->talk.is_ending && (kind = get_wch(&key)) != ERR) {
		if (kind == KEY_CODE_YES) {
			press_function(chat, key);
		} else if (key == ESCAPE && !chat->is_pasting) {
			if (get_wch(&key) == OK)
				press_alt(chat, key);
		} else {
			press(chat, key);
		}
	}
	chat->is_dirty = true;
}
