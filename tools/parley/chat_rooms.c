/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_rooms.c - the list of rooms, and reading their histories.
 */
#include "tools/parley/chat.h"

#include "proto/names.h"
#include "tools/client/text.h"
#include "tools/parley/message.h"

#include <stdlib.h>
#include <string.h>

#define PAGE    100  /* messages */
#define SEEN_MS 1000 /* between two marks */

/* --- Finding and keeping */

struct chat_room *
chat_find(const struct chat *chat, const char *id)
{
	for (size_t i = 0; i < chat->room_count; i++)
		if (strcmp(chat->rooms[i]->id, id) == 0)
			return chat->rooms[i];
	return NULL;
}

struct chat_room *
chat_find_named(const struct chat *chat, const char *name)
{
	char key[NAME_KEY_BYTES], wanted[NAME_KEY_BYTES];

	for (size_t i = 0; i < chat->room_count; i++) {
		struct chat_room *room = chat->rooms[i];

		if (room->title == NULL)
			continue;
		if (strcmp(room->id, name) == 0 ||
		    strcmp(room->title, name) == 0)
			return room;
		if (room->name != NULL && name_key(slice_of(name), wanted) &&
		    name_key(slice_of(room->name), key) &&
		    strcmp(key, wanted) == 0)
			return room;
	}
	return NULL;
}

static char *
copy_safe(const char *prefix, const char *text)
{
	struct buffer out = { 0 };

	if (buffer_append_text(&out, prefix) != 0 ||
	    text_append_safe(&out, slice_of(text), "") != 0 ||
	    buffer_append(&out, "", 1) != 0) {
		buffer_fini(&out);
		return NULL;
	}
	return (char *)out.bytes;
}

static void
free_room(struct chat_room *room)
{
	pane_clear(&room->pane);
	free(room->title);
	free(room->name);
	free(room->about);
	free(room->removal);
	free(room->online);
	free(room);
}

struct chat_room *
chat_add(struct chat *chat, const char *id)
{
	struct chat_room **more = reallocarray(
	    chat->rooms, chat->room_count + 1, sizeof(struct chat_room *));
	struct chat_room *room = calloc(1, sizeof *room);

	if (more != NULL)
		chat->rooms = more;
	if (more == NULL || room == NULL) {
		free(room);
		return NULL;
	}
	snprintf(room->id, sizeof room->id, "%s", id);
	chat->rooms[chat->room_count++] = room;
	return room;
}

static void
describe(struct chat_room *room, const json_t *row)
{
	const json_t *peer = json_object_get(row, "peer");
	const char *with = talk_text(peer, "username");
	const char *name = talk_text(row, "name");
	bool is_direct = *with != '\0';

	free(room->title);
	free(room->name);
	free(room->about);
	room->title = copy_safe(is_direct ? "@" : "", is_direct ? with : name);
	room->name = *name != '\0' ? strdup(name) : NULL;
	room->about = copy_safe("", talk_text(row, "description"));
	room->is_member = json_is_true(json_object_get(row, "member"));
	room->is_listed = true;
}

void
chat_free_rooms(struct chat *chat)
{
	for (size_t i = 0; i < chat->room_count; i++)
		free_room(chat->rooms[i]);
	free(chat->rooms);
	chat->rooms = NULL;
	chat->room_count = 0;
}

/* Rooms that are there no more; the one in sight stays. */
static void
remove_unlisted(struct chat *chat)
{
	size_t kept = 0;

	for (size_t i = 0; i < chat->room_count; i++) {
		struct chat_room *room = chat->rooms[i];

		if (!room->is_listed && room != chat->here) {
			free_room(room);
			continue;
		}
		/* One that is private now has no place in the list. */
		if (!room->is_listed)
			room->is_member = false;
		chat->rooms[kept++] = room;
	}
	chat->room_count = kept;
}

/* --- The list */

static int
compare_rank(const void *a, const void *b)
{
	const struct chat_room *const *x = a, *const *y = b;

	return ((*x)->rank > (*y)->rank) - ((*x)->rank < (*y)->rank);
}

static void
on_unread(void *self, const json_t *answer)
{
	struct chat *chat = self;
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "rooms"), i, row)
	{
		struct chat_room *room =
		    chat_find(chat, talk_text(row, "room_id"));
		json_int_t n =
		    json_integer_value(json_object_get(row, "count"));

		if (room != NULL && room != chat->here && n >= 0)
			room->unread = (unsigned long)n;
	}
	chat->counted_ms = loop_now_ms(chat->talk.loop);
	chat->is_dirty = true;
}

void
chat_count_unread(struct chat *chat)
{
	talk_ask(&chat->talk, json_pack("{s:s}", "type", "GetUnread"),
		 on_unread, chat);
}

static void
take_list(struct chat *chat, const json_t *rows)
{
	const json_t *row;
	size_t i;

	for (i = 0; i < chat->room_count; i++)
		chat->rooms[i]->is_listed = false;
	json_array_foreach(rows, i, row)
	{
		struct chat_room *room = chat_find(chat, talk_text(row, "id"));

		if (room == NULL)
			room = chat_add(chat, talk_text(row, "id"));
		if (room != NULL) {
			describe(room, row);
			room->rank = i;
		}
		if (room != NULL && room->title == NULL)
			room->is_listed = false;
	}
	remove_unlisted(chat);
	/* Whose presence was told first may stand anywhere. */
	if (chat->room_count > 0)
		qsort(chat->rooms, chat->room_count, sizeof *chat->rooms,
		      compare_rank);
	chat->is_listed = true;
}

static void
on_rooms(void *self, const json_t *answer)
{
	struct chat *chat = self;
	struct chat_room *wanted;
	bool was_inside = chat->here != NULL && chat->here->is_member;

	if (talk_is_error(answer)) {
		chat_note_error(chat, answer);
		return;
	}
	take_list(chat, json_object_get(answer, "rooms"));
	if (was_inside && !chat->here->is_member)
		chat_lose(chat, chat->here);
	wanted = chat_find(chat, chat->wanted);
	if (wanted != NULL) {
		chat->wanted[0] = '\0';
		chat_show(chat, wanted);
	}
	chat_count_unread(chat);
	chat->is_dirty = true;
}

void
chat_list_rooms(struct chat *chat)
{
	talk_ask(&chat->talk,
		 json_pack("{s:s, s:b}", "type", "GetRooms", "peers", 1),
		 on_rooms, chat);
}

/* --- Histories */

static struct chat_room *
room_of_page(struct chat *chat, const json_t *answer)
{
	struct chat_room *room = chat_find(chat, talk_text(answer, "room_id"));

	if (talk_is_error(answer)) {
		/* Which one it was is not said: none waits any more. */
		for (size_t i = 0; i < chat->room_count; i++)
			chat->rooms[i]->is_reading = false;
		chat_note_error(chat, answer);
		return NULL;
	}
	if (room != NULL)
		room->is_reading = false;
	return room;
}

static void
learn_authors(struct chat *chat, const json_t *messages)
{
	const json_t *message;
	size_t i;

	json_array_foreach(messages, i, message)
	{
		people_learn(&chat->people, talk_text(message, "creator_id"),
			     talk_text(message, "creator_name"));
	}
}

static void
on_newest(void *self, const json_t *answer)
{
	struct chat *chat = self;
	struct chat_room *room = room_of_page(chat, answer);
	const json_t *messages = json_object_get(answer, "messages");

	if (room == NULL)
		return;
	/* What lies between an old page and this one is not known. */
	if (room->is_loaded && pane_last_seq(&room->pane) <
				   message_seq(json_array_get(messages, 0)))
		pane_clear(&room->pane);
	if (pane_merge(&room->pane, messages) != 0)
		chat_note(chat, "out of memory");
	if (!room->is_loaded || room->pane.count == json_array_size(messages))
		room->pane.has_older =
		    json_is_true(json_object_get(answer, "has_more"));
	room->is_loaded = true;
	room->is_stale = false;
	learn_authors(chat, messages);
	chat_mark_seen(chat);
	chat->is_dirty = true;
}

void
chat_read_newest(struct chat *chat, struct chat_room *room)
{
	room->is_reading = true;
	talk_ask(&chat->talk,
		 json_pack("{s:s, s:s, s:i}", "type", "GetHistory", "room_id",
			   room->id, "limit", PAGE),
		 on_newest, chat);
}

static void
on_older(void *self, const json_t *answer)
{
	struct chat *chat = self;
	struct chat_room *room = room_of_page(chat, answer);
	const json_t *messages = json_object_get(answer, "messages");

	if (room == NULL)
		return;
	if (pane_merge(&room->pane, messages) != 0)
		chat_note(chat, "out of memory");
	room->pane.has_older =
	    json_is_true(json_object_get(answer, "has_more")) &&
	    json_array_size(messages) > 0;
	learn_authors(chat, messages);
	chat->is_dirty = true;
}

void
chat_read_older(struct chat *chat, struct chat_room *room)
{
	if (room->is_reading || !room->pane.has_older || !chat->out.is_open)
		return;
	room->is_reading = true;
	talk_ask(&chat->talk,
		 json_pack("{s:s, s:s, s:I, s:i}", "type", "GetHistory",
			   "room_id", room->id, "before",
			   (json_int_t)pane_first_seq(&room->pane), "limit",
			   PAGE),
		 on_older, chat);
}

/* --- In sight */

void
chat_show(struct chat *chat, struct chat_room *room)
{
	if (room != chat->here) {
		chat_stop_typing(chat);
		chat_mark_now(chat);
		chat_hush(chat);
		chat->here = room;
		chat->seen = 0;
		room->unread = 0;
		pane_to_end(&room->pane);
	}
	if (chat->out.is_open && (!room->is_loaded || room->is_stale))
		chat_read_newest(chat, room);
	chat_mark_seen(chat);
	chat->is_dirty = true;
}

/* The member's room `step` further, with something unread if that is wanted. */
static void
show_from_here(struct chat *chat, size_t step, bool is_unread)
{
	size_t n = chat->room_count, here = 0;

	while (here < n && chat->rooms[here] != chat->here)
		here++;
	for (size_t i = 1; i <= n; i++) {
		struct chat_room *room = chat->rooms[(here + i * step) % n];

		if (!room->is_member || room->title == NULL ||
		    (is_unread && room->unread == 0))
			continue;
		chat_show(chat, room);
		return;
	}
	if (is_unread)
		chat_note(chat, "nothing is unread");
}

void
chat_show_unread(struct chat *chat)
{
	if (chat->room_count > 0)
		show_from_here(chat, 1, true);
}

void
chat_show_next(struct chat *chat, int step)
{
	if (chat->room_count > 0)
		show_from_here(chat, step > 0 ? 1 : chat->room_count - 1,
			       false);
}

void
chat_mark_seen(struct chat *chat)
{
	if (chat->seen_timer.place == 0)
		(void)loop_timer_set(chat->talk.loop, &chat->seen_timer,
				     SEEN_MS);
}
