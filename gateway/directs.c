/* SPDX-License-Identifier: MIT */
/* gateway/directs.c - auth knows users, the store knows their rooms. */
#include "gateway/directs.h"

#include "gateway/users.h"

/* --- Finding */

/* The answer, or that there is nobody. */
static const struct frame *
somebody(const struct frame *answer)
{
	static const struct frame nobody = {
		.kind = FRAME_refused,
		.refused.code = { "user_not_found", 14 },
		.refused.text = { "no such user", 12 },
	};

	if (answer->kind == FRAME_users && answer->users.users.n != 1)
		return &nobody;
	return answer;
}

static void
on_users(struct client *client, void *context, const struct frame *answer)
{
	asks_inner_answer(client, context, somebody(answer));
}

/* Takes `asked`. */
static void
ask_auth(struct client *client, const struct user_wish *wish,
	 ask_handler *on_answer, struct ask_inner *asked)
{
	struct frame frame = { .kind = FRAME_find_users };
	struct uuid id = wish->id;

	if (!uuid_is_nil(&id))
		frame.find_users.users = (frame_UUIDS){ &id, 1 };
	frame.find_users.user_number = wish->number;
	frame.find_users.user_name = wish->name;
	asks_send_for(client, bus_next(client_gateway(client)->bus, AUTH),
		      &frame, WAIT_MS, on_answer, asked, asks_inner_free);
}

void
directs_find_user(struct client *client, const struct user_wish *wish,
		  ask_handler *on_found, void *context)
{
	struct ask_inner *asked = asks_inner(client, on_found, context);

	if (asked != NULL)
		ask_auth(client, wish, on_users, asked);
}

/* --- Opening */

static void
on_direct(struct client *client, void *context, const struct frame *answer)
{
	if (answer->kind == FRAME_direct)
		directs_seat(client_gateway(client), &answer->direct);
	asks_inner_answer(client, context, answer);
}

static void
open_with(struct client *client, const struct frame_person *peer,
	  struct ask_inner *asked)
{
	struct gateway *g = client_gateway(client);
	struct frame frame = { .kind = FRAME_open_direct };

	uuid_make_v7(&frame.open_direct.room, loop_unix_ms(g->loop));
	frame.open_direct.user = client->user->id;
	frame.open_direct.user_number = client->user->number;
	frame.open_direct.user_name = slice_of(client->user->name);
	frame.open_direct.peer = peer->user;
	frame.open_direct.peer_number = peer->user_number;
	frame.open_direct.peer_name = peer->user_name;
	asks_send_for(client,
		      bus_owner(g->bus, ROUTER, &frame.open_direct.room),
		      &frame, WAIT_MS, on_direct, asked, asks_inner_free);
}

static void
on_peer(struct client *client, void *context, const struct frame *answer)
{
	answer = somebody(answer);
	if (answer->kind == FRAME_users)
		open_with(client, answer->users.users.items, context);
	else
		asks_inner_answer(client, context, answer);
}

void
directs_open(struct client *client, const struct user_wish *wish,
	     ask_handler *on_open, void *context)
{
	struct ask_inner *asked = asks_inner(client, on_open, context);

	if (asked != NULL)
		ask_auth(client, wish, on_peer, asked);
}

void
directs_seat(struct gateway *gateway, const struct frame_direct *direct)
{
	struct room *room;

	users_seat(gateway, &direct->user, &direct->room, ROOM_DIRECT, 0,
		   direct->seq);
	users_seat(gateway, &direct->peer, &direct->room, ROOM_DIRECT, 0,
		   direct->seq);
	room = rooms_find(gateway, &direct->room);
	if (room != NULL)
		rooms_set_direct(room, direct);
}
