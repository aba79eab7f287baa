/* SPDX-License-Identifier: MIT */
/* gateway/announce.c - opened, closed, entered, exited. */
#include "gateway/announce.h"

#include "gateway/bound_names.h"
#include "gateway/connection.h"

#define IDS_PER_FRAME 1000

/* --- Seats */

static void
tell_entered(struct seat *seat)
{
	struct frame frame = { .kind = FRAME_entered };

	seat->owes_entered = false;
	frame.trace = connection_trace(seat->client->connection);
	frame.entered.connection = client_id(seat->client);
	frame.entered.room = seat->room->id;
	frame.entered.visit = !seat->is_member;
	bus_tell(client_presence(seat->client), &frame);
}

/* A visitor's coming is news to everybody who hears the room, the visitor
 * included: so it is told only once we know who was there before. */
void
announce_entered(struct seat *seat)
{
	const struct client *client = seat->client;

	if (!client->is_announced || client->is_closing)
		return;
	if (!seat->is_member && !seat->room->roster.is_known) {
		seat->owes_entered = true;
		roster_ask(seat->room);
	} else {
		tell_entered(seat);
	}
}

void
announce_late(struct seat *seat)
{
	if (seat->client->is_announced)
		return;
	if (seat->room->roster.is_known) {
		announce_opened(seat->client);
	} else {
		seat->owes_entered = true;
		roster_ask(seat->room);
	}
}

void
announce_exited(struct seat *seat)
{
	const struct client *client = seat->client;
	struct frame frame = { .kind = FRAME_exited };

	if (!client->is_announced || client->is_closing || seat->owes_entered)
		return;
	frame.trace = connection_trace(client->connection);
	frame.exited.connection = client_id(client);
	frame.exited.room = seat->room->id;
	bus_tell(client_presence(client), &frame);
}

void
rooms_pay_entered(struct room *room)
{
	for (uint32_t i = 0; i < room->seat_count; i++) {
		struct seat *seat = room->seats[i];
		if (!seat->owes_entered)
			continue;
		if (seat->client->is_announced)
			tell_entered(seat);
		else
			announce_opened(seat->client);
	}
}

/* --- Clients */

/* Rooms in which it is as a member go along; the others are told one by one. */
static size_t
gather_rooms(struct client *client, struct uuid *rooms)
{
	size_t n = 0;

	while (n < client->seat_count && n < IDS_PER_FRAME &&
	       client_seat(client, n)->is_member) {
		rooms[n] = client_seat(client, n)->room->id;
		n++;
	}
	return n;
}

void
announce_opened(struct client *client)
{
	struct peer *presence = client_presence(client);
	struct frame frame = { .kind = FRAME_opened };
	struct uuid *rooms;
	size_t n;

	if (client->user->name[0] == '\0')
		return;
	client->is_announced = true;
	for (uint32_t i = 0; i < client->seat_count; i++)
		client_seat(client, i)->owes_entered = false;
	rooms = arena_array(bus_arena(client_gateway(client)->bus),
			    IDS_PER_FRAME, sizeof *rooms);
	if (rooms == NULL || !peer_is_up(presence))
		return;
	n = gather_rooms(client, rooms);
	frame.trace = connection_trace(client->connection);
	frame.opened.connection = client_id(client);
	frame.opened.user = client->user->id;
	frame.opened.user_number = client->user->number;
	frame.opened.user_name = slice_of(client->user->name);
	frame.opened.rooms = (frame_UUIDS){ rooms, n };
	bus_tell(presence, &frame);
	for (; n < client->seat_count; n++)
		tell_entered(client_seat(client, n));
}

void
announce_gone(struct gateway *gateway, uint64_t connection,
	      const struct uuid *user)
{
	struct frame frame = { .kind = FRAME_closed };

	frame.trace = connection_trace_of(gateway, connection);
	frame.closed.connection = connection;
	bus_tell(bus_owner(gateway->bus, PRESENCE, user), &frame);
}

void
announce_closed(struct client *client)
{
	if (!client->is_announced)
		return;
	client->is_announced = false;
	announce_gone(client_gateway(client), client_id(client),
		      &client->user->id);
}

static void
announce_again(struct client *client, void *context)
{
	(void)context;
	if (!client->is_ready)
		return;
	announce_opened(client);
	bound_names_retell(client);
}

void
announce_all(struct gateway *gateway)
{
	clients_each(gateway, announce_again, NULL);
}
