/* SPDX-License-Identifier: MIT */
/* gateway/json_objects.c - which members rooms and messages have. */
#include "gateway/json_objects.h"

#include "gateway/rooms.h"

struct parcel *
json_frame(struct json_writer *w)
{
	struct parcel *parcel = NULL;

	if (!w->failed)
		parcel = parcel_of_text(w->buffer.bytes, w->buffer.n);
	json_fini(w);
	return parcel;
}

void
json_message(struct json_writer *w, const char *key,
	     const struct frame_message *message, bool places)
{
	json_open(w, key, '{');
	json_uuid(w, "id", &message->message);
	json_uuid(w, "room_id", &message->room);
	json_uuid(w, "creator_id", &message->user);
	json_text(w, "content", message->text);
	json_uuid(w, "client_message_id", &message->nonce);
	json_time(w, "created_at", message->at);
	if (places) {
		json_number(w, "seq", message->seq);
		json_number(w, "number", message->number);
		json_text(w, "creator_name", message->user_name);
	}
	json_close(w, '}');
}

void
json_messages(struct json_writer *w, const char *key,
	      const frame_list *messages)
{
	const struct frame_message *items = messages->items;

	json_open(w, key, '[');
	for (size_t i = 0; i < messages->n; i++)
		if (!items[i].deleted)
			json_message(w, NULL, &items[i], true);
	json_close(w, ']');
}

static void
write_peer(struct json_writer *w, const struct frame_room_info *room)
{
	json_open(w, "peer", '{');
	json_uuid(w, "user_id", &room->peer);
	json_text(w, "username", room->peer_name);
	json_close(w, '}');
}

void
json_room_members(struct json_writer *w, const struct frame_room_info *room)
{
	json_uuid(w, "id", &room->room);
	if (room->name.n > 0)
		json_text(w, "name", room->name);
	else
		json_nil(w, "name");
	json_text(w, "description", room->description);
	json_text(w, "kind", slice_of(room_kind_words[room->kind]));
	json_time(w, "created_at", room->created_at);
}

void
json_room(struct json_writer *w, const char *key,
	  const struct frame_room_info *room, bool peers)
{
	json_open(w, key, '{');
	json_room_members(w, room);
	json_bool(w, "member", room->member);
	if (peers && room->kind == ROOM_DIRECT)
		write_peer(w, room);
	json_close(w, '}');
}
