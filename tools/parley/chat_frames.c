/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_frames.c - what the server tells: a table of frames. */
#include "tools/parley/chat.h"

#include "tools/parley/message.h"

#include <stdlib.h>
#include <string.h>

#define RECOUNT_MS 2000
#define ONLINE_MAX 1000 /* what the server names at most */

static bool
is_own(const struct chat *chat, const char *user_id)
{
	return strcmp(user_id, chat->talk.account.user_id) == 0;
}

static void
remove_typing(struct chat_room *room, const char *user_id)
{
	for (size_t i = 0; i < room->typing_count; i++) {
		if (strcmp(room->typing[i], user_id) != 0)
			continue;
		memcpy(room->typing[i], room->typing[--room->typing_count],
		       UUID_TEXT_BYTES);
		return;
	}
}

/* The server may have counted a message before it told it: if it counted just
 * now, it is asked again. */
static void
count_one(struct chat *chat, struct chat_room *room)
{
	room->unread++;
	if (loop_now_ms(chat->talk.loop) - chat->counted_ms < RECOUNT_MS &&
	    chat->count_timer.place == 0)
		(void)loop_timer_set(chat->talk.loop, &chat->count_timer,
				     RECOUNT_MS);
}

static void
hear_message(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	const json_t *message = json_object_get(frame, "message");
	const char *author = talk_text(message, "creator_id");
	bool is_new = message_seq(message) > pane_last_seq(&room->pane);

	people_learn(&chat->people, author, talk_text(message, "creator_name"));
	remove_typing(room, author);
	if (room->is_loaded && pane_add(&room->pane, message) != 0)
		chat_note(chat, "out of memory");
	if (room == chat->here)
		chat_mark_seen(chat);
	else if (!is_own(chat, author) && (is_new || !room->is_loaded))
		count_one(chat, room);
}

static void
hear_edit(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	const json_t *message = json_object_get(frame, "message");

	if (pane_find(&room->pane, talk_text(message, "id")) != NULL &&
	    pane_add(&room->pane, message) != 0)
		chat_note(chat, "out of memory");
}

static void
hear_deletion(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	(void)chat;
	pane_take_back(&room->pane, talk_text(frame, "message_id"));
}

static void
hear_presence(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	const json_t *users = json_object_get(frame, "online_users");
	size_t n = json_array_size(users);
	char(*online)[UUID_TEXT_BYTES];

	if (n > ONLINE_MAX)
		n = ONLINE_MAX;
	online = calloc(n + 1, sizeof *online);
	if (online == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		snprintf(online[i], sizeof online[i], "%s",
			 json_string_value(json_array_get(users, i)) != NULL
			     ? json_string_value(json_array_get(users, i))
			     : "");
	free(room->online);
	room->online = online;
	room->online_count = n;
	(void)chat;
}

static void
hear_typing(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	const char *user = talk_text(frame, "user_id");

	if (is_own(chat, user) || room->typing_count == TYPING_MAX)
		return;
	remove_typing(room, user);
	snprintf(room->typing[room->typing_count++], UUID_TEXT_BYTES, "%s",
		 user);
}

static void
hear_no_typing(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	(void)chat;
	remove_typing(room, talk_text(frame, "user_id"));
}

static const struct {
	const char *type;
	void (*hear)(struct chat *chat, struct chat_room *room,
		     const json_t *frame);
} frames[] = {
	{ "NewMessage", hear_message },
	{ "MessageEdited", hear_edit },
	{ "MessageDeleted", hear_deletion },
	{ "PresenceUpdate", hear_presence },
	{ "TypingStart", hear_typing },
	{ "TypingStop", hear_no_typing },
	{ "MemberUpdated", chat_hear_update },
	{ "UserLeft", chat_hear_left },
};

/* A room may be new to us: a direct one, or joined on another device. Who is
 * there may be told before we know any. */
static struct chat_room *
room_of(struct chat *chat, const json_t *frame)
{
	const json_t *message = json_object_get(frame, "message");
	const char *id = talk_text(frame, "room_id");
	bool is_presence = talk_is(frame, "PresenceUpdate");
	struct chat_room *room;

	if (*id == '\0')
		id = talk_text(message, "room_id");
	room = chat_find(chat, id);
	if (*id != '\0' && chat->is_listed &&
	    (room == NULL || (!room->is_member && is_presence)))
		chat_list_rooms(chat);
	if (room == NULL && is_presence)
		room = chat_add(chat, id);
	return room;
}

void
chat_hear(void *self, const json_t *frame)
{
	struct chat *chat = self;
	struct chat_room *room;

	outgoing_hear(&chat->out, frame);
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		if (!talk_is(frame, frames[i].type))
			continue;
		room = room_of(chat, frame);
		if (room != NULL)
			frames[i].hear(chat, room, frame);
		chat->is_dirty = true;
	}
}
