/* SPDX-License-Identifier: MIT */
/* gateway/typing.c - typing that begins and ends, each told once. */
#include "gateway/typing.h"

#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/dialect.h"

#include <stdlib.h>

/* The place in room->typing, or typing_count. */
static uint32_t
place_of(const struct room *room, const struct uuid *user)
{
	uint32_t i = 0;

	while (i < room->typing_count && !uuid_equal(&room->typing[i], user))
		i++;
	return i;
}

/* Nobody is told of their own typing. */
static void
tell(struct room *room, const struct uuid *user, bool on)
{
	const struct frame_person person = { .user = *user };
	const struct event event = {
		.kind = EVENT_TYPING, .room = room, .person = &person, .on = on
	};

	rooms_tell(room, &event, users_find(room->gateway, user));
}

static void
begin(struct room *room, const struct uuid *user)
{
	struct uuid *grown;

	if (place_of(room, user) < room->typing_count)
		return;
	grown = realloc(room->typing, (room->typing_count + 1) * sizeof *grown);
	if (grown == NULL)
		return;
	room->typing = grown;
	room->typing[room->typing_count++] = *user;
	tell(room, user, true);
}

bool
typing_end(struct room *room, const struct uuid *user)
{
	uint32_t place = place_of(room, user);

	if (place == room->typing_count)
		return false;
	/* What `user` points to may be the place that is given up. */
	const struct uuid who = *user;
	room->typing[place] = room->typing[--room->typing_count];
	tell(room, &who, false);
	return true;
}

void
typing_end_by_message(struct room *room, const struct uuid *user)
{
	const struct user *author;

	if (!typing_end(room, user))
		return;
	author = users_find(room->gateway, user);
	if (author != NULL)
		typing_tell(author->clients, room, false);
}

void
typing_hear(struct room *room, const struct frame_typing *typing)
{
	if (typing->on)
		begin(room, &typing->user);
	else
		(void)typing_end(room, &typing->user);
}

void
typing_tell_open(const struct seat *seat)
{
	struct client *client = seat->client;
	const struct room *room = seat->room;

	for (uint32_t i = 0; i < room->typing_count; i++) {
		const struct frame_person person = { .user = room->typing[i] };
		const struct event event = { .kind = EVENT_TYPING,
					     .room = room,
					     .person = &person,
					     .on = true };
		if (!uuid_equal(&person.user, &client->user->id))
			client_send(client, client->dialect->encode(
						&event, client->variant));
	}
}

void
typing_end_all(struct gateway *gateway)
{
	struct room *room;
	size_t cursor = 0;

	while ((room = table_next(&gateway->rooms, &cursor)) != NULL)
		while (room->typing_count > 0)
			(void)typing_end(room, &room->typing[0]);
}

static bool
is_muted(const struct client *client, const struct room *room)
{
	const struct seat *seat = rooms_seat_of(client, &room->id);

	return seat != NULL &&
	       seat->muted_ms > loop_unix_ms(client_gateway(client)->loop);
}

void
typing_tell(struct client *client, const struct room *room, bool on)
{
	struct frame frame = { .kind = FRAME_typing };

	if (on && is_muted(client, room))
		return;
	frame.typing.room = room->id;
	frame.typing.user = client->user->id;
	frame.typing.connection = client_id(client);
	frame.trace = connection_trace(client->connection);
	frame.typing.on = on;
	client_gateway(client)->count.typing++;
	bus_tell(client_presence(client), &frame);
}
