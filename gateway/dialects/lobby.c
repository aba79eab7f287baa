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
#include "gateway/credentials.h"
#include "gateway/sessions.h"
#include "proto/names.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#define TOKEN_MAX_BYTES 8192

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
		if (client->seats[i]->is_visit)
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

static bool
is_same_name(struct slice a, struct slice b)
{
	char one[NAME_KEY_BYTES], other[NAME_KEY_BYTES];

	return name_key(a, one) && name_key(b, other) &&
	       strcmp(one, other) == 0;
}

/* The room that a body names; false, closed, if that is malformed or not this
 * client's to name. */
static bool
read_room(struct client *client, const json_t *body, struct slice *room)
{
	*room = slice_of(LOBBY_ROOM);
	if (json_object_get(body, "room") == NULL)
		return true;
	if (!lobby_read_text(body, "room", room) || !name_is_valid(*room)) {
		lobby_close(client, "room: wants a room's name");
		return false;
	}
	if (client_is_guest(client) &&
	    !is_same_name(*room, slice_of(LOBBY_ROOM))) {
		lobby_close(client, "another room wants a token");
		return false;
	}
	return true;
}

/* Who says it must be who this connection is. */
static bool
read_sender(struct client *client, const json_t *body, struct slice *sender)
{
	if (!lobby_read_text(body, "sender_username", sender)) {
		lobby_close(client, "sender_username: wants a string");
		return false;
	}
	if (client->user->name[0] != '\0' &&
	    !is_same_name(*sender, slice_of(client->user->name))) {
		lobby_close(client, "sender_username: that is somebody else");
		return false;
	}
	return true;
}

/* --- Enter */

static void
on_visit(struct client *client, struct seat *seat,
	 const struct frame_refused *why)
{
	if (seat != NULL)
		rooms_reconsider(client);
	else
		lobby_close_for(client, why,
				error_find(why->code) == ERROR_taken
				    ? "sender_username: the name is in use"
				    : "room: no such room");
	client_release(client);
}

static void
enter_room(struct client *client, struct slice room)
{
	const struct visit_wish wish = {
		.name = room,
		.makes_room = is_same_name(room, slice_of(LOBBY_ROOM)),
		.binds_name = client_is_guest(client),
		.waits_until_told = true,
	};

	client_hold(client);
	visits_begin(client, &wish, on_visit);
}

/* Names of accounts are for their holders alone. */
static void
on_owner(struct client *client, void *context, const struct frame *answer)
{
	char *name = context;

	if (answer->kind == FRAME_users)
		lobby_close(client,
			    "sender_username: the name belongs to an account");
	else if (error_find(answer->refused.code) != ERROR_user_not_found)
		lobby_close_for(client, &answer->refused, "not available");
	else if (client_become_guest(client, slice_of(name)) != 0)
		lobby_close(client, "out of memory");
	else
		enter_room(client, slice_of(LOBBY_ROOM));
	free(name);
	client_release(client);
}

static void
enter_as_guest(struct client *client, struct slice name)
{
	const struct user_wish wish = { .name = name };
	char *copy;

	if (!name_is_valid(name)) {
		lobby_close(client, "sender_username: wants 1 to 64 printable "
				    "characters");
		return;
	}
	copy = strndup(name.at, name.n);
	if (copy == NULL) {
		lobby_close(client, "out of memory");
		return;
	}
	client_hold(client);
	directs_find_user(client, &wish, on_owner, copy);
}

static void
enter(struct client *client, const json_t *body)
{
	struct slice sender, room;

	if (!read_sender(client, body, &sender) ||
	    !read_room(client, body, &room) ||
	    visits_find(client, room) != NULL)
		return;
	if (client_is_guest(client))
		enter_as_guest(client, sender);
	else
		enter_room(client, room);
}

/* --- Leave and GroupChat */

/* The seat in the room that the body names. */
static struct seat *
find_seat(struct client *client, const json_t *body)
{
	struct slice sender, room;
	struct seat *seat;

	if (!read_sender(client, body, &sender) ||
	    !read_room(client, body, &room))
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

	if (!read_sender(client, body, &sender))
		return;
	if (!lobby_is_inside(client))
		lobby_close(client, "wants an Enter first");
	else if (!lobby_read_text(body, "target_username", &target) ||
		 !name_is_valid(target))
		lobby_close(client, "target_username: wants a name");
	else if (is_same_name(target, slice_of(client->user->name)))
		lobby_close(client, "target_username: that is yourself");
	else if (lobby_read_content(client, body, &content))
		lobby_whisper(client, target, content);
}

/* --- The table */

static const struct {
	const char *type;
	void (*handle)(struct client *client, const json_t *body);
} frames[] = {
	{ "Enter", enter },
	{ "Leave", leave },
	{ "GroupChat", group_chat },
	{ "PrivateChat", private_chat },
};

static void
dispatch(struct client *client, const json_t *frame)
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
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
		if (slice_is(type, frames[i].type)) {
			frames[i].handle(client, body);
			return;
		}
	lobby_close(client, "message_type: unknown");
}

/* --- Tokens */

static void
dispatch_waiting(struct client *client)
{
	struct lobby *lobby = lobby_of(client);
	json_t *frame = lobby->waiting;

	if (frame == NULL)
		return;
	lobby->waiting = NULL;
	dispatch(client, frame);
	json_decref(frame);
	client_release(client);
}

static void
forget_token(struct lobby *lobby)
{
	if (lobby->token != NULL)
		OPENSSL_cleanse(lobby->token, strlen(lobby->token));
	free(lobby->token);
	lobby->token = NULL;
}

static void
accept_token(struct client *client, char *token,
	     const struct frame_verified *who)
{
	struct lobby *lobby = lobby_of(client);

	forget_token(lobby);
	lobby->token = token;
	if (uuid_equal(&client->user->id, &who->user)) {
		sessions_begin(client, &who->session, who->expires_at);
		dispatch_waiting(client);
	} else if (!client_is_guest(client)) {
		lobby_close(client, "token: that is somebody else's");
	} else if (client_become(client, who) != 0) {
		lobby_close(client, "out of memory");
	}
}

static void
on_verified(struct client *client, void *context, const struct frame *answer)
{
	if (answer->kind == FRAME_verified) {
		accept_token(client, context, &answer->verified);
		return;
	}
	OPENSSL_cleanse(context, strlen(context));
	free(context);
	lobby_close_for(client, &answer->refused, "token: not valid");
}

/* Takes `frame`, which waits until auth has said whose token that is. */
static void
verify(struct client *client, json_t *frame, struct slice token)
{
	struct frame question = { .kind = FRAME_verify };
	char *copy = strndup(token.at, token.n);

	if (copy == NULL) {
		json_decref(frame);
		lobby_close(client, "out of memory");
		return;
	}
	lobby_of(client)->waiting = frame;
	question.verify.bearer = token;
	client_hold(client);
	asks_send(client, bus_next(client->gateway->bus, AUTH), &question,
		  WAIT_MS, on_verified, copy);
}

static bool
is_known_token(const struct lobby *lobby, struct slice token)
{
	return lobby->token != NULL && strlen(lobby->token) == token.n &&
	       CRYPTO_memcmp(lobby->token, token.at, token.n) == 0;
}

/* Takes `frame`. */
static void
check_token(struct client *client, json_t *frame)
{
	struct lobby *lobby = lobby_of(client);
	bool has_token = json_object_get(frame, "token") != NULL;
	struct slice token = { 0 };

	if (has_token && (!lobby_read_text(frame, "token", &token) ||
			  token.n == 0 || token.n > TOKEN_MAX_BYTES ||
			  memchr(token.at, '\0', token.n) != NULL)) {
		lobby_close(client, "token: not valid");
	} else if (has_token && !is_known_token(lobby, token)) {
		verify(client, frame, token);
		return;
	} else if (!has_token && !lobby->has_upgrade_token) {
		lobby_close(client, "token: wants one");
	} else {
		dispatch(client, frame);
	}
	json_decref(frame);
}

/* --- The connection */

static void
on_text(struct client *client, struct slice text)
{
	json_error_t error;
	json_t *frame = json_loadb(
	    text.at, text.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(frame)) {
		lobby_close(client, frame == NULL ? "malformed JSON"
						  : "wants a JSON object");
		json_decref(frame);
	} else if (client->gateway->lobby_wants_tokens) {
		check_token(client, frame);
	} else {
		dispatch(client, frame);
		json_decref(frame);
	}
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

static bool
hears(const struct client *client, const struct seat *seat)
{
	return seat->is_visit ||
	       (seat->room->kind == ROOM_DIRECT && lobby_is_inside(client));
}

static void
on_close(struct client *client)
{
	struct lobby *lobby = lobby_of(client);

	if (lobby == NULL)
		return;
	json_decref(lobby->waiting);
	lobby_forget_held(lobby);
	forget_token(lobby);
	free(lobby);
	client->own = NULL;
}

const struct dialect dialect_lobby = {
	.name = "lobby",
	.admission = admission,
	.on_request = on_request,
	.on_ready = dispatch_waiting,
	.on_second = lobby_try_held,
	.hears = hears,
	.on_whisper = lobby_hear_whisper,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_close = on_close,
	.encode = lobby_encode,
};
