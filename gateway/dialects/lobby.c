/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby.c - `Enter`, `Leave`, `GroupChat`, `PrivateChat`:
 * hears what a client says, one thing at a time.
 *
 * What a frame sets off may take several answers; frames that come meanwhile
 * wait. There is no word for an error: bad input ends the connection, with the
 * reason in the close frame.
 */
#include "gateway/dialects/lobby.h"

#include "gateway/connection.h"
#include "proto/names.h"

#include <stdlib.h>

struct lobby *
lobby_of(const struct client *client)
{
	return client->own;
}

void
lobby_close(struct client *client, const char *why)
{
	log_info("lobby_refused", KN("connection", client_id(client)),
		 KT("why", why));
	connection_close(client->connection, WEBSOCKET_POLICY, why);
}

void
lobby_close_for(struct client *client, const struct frame_refused *why,
		const char *words)
{
	if (error_find(why->code) == ERROR_unavailable)
		connection_close(client->connection, WEBSOCKET_TRY_LATER,
				 "not available at the moment");
	else
		lobby_close(client, words);
}

bool
lobby_is_inside(const struct client *client)
{
	for (uint32_t i = 0; i < client->seat_count; i++)
		if (client_seat(client, i)->is_visit)
			return true;
	return false;
}

/* --- Reading frames */

bool
lobby_read_text(const json_t *object, const char *name, struct slice *into)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return false;
	*into = (struct slice){ json_string_value(value),
				json_string_length(value) };
	return true;
}

bool
lobby_is_same_name(struct slice a, struct slice b)
{
	char one[NAME_KEY_BYTES], other[NAME_KEY_BYTES];

	return name_key(a, one) && name_key(b, other) &&
	       strcmp(one, other) == 0;
}

/* The room that a body names; false, closed, if that is malformed or not this
 * client's to name. */
bool
lobby_read_room(struct client *client, const json_t *body, struct slice *room)
{
	*room = slice_of(LOBBY_ROOM);
	if (json_object_get(body, "room") == NULL)
		return true;
	if (!lobby_read_text(body, "room", room) || !name_is_valid(*room)) {
		lobby_close(client, "room: wants a room's name");
		return false;
	}
	if (client_is_guest(client) &&
	    !lobby_is_same_name(*room, slice_of(LOBBY_ROOM))) {
		lobby_close(client, "another room wants a token");
		return false;
	}
	return true;
}

/* Who says it must be who this connection is. */
bool
lobby_read_sender(struct client *client, const json_t *body,
		  struct slice *sender)
{
	if (!lobby_read_text(body, "sender_username", sender)) {
		lobby_close(client, "sender_username: wants a string");
		return false;
	}
	if (client->user->name[0] != '\0' &&
	    !lobby_is_same_name(*sender, slice_of(client->user->name))) {
		lobby_close(client, "sender_username: that is somebody else");
		return false;
	}
	return true;
}

/* --- Leave and GroupChat */

/* The seat in the room that the body names. */
static struct seat *
find_seat(struct client *client, const json_t *body)
{
	struct slice sender, room;
	struct seat *seat;

	if (!lobby_read_sender(client, body, &sender) ||
	    !lobby_read_room(client, body, &room))
		return NULL;
	seat = visits_find(client, room);
	if (seat == NULL)
		lobby_close(client, "wants an Enter first");
	return seat;
}

/* A guest's name is free then. */
static void
leave(struct client *client, const json_t *body)
{
	struct seat *seat = find_seat(client, body);

	if (seat == NULL)
		return;
	if (!client_is_guest(client)) {
		visits_end(seat);
		rooms_reconsider(client);
	} else if (client_become_guest(client, slice_of("")) != 0) {
		lobby_close(client, "out of memory");
	}
}

static void
group_chat(struct client *client, const json_t *body)
{
	struct seat *seat = find_seat(client, body);
	struct slice content;

	if (seat != NULL && lobby_read_content(client, body, &content))
		lobby_post(client, &seat->room->id, !seat->is_member, content);
}

static void
private_chat(struct client *client, const json_t *body)
{
	struct slice sender, target, content;

	if (!lobby_read_sender(client, body, &sender))
		return;
	if (!lobby_is_inside(client))
		lobby_close(client, "wants an Enter first");
	else if (!lobby_read_text(body, "target_username", &target) ||
		 !name_is_valid(target))
		lobby_close(client, "target_username: wants a name");
	else if (lobby_is_same_name(target, slice_of(client->user->name)))
		lobby_close(client, "target_username: that is yourself");
	else if (lobby_read_content(client, body, &content))
		lobby_whisper(client, target, content);
}

/* --- The table */

static const struct {
	const char *type;
	void (*handle)(struct client *client, const json_t *body);
} frames[] = {
	{ "Enter", lobby_enter },
	{ "Leave", leave },
	{ "GroupChat", group_chat },
	{ "PrivateChat", private_chat },
};

/* Keeps a frame for later; the client is not heard until then. */
void
lobby_wait_with(struct client *client, json_t *frame)
{
	lobby_of(client)->waiting = json_incref(frame);
	client_hold(client);
}

/* What comes behind posts that are on their way must not overtake them. */
static bool
waits_for_posts(const struct client *client, struct slice type)
{
	const struct lobby *lobby = lobby_of(client);

	return (lobby->in_flight > 0 || lobby->held != NULL) &&
	       !slice_is(type, "GroupChat");
}

void
lobby_dispatch(struct client *client, json_t *frame)
{
	const json_t *body = json_object_get(frame, "message_body");
	struct slice type;

	if (!lobby_read_text(frame, "message_type", &type)) {
		lobby_close(client, "message_type: wants a string");
		return;
	}
	if (!json_is_object(body)) {
		lobby_close(client, "message_body: wants an object");
		return;
	}
	if (waits_for_posts(client, type)) {
		lobby_wait_with(client, frame);
		lobby_of(client)->waits_for_posts = true;
		return;
	}
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
		if (slice_is(type, frames[i].type)) {
			frames[i].handle(client, body);
			return;
		}
	lobby_close(client, "message_type: unknown");
}

void
lobby_dispatch_waiting(struct client *client)
{
	struct lobby *lobby = lobby_of(client);
	json_t *frame = lobby->waiting;

	if (frame == NULL)
		return;
	lobby->waiting = NULL;
	lobby->waits_for_posts = false;
	lobby_dispatch(client, frame);
	json_decref(frame);
	client_release(client);
}

void
lobby_posts_are_done(struct client *client)
{
	if (lobby_of(client)->waits_for_posts)
		lobby_dispatch_waiting(client);
}

/* --- The connection */

static void
on_text(struct client *client, struct slice text)
{
	json_error_t error;
	json_t *frame = json_loadb(
	    text.at, text.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(frame))
		lobby_close(client, frame == NULL ? "malformed JSON"
						  : "wants a JSON object");
	else if (client_gateway(client)->lobby_wants_tokens)
		lobby_check_token(client, frame);
	else
		lobby_dispatch(client, frame);
	json_decref(frame);
}

static void
on_binary(struct client *client, struct slice bytes)
{
	(void)bytes;
	lobby_close(client, "wants text, not binary");
}

static enum admission
admission(const struct gateway *gateway, const struct http_request *request)
{
	(void)request;
	return gateway->lobby_wants_tokens ? ADMIT_IF_GOOD : ADMIT_GUESTS;
}

static const char *
on_request(struct client *client, const struct http_request *request)
{
	struct lobby *lobby = calloc(1, sizeof *lobby);

	(void)request;
	if (lobby == NULL)
		return "out of memory";
	lobby->has_upgrade_token = !client_is_guest(client);
	client->own = lobby;
	return NULL;
}

/* What was refused for now is tried again. */
static void
on_second(struct client *client)
{
	lobby_try_entering(client);
	lobby_try_held(client);
}

static bool
hears(const struct client *client, const struct seat *seat)
{
	return seat->is_visit ||
	       (seat->room->kind == ROOM_DIRECT && lobby_is_inside(client));
}

static void
on_removed(struct client *client, const struct removal *removal)
{
	if (removal->was_visit)
		connection_close(client->connection,
				 removal->code == ERROR_banned ? CLOSE_BANNED
							       : CLOSE_KICKED,
				 removal->words);
}

static void
on_close(struct client *client)
{
	struct lobby *lobby = lobby_of(client);

	if (lobby == NULL)
		return;
	json_decref(lobby->waiting);
	free(lobby->entering);
	lobby_forget_held(lobby);
	lobby_forget_token(lobby);
	free(lobby);
	client->own = NULL;
}

const struct dialect dialect_lobby = {
	.name = "lobby",
	.admission = admission,
	.on_request = on_request,
	.on_ready = lobby_dispatch_waiting,
	.on_second = on_second,
	.hears = hears,
	.on_removed = on_removed,
	.on_whisper = lobby_hear_whisper,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_close = on_close,
	.encode = lobby_encode,
};
