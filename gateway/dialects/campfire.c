/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire.c - the main dialect: JSON objects with a `type`.
 *
 * One table of requests; those that everybody has are here, the extensions of
 * `?v=2` in campfire_extensions.c. Errors never close the connection.
 */
#include "gateway/dialects/campfire.h"

#include "gateway/connection.h"
#include "gateway/dialects/campfire_extensions.h"
#include "gateway/dialects/campfire_moderation.h"
#include "gateway/dialects/campfire_request.h"
#include "gateway/dialects/campfire_typing.h"
#include "gateway/json_fault.h"
#include "gateway/json_moderation.h"
#include "gateway/posts.h"

#include <stdlib.h>

#define REQUEST_ID_MAX 128

static struct bus *
bus_of(const struct campfire_request *request)
{
	return client_gateway(request->client)->bus;
}

/* --- CreateMessage */

/* Where the bus had to send a post twice, the duplicate may be of that very
 * post: then it comes, or has come, by the room since it was asked for. */
static bool
comes_by_room(const struct client *client, const struct campfire_ask *ask,
	      const struct frame *answer)
{
	const struct frame_message *message = &answer->message;
	const struct seat *seat = rooms_seat_of(client, &message->room);

	return (answer->repeated || message->repeated) && seat != NULL &&
	       seat->state != SEAT_HELD &&
	       uuid_equal(&ask->room, &message->room) &&
	       message->seq > ask->number;
}

/* A repeat of what was said before is answered to the one who asks, alone. What
 * is new comes by the room. */
static void
on_posted(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_message &&
	    !comes_by_room(client, ask, answer)) {
		const struct event event = { .kind = EVENT_MESSAGE,
					     .message = &answer->message };
		client_send_answer(client,
				   campfire_encode(&event, client->variant));
	}
	campfire_ask_free(ask);
}

/* The client's own id, or one made here. */
static bool
read_nonce(const struct campfire_request *request, struct uuid *nonce)
{
	if (campfire_has(request, "client_message_id"))
		return campfire_read_uuid(request, "client_message_id", nonce);
	uuid_make_v7(nonce,
		     loop_unix_ms(client_gateway(request->client)->loop));
	return true;
}

/* From which sequence number on a message is sure to come by the seat. */
static uint64_t
told_up_to(const struct seat *seat)
{
	if (seat == NULL || seat->state == SEAT_HELD)
		return UINT64_MAX;
	return seat->seq > seat->room->seq ? seat->seq : seat->room->seq;
}

/* What is said before the seats stand might move the mark from which they
 * start, and then be told to its author twice or not at all. */
static void
create_message(const struct campfire_request *request)
{
	struct client *client = request->client;
	struct frame frame = { .kind = FRAME_post };
	const struct seat *seat;
	struct campfire_ask *ask;

	if (!client->is_ready) {
		campfire_refuse(request, "SERVICE_UNAVAILABLE",
				"your rooms are not known yet; try again");
		return;
	}
	if (!campfire_read_uuid(request, "room_id", &frame.post.room) ||
	    !campfire_read_content(request, &frame.post.text) ||
	    !read_nonce(request, &frame.post.nonce))
		return;
	if (!client_may_speak(client)) {
		campfire_refuse(request, "RATE_LIMITED",
				"too many messages; slow down");
		return;
	}
	if ((ask = campfire_ask_new(request)) == NULL)
		return;
	seat = rooms_seat_of(client, &frame.post.room);
	ask->room = frame.post.room;
	ask->number = told_up_to(seat);
	frame.post.user = client->user->id;
	frame.post.user_number = client->user->number;
	frame.post.user_name = slice_of(client->user->name);
	posts_begin(client_gateway(client), &frame.post);
	campfire_ask_bus(client,
			 bus_owner(bus_of(request), ROUTER, &frame.post.room),
			 &frame, on_posted, ask);
}

/* --- UpdateLastSeen */

static void
on_marked(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_marked &&
	    ask->id_bytes > 0) {
		struct json_writer w;
		campfire_begin(&w, "LastSeen", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->marked.room);
		json_uuid(&w, "message_id", &answer->marked.message);
		json_number(&w, "seq", answer->marked.seq);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

static void
update_last_seen(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_mark };
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "message_id", &frame.mark.message) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	frame.mark.user = request->client->user->id;
	campfire_ask_bus(request->client, bus_next(bus_of(request), STORE),
			 &frame, on_marked, ask);
}

/* --- JoinRoom and LeaveRoom */

/* A new seat gets the roster by itself; this is for one that was there, and for
 * who wants its request_id back. */
static void
on_joined(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct seat *seat;

	if (client != NULL && answer->kind == FRAME_joined) {
		users_join(self, &answer->joined);
		seat = rooms_seat_of(client, &answer->joined.room);
		if (seat != NULL && (ask->flag || ask->id_bytes > 0))
			roster_owe(seat, campfire_ask_id(ask));
	}
	campfire_ask_free(ask);
}

static void
ask_to_join(const struct campfire_request *request, const struct uuid *room,
	    struct slice code)
{
	const struct user *user = request->client->user;
	struct frame frame = { .kind = FRAME_join };
	struct campfire_ask *ask = campfire_ask_new(request);

	if (ask == NULL)
		return;
	ask->flag = rooms_seat_of(request->client, room) != NULL;
	frame.join.room = *room;
	frame.join.code = code;
	frame.join.user = user->id;
	frame.join.user_number = user->number;
	frame.join.user_name = slice_of(user->name);
	campfire_ask_bus(request->client,
			 bus_owner(bus_of(request), ROUTER, &frame.join.room),
			 &frame, on_joined, ask);
}

static void
join_room(const struct campfire_request *request)
{
	struct uuid room;

	if (campfire_read_uuid(request, "room_id", &room))
		ask_to_join(request, &room, (struct slice){ 0 });
}

static void
accept_invite(const struct campfire_request *request)
{
	struct slice text, code;
	struct uuid room;

	if (!campfire_read_text(request, "code", true, 128, &text))
		return;
	if (invite_parse(text, &room, &code))
		ask_to_join(request, &room, code);
	else
		campfire_refuse_field(request, "code", "is not an invite");
}

/* The document names no answer for who leaves; one that asked with a
 * request_id gets the UserLeft that the others get. */
static void
on_left(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_left) {
		if (!answer->left.fresh && !ask->flag) {
			campfire_refuse_non_member(client, ask);
		} else if (ask->id_bytes > 0) {
			client_send_answer(
			    client, campfire_user_left(&answer->left.user,
						       &answer->left.room,
						       campfire_ask_id(ask)));
		}
	}
	campfire_ask_free(ask);
}

static void
leave_room(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_leave };
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "room_id", &frame.leave.room) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	/* A repeat of ours may find the membership ended by ourselves. */
	ask->flag = rooms_seat_of(request->client, &frame.leave.room) != NULL;
	frame.leave.user = request->client->user->id;
	campfire_ask_bus(request->client,
			 bus_owner(bus_of(request), ROUTER, &frame.leave.room),
			 &frame, on_left, ask);
}

/* --- The table */

static const struct {
	const char *type;
	void (*handle)(const struct campfire_request *request);
} requests[] = {
	{ "CreateMessage", create_message },
	{ "UpdateLastSeen", update_last_seen },
	{ "JoinRoom", join_room },
	{ "LeaveRoom", leave_room },
	{ "StartTyping", campfire_start_typing },
	{ "StopTyping", campfire_stop_typing },
	{ "CreateRoom", campfire_create_room },
	{ "GetRooms", campfire_get_rooms },
	{ "GetHistory", campfire_get_history },
	{ "OpenDirect", campfire_open_direct },
	{ "EditMessage", campfire_edit_message },
	{ "DeleteMessage", campfire_delete_message },
	{ "SearchMessages", campfire_search_messages },
	{ "GetUnread", campfire_get_unread },
	{ "Resume", campfire_resume },
	{ "GetRoom", campfire_get_room },
	{ "UpdateRoom", campfire_update_room },
	{ "GetMembers", campfire_get_members },
	{ "AddMember", campfire_add_member },
	{ "SetRole", campfire_set_role },
	{ "Kick", campfire_kick },
	{ "Ban", campfire_ban },
	{ "Unban", campfire_unban },
	{ "GetBans", campfire_get_bans },
	{ "Mute", campfire_mute },
	{ "Unmute", campfire_unmute },
	{ "GetMutes", campfire_get_mutes },
	{ "CreateInvite", campfire_create_invite },
	{ "GetInvites", campfire_get_invites },
	{ "RevokeInvite", campfire_revoke_invite },
	{ "AcceptInvite", accept_invite },
};

static void
dispatch(const struct campfire_request *request)
{
	const json_t *type = json_object_get(request->body, "type");
	const struct slice name = { json_string_value(type),
				    json_string_length(type) };

	if (!json_is_string(type)) {
		campfire_refuse(request, "INVALID_FIELD",
				"type: wants a string");
		return;
	}
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (slice_is(name, requests[i].type)) {
			requests[i].handle(request);
			return;
		}
	campfire_refuse(request, "UNKNOWN_TYPE", "unknown type");
}

/* Echoed as it came: a string or a number. */
static bool
read_request_id(struct campfire_request *request, char into[REQUEST_ID_MAX])
{
	const json_t *id = json_object_get(request->body, "request_id");
	size_t n;

	if (id == NULL || json_is_null(id))
		return true;
	n = json_is_string(id) || json_is_integer(id)
		? json_dumpb(id, into, REQUEST_ID_MAX,
			     JSON_ENCODE_ANY | JSON_COMPACT)
		: 0;
	if (n == 0 || n > REQUEST_ID_MAX) {
		campfire_refuse(request, "INVALID_FIELD",
				"request_id: wants a short string or a number");
		return false;
	}
	request->id = (struct slice){ into, n };
	return true;
}

static void
on_text(struct client *client, struct slice text)
{
	struct campfire_request request = { .client = client };
	char id[REQUEST_ID_MAX], fault[JSON_FAULT_BYTES];
	json_error_t error;
	json_t *body = json_loadb(
	    text.at, text.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(body)) {
		campfire_refuse(&request, "INVALID_JSON",
				body == NULL ? json_fault_words(&error, fault)
					     : "wants an object");
	} else {
		request.body = body;
		if (read_request_id(&request, id))
			dispatch(&request);
	}
	json_decref(body);
}

static void
on_binary(struct client *client, struct slice bytes)
{
	const struct campfire_request request = { .client = client };

	(void)bytes;
	campfire_refuse(&request, "INVALID_JSON", "wants text, not binary");
}

static const char *
on_request(struct client *client, const struct http_request *request)
{
	if (!http_query_is(request, "v", "2"))
		return NULL;
	client->variant = CAMPFIRE_EXTENDED;
	client->resumes = http_query_is(request, "resume", "1");
	client->is_held = client->resumes;
	return NULL;
}

/* Every new connection hears at once who is in its rooms. */
static void
on_ready(struct client *client)
{
	for (uint32_t i = 0; i < client->seat_count; i++)
		roster_owe(client_seat(client, i), (struct slice){ 0 });
	campfire_typing_ready(client);
	campfire_resume_ready(client);
}

static void
on_caught_up(struct client *client, struct seat *seat)
{
	campfire_resume_caught_up(client, seat);
}

/* The user's other devices would not know otherwise. */
static void
on_removed(struct client *client, const struct removal *removal)
{
	if (removal->moderated != NULL && client->variant == CAMPFIRE_EXTENDED)
		client_send_answer(client,
				   campfire_moderated(removal->moderated,
						      (struct slice){ 0 }));
	client_send_answer(client,
			   campfire_user_left(&client->user->id, removal->room,
					      (struct slice){ 0 }));
}

const struct dialect dialect_campfire = {
	.name = "campfire",
	.tells_missed = true,
	.on_request = on_request,
	.on_ready = on_ready,
	.on_second = campfire_resume_sweep,
	.on_caught_up = on_caught_up,
	.on_unseated = campfire_resume_left,
	.on_removed = on_removed,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_close = campfire_resume_forget,
	.encode = campfire_encode,
};
