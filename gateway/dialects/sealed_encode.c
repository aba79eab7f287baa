/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed_encode.c - words events and answers as externally
 * tagged JSON: an object with one key, the variant, and its fields.
 */
#include "gateway/dialects/sealed.h"

static void
begin(struct json_writer *w, const char *variant)
{
	*w = (struct json_writer){ 0 };
	json_open(w, NULL, '{');
	json_open(w, variant, '{');
}

static struct parcel *
end(struct json_writer *w)
{
	json_close(w, '}');
	json_close(w, '}');
	return json_frame(w);
}

/* `elements` are JSON, parted by commas. */
static void
write_list(struct json_writer *w, const char *key, struct slice elements)
{
	json_open(w, key, '[');
	if (elements.n > 0)
		json_raw(w, NULL, elements);
	json_close(w, ']');
}

struct parcel *
sealed_error(const char *message)
{
	struct json_writer w;

	begin(&w, "Error");
	json_text(&w, "message", slice_of(message));
	return end(&w);
}

static void
write_chat(struct json_writer *w, const char *key,
	   const struct frame_message *message)
{
	json_open(w, key, '{');
	json_text(w, "sender", message->user_name);
	json_text(w, "content", message->text);
	json_close(w, '}');
}

void
sealed_write_message(struct json_writer *w, const struct frame_message *message)
{
	write_chat(w, NULL, message);
}

struct parcel *
sealed_history(struct slice messages)
{
	struct json_writer w;

	begin(&w, "History");
	write_list(&w, "messages", messages);
	return end(&w);
}

/* --- Rooms */

static void
write_room(struct json_writer *w, const struct sealed_room *room,
	   size_t participants)
{
	json_open(w, "room_info", '{');
	json_uuid(w, "id", &room->id);
	json_text(w, "name", slice_of(room->name));
	json_text(w, "description", slice_of(room->description));
	json_text(w, "join_key", slice_of(room->join_key));
	json_bool(w, "has_password", room->has_password);
	json_number(w, "created_at", room->created_at);
	json_number(w, "participant_count", participants);
	json_close(w, '}');
	json_text(w, "encryption_key", slice_of(room->encryption_key));
}

struct parcel *
sealed_created(const struct sealed_room *room, size_t participants)
{
	struct json_writer w;

	begin(&w, "RoomCreated");
	write_room(&w, room, participants);
	return end(&w);
}

struct parcel *
sealed_joined(const struct sealed_room *room, size_t participants,
	      struct slice names)
{
	struct json_writer w;

	begin(&w, "RoomJoined");
	write_room(&w, room, participants);
	write_list(&w, "participants", names);
	return end(&w);
}

/* --- Events */

static struct parcel *
encode_message(const struct frame_message *message)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '{');
	write_chat(&w, "ChatMessage", message);
	json_close(&w, '}');
	return json_frame(&w);
}

static struct parcel *
encode_person(const char *variant, const struct frame_person *person)
{
	struct json_writer w;

	begin(&w, variant);
	json_text(&w, "name", person->user_name);
	return end(&w);
}

struct parcel *
sealed_encode(const struct event *event, unsigned variant)
{
	switch (event->kind) {
	case EVENT_MESSAGE:
		return encode_message(event->message);
	case EVENT_CAME:
		return encode_person("ParticipantJoined", event->person);
	case EVENT_WENT:
		return variant == SEALED_EXTENDED
			   ? encode_person("ParticipantLeft", event->person)
			   : NULL;
	default:
		return NULL; /* nobody joins for good, edits or types */
	}
}
