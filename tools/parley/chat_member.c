/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_member.c - becoming a member of a room, and being none any
 * more: whoever did it, the person at the screen is told, and how to come back.
 */
#include "tools/parley/chat.h"

#include "tools/client/text.h"
#include "tools/parley/deed.h"

#include <stdlib.h>
#include <string.h>

static bool
is_own(const struct chat *chat, const json_t *frame)
{
	return strcmp(talk_text(frame, "user_id"),
		      chat->talk.account.user_id) == 0;
}

static const char *
title_of(const struct chat_room *room)
{
	return room->title != NULL ? room->title : "the room";
}

/* --- Out */

void
chat_note_outside(struct chat *chat, const struct chat_room *room)
{
	const char *title = title_of(room);

	if (room->removal != NULL)
		chat_note_lasting(chat, "%s. /join %s to come back",
				  room->removal, title);
	else
		chat_note_lasting(chat,
				  "you are not in %s any more. /join %s to "
				  "come back",
				  title, title);
}

void
chat_lose(struct chat *chat, struct chat_room *room)
{
	if (room == chat->here)
		chat_stop_typing(chat);
	room->is_member = false;
	room->unread = 0;
	room->online_count = 0;
	room->typing_count = 0;
	/* What is said there is not heard. */
	room->is_stale = room->is_loaded;
	chat_note_outside(chat, room);
	chat->is_dirty = true;
}

void
chat_hear_update(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	struct buffer words = { 0 };

	if (!is_own(chat, frame) ||
	    deed_tell(&words, frame, title_of(room)) != 0 || words.n == 0 ||
	    buffer_append(&words, "", 1) != 0) {
		buffer_fini(&words);
		return;
	}
	if (!deed_is_removal(frame)) {
		chat_note(chat, "%s", (char *)words.bytes);
		buffer_fini(&words);
		return;
	}
	free(room->removal);
	room->removal = (char *)words.bytes;
	chat_lose(chat, room);
}

/* Of a visit, too, which ends no membership: the list says what is so. */
void
chat_hear_left(struct chat *chat, struct chat_room *room, const json_t *frame)
{
	if (is_own(chat, frame) && room->is_member)
		chat_list_rooms(chat);
}

/* --- In */

void
chat_on_entered(void *self, const json_t *answer)
{
	struct chat *chat = self;
	struct chat_room *room = chat_find(chat, talk_text(answer, "room_id"));

	if (talk_is_error(answer)) {
		chat_note_error(chat, answer);
		return;
	}
	if (room != NULL) {
		free(room->removal);
		room->removal = NULL;
		room->is_stale = room->is_loaded;
	}
	chat_hush(chat);
	snprintf(chat->wanted, sizeof chat->wanted, "%s",
		 talk_text(answer, "room_id"));
	chat_list_rooms(chat);
}

/* The server says that we are banned and for how long, but not why. */
static void
on_joined(void *self, const json_t *answer)
{
	struct chat *chat = self;
	const struct chat_room *room = chat_find(chat, chat->entering);
	struct buffer safe = { 0 };

	if (!talk_is_error(answer) || room == NULL || room->removal == NULL ||
	    strcmp(talk_text(answer, "code"), "NOT_ALLOWED") != 0) {
		chat_on_entered(chat, answer);
		return;
	}
	(void)text_append_safe(&safe, slice_of(talk_text(answer, "message")),
			       "");
	chat_note(chat, "%.*s (%s)", (int)safe.n,
		  safe.n > 0 ? (char *)safe.bytes : "", room->removal);
	buffer_fini(&safe);
}

void
chat_enter(struct chat *chat, struct chat_room *room)
{
	if (room->is_member) {
		chat_show(chat, room);
		return;
	}
	snprintf(chat->entering, sizeof chat->entering, "%s", room->id);
	talk_ask(
	    &chat->talk,
	    json_pack("{s:s, s:s}", "type", "JoinRoom", "room_id", room->id),
	    on_joined, chat);
}
