/* SPDX-License-Identifier: MIT */
/* hooks/event.c - see event.h. */
#include "hooks/event.h"

#include "proto/frame_values.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TIME_BYTES 32

const char *
EVENT_word(size_t i)
{
	static const char *const words[EVENT_WORDS] = {
		[EVENT_created] = "message.created",
		[EVENT_edited] = "message.edited",
		[EVENT_deleted] = "message.deleted",
		[EVENT_joined] = "member.joined",
		[EVENT_left] = "member.left",
		[EVENT_member_changed] = "member.changed",
		[EVENT_room_changed] = "room.changed",
	};

	return words[i];
}

enum event_kind
event_of_change(const struct frame_change *change)
{
	switch (change->kind) {
	case CHANGE_EDIT:
		return EVENT_edited;
	case CHANGE_ERASE:
		return EVENT_deleted;
	case CHANGE_JOIN:
		return EVENT_joined;
	case CHANGE_LEAVE:
		return EVENT_left;
	case CHANGE_STANDING:
		return EVENT_member_changed;
	default:
		return EVENT_room_changed;
	}
}

bool
event_is_wanted(enum event_kind kind, uint64_t wishes)
{
	if (kind == EVENT_created)
		return (wishes & HOOK_MESSAGES) != 0;
	if (kind == EVENT_edited || kind == EVENT_deleted)
		return (wishes & HOOK_EDITS) != 0;
	return (wishes & HOOK_MEMBERS) != 0;
}

/* --- Values; NULL without memory */

static json_t *
id_value(const struct uuid *id)
{
	char text[UUID_TEXT_BYTES];

	return json_string(uuid_format(id, text));
}

/* Frames were checked to be UTF-8. */
static json_t *
text_value(struct slice text)
{
	return json_stringn_nocheck(text.n == 0 ? "" : text.at, text.n);
}

static json_t *
name_value(struct slice name)
{
	return name.n == 0 ? json_null() : text_value(name);
}

/* RFC 3339 in UTC */
static json_t *
time_value(uint64_t unix_ms)
{
	const time_t s = (time_t)(unix_ms / 1000);
	char text[TIME_BYTES];
	struct tm tm;
	size_t n;

	if (unix_ms == 0 || gmtime_r(&s, &tm) == NULL)
		return json_null();
	n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof text - n, ".%03uZ",
		 (unsigned)(unix_ms % 1000));
	return json_string(text);
}

static json_t *
message_value(const struct frame_message *m)
{
	json_t *value = json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "id",
	    id_value(&m->message), "room_id", id_value(&m->room), "creator_id",
	    id_value(&m->user), "content", text_value(m->text),
	    "client_message_id", id_value(&m->nonce), "created_at",
	    time_value(m->at), "seq", (json_int_t)m->seq, "number",
	    (json_int_t)m->number, "creator_name", text_value(m->user_name));

	if (value != NULL && m->edited_at != 0 &&
	    json_object_set_new(value, "edited_at", time_value(m->edited_at)) !=
		0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

/* All that is left of it. */
static json_t *
deleted_value(const struct frame_change *change)
{
	return json_pack("{s:o, s:I}", "id", id_value(&change->message), "seq",
			 (json_int_t)change->seq);
}

static json_t *
user_value(const struct frame_change *change)
{
	return json_pack("{s:o, s:o}", "user_id", id_value(&change->user),
			 "username", name_value(change->user_name));
}

/* What somebody did to the user; NULL without memory. */
static json_t *
deed_value(const struct frame_change *change)
{
	return json_pack(
	    "{s:s, s:s?, s:o, s:o, s:o}", "change", deed_word(change->action),
	    "role", role_words[change->role], "until",
	    time_value(change->until), "reason", name_value(change->reason),
	    "by",
	    uuid_is_nil(&change->actor) ? json_null()
					: id_value(&change->actor));
}

/* --- Events */

/* Takes `value`, which has the name `key`; NULL: there is no memory. */
static int
finish(struct event *event, const struct event_place *place, const char *key,
       json_t *value)
{
	json_t *whole = json_pack(
	    "{s:s, s:s, s:o, s:o, s:{s:o, s:o}}", "id", event->id, "type",
	    EVENT_word(event->kind), "created_at", time_value(event->at_ms),
	    "hook", id_value(&place->hook), "room", "id",
	    id_value(&place->room), "name", name_value(place->room_name));

	event->body = NULL;
	if (key != NULL && json_object_set_new(whole, key, value) != 0) {
		json_decref(whole);
		return -1;
	}
	if (whole != NULL)
		event->body = json_dumps(whole, JSON_COMPACT);
	json_decref(whole);
	if (event->body == NULL)
		return -1;
	event->body_bytes = strlen(event->body);
	return 0;
}

/* A user who came, left, or was judged. */
static int
finish_user(struct event *event, const struct event_place *place,
	    const struct frame_change *change)
{
	json_t *user = user_value(change);
	json_t *deed =
	    deed_word(change->action) != NULL ? deed_value(change) : NULL;

	if (deed_word(change->action) != NULL &&
	    (deed == NULL || json_object_update(user, deed) != 0)) {
		json_decref(user);
		user = NULL;
	}
	json_decref(deed);
	return finish(event, place, "user", user);
}

int
event_of_message(struct event *event, const struct event_place *place,
		 const struct frame_message *message)
{
	*event = (struct event){ .kind = EVENT_created, .at_ms = message->at };
	uuid_format(&message->message, event->id);
	return finish(event, place, "message", message_value(message));
}

int
event_make(struct event *event, const struct event_place *place,
	   const struct frame_change *change,
	   const struct frame_message *message)
{
	char room[UUID_TEXT_BYTES];

	*event = (struct event){ .kind = event_of_change(change),
				 .at_ms = change->at };
	snprintf(event->id, sizeof event->id, "%s-c%" PRIu64,
		 uuid_format(&place->room, room), change->change);
	switch (event->kind) {
	case EVENT_edited:
		return finish(event, place, "message", message_value(message));
	case EVENT_deleted:
		return finish(event, place, "message", deleted_value(change));
	case EVENT_room_changed:
		return finish(event, place, NULL, NULL);
	default:
		return finish_user(event, place, change);
	}
}

void
event_fini(struct event *event)
{
	free(event->body);
	event->body = NULL;
}
