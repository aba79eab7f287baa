/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_words.c - what a person writes: messages, commands, and the
 * fact that they write.
 */
#include "tools/parley/chat.h"

#include "proto/names.h"
#include "tools/client/text.h"

#include <stdlib.h>
#include <string.h>

#define TYPING_AGAIN_MS 4000 /* a server forgets it after 10 s */
#define TYPING_QUIET_MS 6000 /* without a key */

/* --- Typing */

static void
send_typing(struct chat *chat, const char *type)
{
	json_t *frame =
	    json_pack("{s:s, s:s}", "type", type, "room_id", chat->here->id);

	(void)channel_send(chat->talk.channel, frame);
	json_decref(frame);
}

void
chat_stop_typing(struct chat *chat)
{
	if (chat->is_typing && chat->here != NULL && chat->here->is_member)
		send_typing(chat, "StopTyping");
	chat->is_typing = false;
	loop_timer_clear(chat->talk.loop, &chat->typing_timer);
}

void
chat_tell_typing(struct chat *chat)
{
	uint64_t now_ms = loop_now_ms(chat->talk.loop);
	struct slice text = editor_text(&chat->editor);

	if (chat->here == NULL || !chat->here->is_member || !chat->out.is_open)
		return;
	if (text.n == 0 || text.at[0] == '/') {
		chat_stop_typing(chat);
		return;
	}
	if (!chat->is_typing || now_ms - chat->told_typing_ms > TYPING_AGAIN_MS)
		send_typing(chat, "StartTyping");
	else
		now_ms = chat->told_typing_ms;
	chat->told_typing_ms = now_ms;
	chat->is_typing = true;
	(void)loop_timer_set(chat->talk.loop, &chat->typing_timer,
			     TYPING_QUIET_MS);
}

/* --- Commands */

/* Tells what went wrong, if anything did. */
static void
on_done(void *self, const json_t *answer)
{
	if (talk_is_error(answer))
		chat_note_error(self, answer);
}

static void
do_join(struct chat *chat, const char *name)
{
	struct chat_room *room = chat_find_named(chat, name);

	if (room == NULL) {
		chat_note(chat, "there is no room of that name; /rooms lists "
				"them");
		chat_list_rooms(chat);
	} else {
		chat_enter(chat, room);
	}
}

static void
do_dm(struct chat *chat, const char *name)
{
	talk_ask(&chat->talk,
		 json_pack("{s:s, s:s}", "type", "OpenDirect", "username",
			   name + (*name == '@')),
		 chat_on_entered, chat);
}

static void
on_left(void *self, const json_t *answer)
{
	struct chat *chat = self;

	if (talk_is_error(answer))
		chat_note_error(chat, answer);
	chat_list_rooms(chat);
}

static void
do_leave(struct chat *chat, const char *words)
{
	struct chat_room *left = chat->here;

	(void)words;
	talk_ask(
	    &chat->talk,
	    json_pack("{s:s, s:s}", "type", "LeaveRoom", "room_id", left->id),
	    on_left, chat);
	left->is_member = false; /* or the next list says otherwise */
	chat_show_next(chat, 1);
	if (chat->here == left)
		chat_note(chat, "you are in no other room; /join ROOM");
}

static void
do_rooms(struct chat *chat, const char *words)
{
	struct buffer names = { 0 };

	(void)words;
	for (size_t i = 0; i < chat->room_count; i++) {
		const struct chat_room *room = chat->rooms[i];

		if (room->title != NULL && !room->is_member)
			(void)buffer_printf(&names, "%s%s",
					    names.n > 0 ? ", " : "",
					    room->title);
	}
	chat_note(chat,
		  names.n > 0 ? "/join one of: %.*s"
			      : "you are in all rooms%.*s",
		  (int)names.n, names.n > 0 ? (char *)names.bytes : "");
	buffer_fini(&names);
	chat_list_rooms(chat);
}

static const struct pane_message *
own_last(struct chat *chat)
{
	const struct pane_message *m =
	    pane_last_of(&chat->here->pane, chat->talk.account.user_id);

	if (m == NULL)
		chat_note(chat, "there is no message of yours in sight");
	return m;
}

static void
do_edit(struct chat *chat, const char *text)
{
	const struct pane_message *m = own_last(chat);

	if (m != NULL && *text == '\0')
		chat_note(chat, "/edit NEW TEXT changes your last message");
	else if (m != NULL)
		talk_ask(&chat->talk,
			 json_pack("{s:s, s:s, s:s}", "type", "EditMessage",
				   "message_id", m->id, "content", text),
			 on_done, chat);
}

static void
do_delete(struct chat *chat, const char *words)
{
	const struct pane_message *m = own_last(chat);

	(void)words;
	if (m != NULL)
		talk_ask(&chat->talk,
			 json_pack("{s:s, s:s}", "type", "DeleteMessage",
				   "message_id", m->id),
			 on_done, chat);
}

static void
do_quit(struct chat *chat, const char *words)
{
	(void)words;
	chat_quit(chat);
}

static void do_help(struct chat *chat, const char *words);

static const struct {
	const char *name;
	const char *words; /* what it wants, or NULL */
	void (*act)(struct chat *chat, const char *words);
} commands_of_chat[] = {
	{ "join", "ROOM", do_join }, { "dm", "USER", do_dm },
	{ "leave", NULL, do_leave }, { "rooms", NULL, do_rooms },
	{ "edit", "TEXT", do_edit }, { "delete", NULL, do_delete },
	{ "help", NULL, do_help },   { "quit", NULL, do_quit },
};

#define COMMAND_COUNT (sizeof commands_of_chat / sizeof *commands_of_chat)

static void
do_help(struct chat *chat, const char *words)
{
	struct buffer names = { 0 };

	(void)words;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		(void)buffer_printf(
		    &names, " /%s%s%s", commands_of_chat[i].name,
		    commands_of_chat[i].words != NULL ? " " : "",
		    commands_of_chat[i].words != NULL
			? commands_of_chat[i].words
			: "");
	chat_note(chat, "%.*s  Ctrl-N next room, Alt-A unread, PgUp older",
		  (int)names.n, names.n > 0 ? (char *)names.bytes : "");
	buffer_fini(&names);
}

static void
obey(struct chat *chat, const char *line)
{
	size_t n = strcspn(line, " ");
	const char *words = line + n + strspn(line + n, " ");

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strlen(commands_of_chat[i].name) != n ||
		    memcmp(commands_of_chat[i].name, line, n) != 0)
			continue;
		if (commands_of_chat[i].words != NULL && *words == '\0')
			chat_note(chat, "/%s wants %s",
				  commands_of_chat[i].name,
				  commands_of_chat[i].words);
		else if (!chat->out.is_open &&
			 commands_of_chat[i].act != do_quit)
			chat_note(chat, "not while there is no connection");
		else
			commands_of_chat[i].act(chat, words);
		return;
	}
	chat_note(chat, "no command /%.*s; /help lists them", (int)n, line);
}

void
chat_say(struct chat *chat, const char *line)
{
	if (line[0] == '/' && line[1] != '/') {
		if (chat->here != NULL)
			obey(chat, line + 1);
		return;
	}
	if (chat->here == NULL)
		return;
	if (!chat->here->is_member) {
		chat_note_outside(chat, chat->here);
		(void)editor_set(&chat->editor, slice_of(line));
		return;
	}
	line += line[0] == '/';
	chat->is_typing = false; /* the message ends it */
	loop_timer_clear(chat->talk.loop, &chat->typing_timer);
	if (outgoing_add(&chat->out, chat->here->id, slice_of(line), 0) != 0) {
		chat_note(chat, "too much waits to be sent");
		(void)editor_set(&chat->editor, slice_of(line));
	}
	pane_to_end(&chat->here->pane);
}

/* --- Completion */

/* The one name that begins so; the first of several. */
static const char *
find_name(struct chat *chat, struct slice begin)
{
	for (size_t i = 0; i < chat->here->online_count; i++) {
		const char *name =
		    people_name(&chat->people, chat->here->online[i]);

		if (strncasecmp(name, begin.at, begin.n) == 0)
			return name;
	}
	return NULL;
}

static const char *
find_command(struct slice begin)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strncmp(commands_of_chat[i].name, begin.at, begin.n) == 0)
			return commands_of_chat[i].name;
	return NULL;
}

static void
type_rest(struct chat *chat, const char *whole, size_t typed,
	  const char *behind)
{
	struct slice rest = slice_of(whole + typed);

	while (rest.n > 0)
		(void)editor_insert(&chat->editor, text_next(&rest));
	for (; *behind != '\0'; behind++)
		(void)editor_insert(&chat->editor, (uint32_t)*behind);
}

void
chat_complete(struct chat *chat)
{
	struct slice text = editor_text(&chat->editor);
	size_t at = chat->editor.at, from = at;
	const char *found;

	while (from > 0 && text.at[from - 1] != ' ' &&
	       text.at[from - 1] != '\n')
		from--;
	if (from == at || chat->here == NULL)
		return;
	if (from == 0 && text.at[0] == '/') {
		found = find_command((struct slice){ text.at + 1, at - 1 });
		if (found != NULL)
			type_rest(chat, found, at - 1, " ");
		return;
	}
	found = find_name(chat, (struct slice){ text.at + from, at - from });
	if (found != NULL)
		type_rest(chat, found, at - from, from == 0 ? ": " : " ");
}
