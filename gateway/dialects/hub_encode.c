/* SPDX-License-Identifier: MIT */
/* gateway/dialects/hub_encode.c - words events and answers as hub's JSON: a
 * `type` and its `data`. Of what happens in a room the dialect has words for
 * messages alone.
 */
#include "gateway/dialects/hub.h"

void
hub_begin(struct json_writer *w, const char *type, char bracket)
{
	*w = (struct json_writer){ 0 };
	json_open(w, NULL, '{');
	json_text(w, "type", slice_of(type));
	json_open(w, "data", bracket);
}

struct parcel *
hub_end(struct json_writer *w, char bracket)
{
	json_close(w, bracket);
	json_close(w, '}');
	return json_frame(w);
}

struct parcel *
hub_error(struct slice message)
{
	struct json_writer w;

	hub_begin(&w, "error", '{');
	json_text(&w, "message", message);
	return hub_end(&w, '}');
}

struct parcel *
hub_join_ack(const char *room)
{
	struct json_writer w;

	hub_begin(&w, "join_ack", '{');
	json_text(&w, "room", slice_of(room));
	json_text(&w, "status", slice_of("ok"));
	return hub_end(&w, '}');
}

void
hub_write_message(struct json_writer *w, const struct frame_message *message)
{
	json_open(w, NULL, '{');
	json_text(w, "username", message->user_name);
	json_number(w, "fromUser", message->user_number);
	json_text(w, "content", message->text);
	json_time(w, "timestamp", message->at);
	json_close(w, '}');
}

/* Rooms are told apart by name: what is said in one without a name that is no
 * direct room, nobody could place. */
static struct parcel *
encode_message(const struct event *event)
{
	const struct frame_message *message = event->message;
	bool is_direct = event->room->kind == ROOM_DIRECT;
	struct json_writer w;

	if (!is_direct && event->room->name == NULL)
		return NULL;
	hub_begin(&w, is_direct ? "dm" : "message", '{');
	json_number(&w, "id", message->number);
	json_number(&w, "fromUser", message->user_number);
	json_text(&w, "username", message->user_name);
	json_text(&w, "content", message->text);
	json_time(&w, "timestamp", message->at);
	if (!is_direct)
		json_text(&w, "room", slice_of(event->room->name));
	return hub_end(&w, '}');
}

struct parcel *
hub_encode(const struct event *event, unsigned variant)
{
	(void)variant;
	return event->kind == EVENT_MESSAGE ? encode_message(event) : NULL;
}
