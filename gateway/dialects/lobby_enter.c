/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby_enter.c - Enter: a name, a room, and a visit there.
 *
 * A store that is away is asked again for ten seconds; without presence nobody
 * can enter.
 */
#include "gateway/dialects/lobby.h"

#include "gateway/connection.h"

#include <stdlib.h>

/* Without presence nobody can enter; a store that is away may come back. */
static bool
may_try_again(const struct client *client, const struct frame_refused *why)
{
	uint64_t now_ms = loop_now_ms(client_gateway(client)->loop);

	return error_find(why->code) == ERROR_unavailable &&
	       peer_is_up(client_presence(client)) &&
	       now_ms < lobby_of(client)->entering_ms + LOBBY_HOLD_MS;
}

static void
end_entering(struct lobby *lobby)
{
	free(lobby->entering);
	lobby->entering = NULL;
}

static void
turn_away(struct client *client, const struct frame_refused *why)
{
	switch (error_find(why->code)) {
	case ERROR_taken:
		lobby_close(client, "sender_username: the name is in use");
		break;
	case ERROR_banned:
		connection_close(client->connection, CLOSE_BANNED,
				 "you are banned from this room");
		break;
	case ERROR_archived:
		lobby_close(client, "room: it is archived");
		break;
	default:
		lobby_close_for(client, why, "room: no such room");
		break;
	}
}

static void
on_visit(struct client *client, struct seat *seat,
	 const struct frame_refused *why)
{
	struct lobby *lobby = lobby_of(client);

	lobby->is_asking = false;
	if (seat == NULL && may_try_again(client, why))
		return;
	end_entering(lobby);
	if (seat != NULL)
		rooms_reconsider(client);
	else
		turn_away(client, why);
	client_release(client);
}

static void
try_to_enter(struct client *client)
{
	struct lobby *lobby = lobby_of(client);
	const struct slice room = slice_of(lobby->entering);
	const struct visit_wish wish = {
		.name = room,
		.makes_room = lobby_is_same_name(room, slice_of(LOBBY_ROOM)),
		.binds_name = client_is_guest(client),
		.waits_until_told = true,
	};

	lobby->is_asking = true;
	visits_begin(client, &wish, on_visit);
}

static void
enter_room(struct client *client, struct slice room)
{
	struct lobby *lobby = lobby_of(client);

	lobby->entering = strndup(room.at, room.n);
	if (lobby->entering == NULL) {
		lobby_close(client, "out of memory");
		return;
	}
	lobby->entering_ms = loop_now_ms(client_gateway(client)->loop);
	client_hold(client);
	try_to_enter(client);
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

void
lobby_enter(struct client *client, const json_t *body)
{
	struct slice sender, room;

	if (!lobby_read_sender(client, body, &sender) ||
	    !lobby_read_room(client, body, &room) ||
	    visits_find(client, room) != NULL)
		return;
	if (client_is_guest(client))
		enter_as_guest(client, sender);
	else
		enter_room(client, room);
}

void
lobby_try_entering(struct client *client)
{
	const struct lobby *lobby = lobby_of(client);

	if (lobby->entering != NULL && !lobby->is_asking)
		try_to_enter(client);
}
