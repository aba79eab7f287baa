/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby_encode.c - words events as lobby's frames. A room
 * other than the lobby is named: only who entered one by its name hears of it.
 */
#include "gateway/dialects/lobby.h"

#include "gateway/json_objects.h"

static void
begin(struct json_writer *w, const char *type)
{
	*w = (struct json_writer){ 0 };
	json_open(w, NULL, '{');
	json_text(w, "message_type", slice_of(type));
	json_open(w, "message_body", '{');
}

static struct parcel *
end(struct json_writer *w)
{
	json_close(w, '}');
	json_close(w, '}');
	return json_frame(w);
}

static void
write_room(struct json_writer *w, const struct room *room)
{
	if (room->name != NULL && strcmp(room->name, LOBBY_ROOM) != 0)
		json_text(w, "room", slice_of(room->name));
}

static struct parcel *
encode_person(const char *type, const struct event *event)
{
	struct json_writer w;

	begin(&w, type);
	json_text(&w, "sender_username", event->person->user_name);
	write_room(&w, event->room);
	return end(&w);
}

static struct parcel *
encode_group_chat(const struct event *event)
{
	struct json_writer w;

	begin(&w, "GroupChat");
	json_text(&w, "sender_username", event->message->user_name);
	json_text(&w, "content", event->message->text);
	write_room(&w, event->room);
	return end(&w);
}

struct parcel *
lobby_private_chat(struct slice target, struct slice sender,
		   struct slice content)
{
	struct json_writer w;

	begin(&w, "PrivateChat");
	json_text(&w, "target_username", target);
	json_text(&w, "sender_username", sender);
	json_text(&w, "content", content);
	return end(&w);
}

static struct parcel *
encode_message(const struct event *event)
{
	const struct frame_message *message = event->message;
	const struct party_name *other;

	if (event->room->kind != ROOM_DIRECT)
		return encode_group_chat(event);
	other = rooms_other(event->room, &message->user);
	return lobby_private_chat(slice_of(other == NULL ? "" : other->name),
				  message->user_name, message->text);
}

struct parcel *
lobby_encode(const struct event *event, unsigned variant)
{
	(void)variant;
	switch (event->kind) {
	case EVENT_MESSAGE:
		return encode_message(event);
	case EVENT_CAME:
		return encode_person("Enter", event);
	case EVENT_WENT:
		return encode_person("Leave", event);
	default:
		return NULL;
	}
}
