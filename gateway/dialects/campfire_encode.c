/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_encode.c - words events and answers as campfire's
 * JSON. What a client did not ask for by `?v=2` it never sees.
 */
#include "gateway/dialects/campfire.h"

#include "gateway/json_moderation.h"
#include "gateway/refusals.h"

void
campfire_begin(struct json_writer *w, const char *type, struct slice request_id)
{
	*w = (struct json_writer){ 0 };
	json_open(w, NULL, '{');
	json_text(w, "type", slice_of(type));
	if (request_id.n > 0)
		json_raw(w, "request_id", request_id);
}

struct parcel *
campfire_end(struct json_writer *w)
{
	json_close(w, '}');
	return json_frame(w);
}

struct parcel *
campfire_error(const char *code, const char *message, struct slice request_id)
{
	struct json_writer w;

	campfire_begin(&w, "Error", request_id);
	json_text(&w, "message", slice_of(message));
	json_text(&w, "code", slice_of(code));
	return campfire_end(&w);
}

const char *
campfire_error_code(enum error_code code)
{
	switch (code) {
	case ERROR_not_a_member:
		return "NOT_A_MEMBER";
	case ERROR_not_allowed:
	case ERROR_unauthorized:
	case ERROR_banned:
	case ERROR_muted:
	case ERROR_archived:
		return "NOT_ALLOWED";
	case ERROR_room_not_found:
		return "ROOM_NOT_FOUND";
	case ERROR_message_not_found:
		return "MESSAGE_NOT_FOUND";
	case ERROR_too_many:
	case ERROR_slow_mode:
		return "RATE_LIMITED";
	case ERROR_unavailable:
	case ERROR_lost:
		return "SERVICE_UNAVAILABLE";
	default:
		return "INVALID_FIELD";
	}
}

struct parcel *
campfire_refusal(const struct frame_refused *refused, struct slice request_id,
		 unsigned variant)
{
	char message[REFUSAL_TEXT_BYTES];
	struct json_writer w;

	refusal_words(refused, message);
	campfire_begin(&w, "Error", request_id);
	json_text(&w, "message", slice_of(message));
	json_text(&w, "code",
		  slice_of(campfire_error_code(error_find(refused->code))));
	if (variant == CAMPFIRE_EXTENDED && refused->retry_after > 0)
		json_number(&w, "retry_after", refused->retry_after);
	return campfire_end(&w);
}

/* --- Events */

struct parcel *
campfire_moderated(const struct frame_moderated *moderated,
		   struct slice request_id)
{
	struct json_writer w;

	campfire_begin(&w, "MemberUpdated", request_id);
	json_uuid(&w, "room_id", &moderated->room);
	json_moderated(&w, moderated);
	return campfire_end(&w);
}

struct parcel *
campfire_room_updated(const struct frame_room_info *room,
		      struct slice request_id)
{
	struct json_writer w;

	campfire_begin(&w, "RoomUpdated", request_id);
	json_room_details(&w, "room", room, false);
	return campfire_end(&w);
}

struct parcel *
campfire_user_left(const struct uuid *user, const struct uuid *room,
		   struct slice request_id)
{
	struct json_writer w;

	campfire_begin(&w, "UserLeft", request_id);
	json_uuid(&w, "user_id", user);
	json_uuid(&w, "room_id", room);
	return campfire_end(&w);
}

static struct parcel *
encode_message(const char *type, const struct event *event, unsigned variant)
{
	struct json_writer w;

	campfire_begin(&w, type, event->request_id);
	json_message(&w, "message", event->message,
		     variant == CAMPFIRE_EXTENDED);
	return campfire_end(&w);
}

static struct parcel *
encode_person(const char *type, const struct event *event)
{
	struct json_writer w;

	campfire_begin(&w, type, event->request_id);
	json_uuid(&w, "user_id", &event->person->user);
	json_uuid(&w, "room_id", &event->room->id);
	return campfire_end(&w);
}

static struct parcel *
encode_erased(const struct event *event)
{
	struct json_writer w;

	campfire_begin(&w, "MessageDeleted", event->request_id);
	json_uuid(&w, "room_id", &event->room->id);
	json_uuid(&w, "message_id", event->message_id);
	return campfire_end(&w);
}

static void
write_online(void *context, const struct frame_person *person)
{
	json_uuid(context, NULL, &person->user);
}

/* Whoever asked is online, whether presence has told so or not. */
static struct parcel *
encode_presence(const struct event *event)
{
	const struct roster *roster = &event->room->roster;
	bool adds_asker =
	    event->asker != NULL && !roster_names(roster, &event->asker->id);
	struct json_writer w;

	campfire_begin(&w, "PresenceUpdate", event->request_id);
	json_uuid(&w, "room_id", &event->room->id);
	json_open(&w, "online_users", '[');
	roster_each(roster, ROSTER_NAMED - adds_asker, write_online, &w);
	if (adds_asker)
		json_uuid(&w, NULL, &event->asker->id);
	json_close(&w, ']');
	return campfire_end(&w);
}

struct parcel *
campfire_encode(const struct event *event, unsigned variant)
{
	bool is_extended = variant == CAMPFIRE_EXTENDED;

	switch (event->kind) {
	case EVENT_MESSAGE:
		return encode_message("NewMessage", event, variant);
	case EVENT_EDITED:
		return is_extended
			   ? encode_message("MessageEdited", event, variant)
			   : NULL;
	case EVENT_ERASED:
		return is_extended ? encode_erased(event) : NULL;
	case EVENT_JOINED:
		return encode_person("UserJoined", event);
	case EVENT_LEFT:
		return encode_person("UserLeft", event);
	case EVENT_TYPING:
		return encode_person(event->on ? "TypingStart" : "TypingStop",
				     event);
	case EVENT_PRESENCE:
		return encode_presence(event);
	case EVENT_MODERATED:
		return is_extended ? campfire_moderated(event->moderated,
							event->request_id)
				   : NULL;
	case EVENT_ROOM:
		return is_extended ? campfire_room_updated(event->info,
							   event->request_id)
				   : NULL;
	default:
		return NULL; /* PresenceUpdate says who came and went */
	}
}
