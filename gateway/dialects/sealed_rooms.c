/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed_rooms.c - creating a room and joining one: a chain of
 * questions, during which the client is not heard.
 *
 * Who creates: the store makes the room, auth its keys. Who joins: auth is
 * shown the join key, the store says what the room is. Then both enter alike:
 * the connection becomes a guest of the new name, which leaves the room where
 * it was, claims that name and begins its visit. All that can be known to fail
 * is asked before, so that a refused participant stays where it was; but a name
 * that somebody takes in the same moment, or a daemon that goes away just then,
 * leaves it in no room.
 */
#include "gateway/dialects/sealed.h"

#include "gateway/bound_names.h"
#include "gateway/connection.h"
#include "gateway/visits.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define OWNER      "Owner"
#define NAME_TAKEN "this name is taken in the room"

struct sealed_attempt {
	struct sealed_request request;
	struct sealed_room *room; /* as far as it is known */
};

void
sealed_room_free(struct sealed_room *room)
{
	if (room == NULL)
		return;
	free(room->description);
	explicit_bzero(room, sizeof *room);
	free(room);
}

void
sealed_attempt_free(struct sealed_attempt *attempt)
{
	if (attempt == NULL)
		return;
	sealed_request_fini(&attempt->request);
	sealed_room_free(attempt->room);
	free(attempt);
}

static struct sealed_attempt *
attempt_of(const struct client *client)
{
	return ((struct sealed_state *)client->own)->attempt;
}

static bool
is_creating(const struct client *client)
{
	return attempt_of(client)->request.kind == SEALED_CREATE_ROOM;
}

/* Who the client wants to be. */
static struct slice
wanted_name(const struct client *client)
{
	return is_creating(client) ? slice_of(OWNER)
				   : attempt_of(client)->request.name;
}

/* --- How it ends */

static void
end_attempt(struct client *client)
{
	struct sealed_state *state = client->own;

	sealed_attempt_free(state->attempt);
	state->attempt = NULL;
	client_release(client);
}

static void
fail(struct client *client, const char *message)
{
	sealed_tell_error(client, message);
	end_attempt(client);
}

/* The old room is left: nothing of the new one may stay. Without memory the
 * guest keeps its new name, and its claim until the next try or its end. */
static void
fail_outside(struct client *client, const char *message)
{
	(void)client_become_guest(client, slice_of(""));
	fail(client, message);
}

static const char *
word_refusal(const struct frame_refused *why, char *text, size_t room)
{
	switch (error_find(why->code)) {
	case ERROR_not_allowed:
		return "wrong join key or password";
	case ERROR_room_not_found:
		return "the room is gone";
	case ERROR_taken:
		return NAME_TAKEN;
	case ERROR_too_many:
		snprintf(text, room,
			 "too many wrong tries; try again in %llu seconds",
			 (unsigned long long)why->retry_after);
		return text;
	default:
		return SEALED_UNAVAILABLE;
	}
}

/* Whether the answer is of the kind that was asked for. If not, `end` ends the
 * attempt. */
static bool
is_granted(struct client *client, const struct frame *answer,
	   enum frame_kind wanted,
	   void (*end)(struct client *client, const char *message))
{
	char text[96];

	if (answer->kind == wanted)
		return true;
	end(client, answer->kind == FRAME_refused
			? word_refusal(&answer->refused, text, sizeof text)
			: SEALED_UNAVAILABLE);
	return false;
}

/* --- Entering */

static void
on_visit(struct client *client, struct seat *seat,
	 const struct frame_refused *why)
{
	struct sealed_state *state = client->own;
	char text[96];

	if (seat == NULL) {
		fail_outside(client, word_refusal(why, text, sizeof text));
		return;
	}
	state->room = state->attempt->room;
	state->attempt->room = NULL;
	if (is_creating(client))
		sealed_tell_created(client, seat);
	else
		sealed_tell_joined(client, seat);
	end_attempt(client);
}

/* RoomJoined says who is there and brings the key: what happens before it would
 * only confuse. */
static void
on_claimed(struct client *client, void *context, const struct frame *answer)
{
	const struct visit_wish wish = {
		.sealed = attempt_of(client)->room->id,
		.waits_until_told = true,
		.is_silent = true,
	};

	(void)context;
	if (is_granted(client, answer, FRAME_done, fail_outside))
		visits_begin(client, &wish, on_visit);
}

static void
change_rooms(struct client *client)
{
	struct sealed_state *state = client->own;

	if (client_become_guest(client, wanted_name(client)) != 0) {
		fail(client, SEALED_UNAVAILABLE);
		return;
	}
	sealed_room_free(state->room);
	state->room = NULL;
	bound_names_claim(client, &state->attempt->room->id, on_claimed, NULL);
}

/* One's own name is not taken: it goes with the visit that ends. */
static void
on_name_found(struct client *client, void *context, const struct frame *answer)
{
	const struct frame_person *person;

	(void)context;
	if (!is_granted(client, answer, FRAME_users, fail))
		return;
	person = answer->users.users.items;
	if (answer->users.users.n > 0 &&
	    !uuid_equal(&person->user, &client->user->id))
		fail(client, NAME_TAKEN);
	else
		change_rooms(client);
}

/* Who has a room to lose asks first whether the name can be had. */
static void
enter(struct client *client)
{
	const struct sealed_state *state = client->own;

	if (state->room == NULL)
		change_rooms(client);
	else
		bound_names_find(client, &state->attempt->room->id,
				 wanted_name(client), on_name_found, NULL);
}

/* --- What the room is, and what opens it */

static bool
note_info(struct sealed_room *room, const struct frame_room_info *info)
{
	room->id = info->room;
	room->created_at = info->created_at / 1000;
	memcpy(room->name, info->name.at, info->name.n);
	if (info->description.n > 0)
		room->description =
		    strndup(info->description.at, info->description.n);
	return info->description.n == 0 || room->description != NULL;
}

static void
note_keys(struct sealed_room *room, const struct frame_unsealed *unsealed)
{
	room->id = unsealed->room;
	room->has_password = unsealed->has_password;
	memcpy(room->join_key, unsealed->join_key.at, unsealed->join_key.n);
	if (unsealed->key.n > 0)
		(void)EVP_EncodeBlock((uint8_t *)room->encryption_key,
				      (const uint8_t *)unsealed->key.at,
				      (int)unsealed->key.n);
}

static void ask_store(struct client *client);
static void ask_auth(struct client *client);

/* Joining the room where one is, as who one is: there is nothing to change. */
static bool
is_there_already(const struct client *client)
{
	const struct sealed_state *state = client->own;

	return state->room != NULL && sealed_seat_of(client) != NULL &&
	       uuid_equal(&state->room->id, &state->attempt->room->id) &&
	       slice_is(wanted_name(client), client->user->name);
}

static void
on_unsealed(struct client *client, void *context, const struct frame *answer)
{
	(void)context;
	if (!is_granted(client, answer, FRAME_unsealed, fail))
		return;
	note_keys(attempt_of(client)->room, &answer->unsealed);
	if (is_creating(client)) {
		enter(client);
	} else if (is_there_already(client)) {
		sealed_tell_joined(client, sealed_seat_of(client));
		end_attempt(client);
	} else {
		ask_store(client);
	}
}

static void
on_room(struct client *client, void *context, const struct frame *answer)
{
	(void)context;
	if (!is_granted(client, answer, FRAME_rooms, fail))
		return;
	if (answer->rooms.rooms.n != 1 ||
	    !note_info(attempt_of(client)->room, answer->rooms.rooms.items))
		fail(client, SEALED_UNAVAILABLE);
	else if (is_creating(client))
		ask_auth(client);
	else
		enter(client);
}

static void
ask_auth(struct client *client)
{
	const struct sealed_state *state = client->own;
	const struct sealed_attempt *attempt = state->attempt;
	const struct sealed_request *request = &attempt->request;
	struct frame frame = { 0 };

	if (is_creating(client)) {
		frame.kind = FRAME_seal;
		frame.seal.room = attempt->room->id;
		frame.seal.password = request->password;
		frame.seal.client_key = request->client_key;
	} else {
		frame.kind = FRAME_unseal;
		frame.unseal.join_key = request->join_key;
		frame.unseal.password = request->password;
		frame.unseal.address = slice_of(state->address);
	}
	asks_send(client, bus_next(client_gateway(client)->bus, AUTH), &frame,
		  WAIT_MS, on_unsealed, NULL);
}

static void
ask_store(struct client *client)
{
	const struct sealed_attempt *attempt = attempt_of(client);
	struct frame frame = { 0 };

	if (is_creating(client)) {
		frame.kind = FRAME_create_room;
		frame.create_room.room = attempt->room->id;
		frame.create_room.kind = ROOM_SEALED;
		frame.create_room.name = attempt->request.name;
		frame.create_room.description = attempt->request.description;
	} else {
		frame.kind = FRAME_get_room;
		frame.get_room.room = attempt->room->id;
		frame.get_room.user = client->user->id;
		frame.get_room.sealed = true;
	}
	asks_send(client, bus_next(client_gateway(client)->bus, STORE), &frame,
		  WAIT_MS, on_room, NULL);
}

/* --- How it begins */

/* The name of the one who made the room is nobody else's there, whether the
 * maker is in or not. */
static bool
is_owners_name(struct slice name)
{
	char key[NAME_KEY_BYTES], owner[NAME_KEY_BYTES];

	return name_key(name, key) && name_key(slice_of(OWNER), owner) &&
	       strcmp(key, owner) == 0;
}

static struct sealed_attempt *
attempt_new(struct sealed_request *request)
{
	struct sealed_attempt *attempt = calloc(1, sizeof *attempt);
	struct sealed_room *room = calloc(1, sizeof *room);

	if (attempt == NULL || room == NULL) {
		free(attempt);
		free(room);
		return NULL;
	}
	attempt->request = *request;
	attempt->room = room;
	request->json = NULL;
	return attempt;
}

void
sealed_room_enter(struct client *client, struct sealed_request *request)
{
	bool creates = request->kind == SEALED_CREATE_ROOM;
	struct sealed_state *state = client->own;

	if (!creates && is_owners_name(request->name)) {
		sealed_tell_error(client, NAME_TAKEN);
		return;
	}
	state->attempt = attempt_new(request);
	if (state->attempt == NULL) {
		sealed_tell_error(client, SEALED_UNAVAILABLE);
		return;
	}
	client_hold(client);
	if (creates) {
		uuid_make_v7(&state->attempt->room->id,
			     loop_unix_ms(client_gateway(client)->loop));
		ask_store(client);
	} else {
		ask_auth(client);
	}
}
