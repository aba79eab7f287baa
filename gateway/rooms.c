/* SPDX-License-Identifier: MIT */
/* gateway/rooms.c - rooms and their seats. */
#include "gateway/rooms.h"

#include "gateway/announce.h"
#include "gateway/bound_names.h"
#include "gateway/catch_up.h"
#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/fanout.h"
#include "gateway/typing.h"
#include "gateway/visits.h"

#include <stdlib.h>
#include <utlist.h>

struct room *
rooms_find(struct gateway *gateway, const struct uuid *id)
{
	return table_find(&gateway->rooms, id);
}

void
rooms_set_facts(struct room *room, unsigned kind, struct slice name,
		uint64_t change)
{
	char *copy;

	if (room->name != NULL && change < room->known)
		return;
	copy = strndup(name.at, name.n);
	if (copy == NULL)
		return; /* the name that it had, or none */
	free(room->name);
	room->name = copy;
	room->kind = (uint8_t)kind;
	room->known = change;
}

static void
set_party(struct party_name *party, const struct uuid *user, struct slice name)
{
	party->user = *user;
	snprintf(party->name, sizeof party->name, "%.*s", (int)name.n,
		 name.at == NULL ? "" : name.at);
}

void
rooms_set_direct(struct room *room, const struct frame_direct *direct)
{
	if (room->direct == NULL)
		room->direct = calloc(2, sizeof *room->direct);
	if (room->direct == NULL)
		return;
	set_party(&room->direct[0], &direct->user, direct->user_name);
	set_party(&room->direct[1], &direct->peer, direct->peer_name);
}

const struct party_name *
rooms_other(const struct room *room, const struct uuid *user)
{
	if (room->direct == NULL)
		return NULL;
	return &room->direct[uuid_equal(&room->direct[0].user, user) ? 1 : 0];
}

/* --- Rooms come with their first seat and go with their last */

void
rooms_wait_for_turn(struct room *room)
{
	if (room->is_waiting)
		return;
	room->is_waiting = true;
	LL_PREPEND2(room->gateway->to_subscribe, room, next_waiting);
}

static struct room *
find_or_add(struct gateway *gateway, const struct uuid *id, unsigned kind)
{
	struct room *room = rooms_find(gateway, id);

	if (room != NULL)
		return room;
	room = calloc(1, sizeof *room);
	if (room == NULL)
		return NULL;
	room->id = *id;
	room->gateway = gateway;
	room->kind = (uint8_t)kind;
	if (table_add(&gateway->rooms, room) != 0) {
		free(room);
		return NULL;
	}
	rooms_wait_for_turn(room);
	return room;
}

static void
forget(struct room *room)
{
	struct gateway *g = room->gateway;
	struct frame frame = { .kind = FRAME_unsubscribe };

	frame.unsubscribe.rooms = (frame_UUIDS){ &room->id, 1 };
	bus_tell(bus_owner(g->bus, ROUTER, &room->id), &frame);
	if (room->is_waiting)
		LL_DELETE2(g->to_subscribe, room, next_waiting);
	table_remove(&g->rooms, room);
	roster_fini(&room->roster);
	free(room->typing);
	free(room->name);
	free(room->direct);
	free(room->seats);
	free(room);
}

/* --- Seats */

static int
make_place(void *array, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t grown = *room < 4 ? 4 : *room + *room / 2;
	void **old = array;
	void *moved;

	if (n < *room)
		return 0;
	moved = realloc(*old, grown * size);
	if (moved == NULL)
		return -1;
	*old = moved;
	*room = grown;
	return 0;
}

/* A client's seats are few: their array grows by one. Most have a single one,
 * and no array. */
static int
add_to_client(struct client *client, struct seat *seat)
{
	struct seat **seats = client->has_seats ? client->seats : NULL;
	struct seat **grown;

	if (client->seat_count == 0 && !client->has_seats) {
		client->only_seat = seat;
		client->seat_count = 1;
		return 0;
	}
	grown = realloc(seats, (client->seat_count + 1) * sizeof *grown);
	if (grown == NULL)
		return -1;
	if (!client->has_seats)
		grown[0] = client->only_seat;
	client->has_seats = true;
	client->seats = grown;
	client->seats[client->seat_count++] = seat;
	return 0;
}

static int
add_to_room(struct room *room, struct seat *seat)
{
	if (make_place(&room->seats, room->seat_count, &room->seat_room,
		       sizeof *room->seats) != 0)
		return -1;
	seat->place = room->seat_count;
	room->seats[room->seat_count++] = seat;
	return 0;
}

static void
take_from_room(struct seat *seat)
{
	struct room *room = seat->room;
	struct seat *last = room->seats[--room->seat_count];

	room->seats[seat->place] = last;
	last->place = seat->place;
}

static void
take_from_client(struct seat *seat)
{
	struct client *client = seat->client;
	uint32_t i = 0, last = --client->seat_count;

	while (client_seat(client, i) != seat)
		i++;
	if (client->has_seats)
		client->seats[i] = client->seats[last];
	if (client->has_seats && client->seat_count == 0) {
		free(client->seats);
		client->has_seats = false;
	}
}

struct seat *
rooms_seat_of(const struct client *client, const struct uuid *room)
{
	for (uint32_t i = 0; i < client->seat_count; i++)
		if (uuid_equal(&client_seat(client, i)->room->id, room))
			return client_seat(client, i);
	return NULL;
}

static void
set_state(struct seat *seat, enum seat_state state)
{
	if (state == SEAT_LIVE)
		fanout_admit(seat->room, seat->client);
	else
		fanout_flush(seat->room);
	seat->client->behind_count += (state == SEAT_BEHIND);
	seat->client->behind_count -= (seat->state == SEAT_BEHIND);
	seat->state = state;
}

static bool
hears(const struct seat *seat)
{
	const struct dialect *dialect = seat->client->dialect;

	return dialect->hears == NULL || dialect->hears(seat->client, seat);
}

static void
begin_hearing(struct seat *seat)
{
	if (!hears(seat)) {
		set_state(seat, SEAT_DEAF);
	} else if (seat->client->is_held) {
		set_state(seat, SEAT_HELD);
	} else {
		set_state(seat, SEAT_BEHIND);
		rooms_settle(seat);
	}
}

static struct seat *
add_seat(struct client *client, struct room *room, uint64_t seq,
	 enum seat_as as)
{
	struct seat *seat = room == NULL ? NULL : calloc(1, sizeof *seat);

	if (seat == NULL)
		return NULL;
	seat->client = client;
	seat->room = room;
	seat->state = SEAT_DEAF; /* until begin_hearing() */
	seat->seq = seat->from = seq;
	seat->is_member = as == SEAT_AS_MEMBER;
	seat->is_visit = as == SEAT_AS_VISITOR;
	if (add_to_client(client, seat) != 0 || add_to_room(room, seat) != 0) {
		if (client->seat_count > 0 &&
		    client_seat(client, client->seat_count - 1) == seat)
			take_from_client(seat);
		free(seat);
		return NULL;
	}
	return seat;
}

static void
reconsider(struct seat *seat)
{
	if (hears(seat) == (seat->state != SEAT_DEAF))
		return;
	fanout_flush(seat->room);
	seat->seq = seat->from = SEQ_FROM_NOW;
	seat->is_reading = false;
	begin_hearing(seat);
}

void
rooms_reconsider(struct client *client)
{
	for (uint32_t i = 0; i < client->seat_count; i++)
		reconsider(client_seat(client, i));
}

static void
be_there_as(struct seat *seat, enum seat_as as)
{
	bool was_member = seat->is_member;

	seat->is_member |= as == SEAT_AS_MEMBER;
	seat->is_visit |= as == SEAT_AS_VISITOR;
	if (seat->is_member != was_member)
		announce_entered(seat);
	reconsider(seat);
}

struct seat *
rooms_seat(struct client *client, const struct uuid *room, unsigned kind,
	   uint64_t seq, enum seat_as as)
{
	struct seat *seat = rooms_seat_of(client, room);

	if (seat != NULL) {
		be_there_as(seat, as);
		return seat;
	}
	seat = add_seat(client, find_or_add(client_gateway(client), room, kind),
			seq, as);
	if (seat == NULL)
		return NULL;
	begin_hearing(seat);
	announce_entered(seat);
	typing_tell_open(seat);
	return seat;
}

void
rooms_unseat(struct seat *seat)
{
	struct client *client = seat->client;
	struct room *room = seat->room;

	announce_exited(seat);
	visits_forget(seat);
	bound_names_forget(seat->client, &room->id);
	set_state(seat, SEAT_HELD);
	take_from_room(seat);
	take_from_client(seat);
	free(seat->request_id);
	free(seat);
	if (client->dialect->on_unseated != NULL)
		client->dialect->on_unseated(client, &room->id);
	if (room->seat_count == 0)
		forget(room);
}

void
rooms_leave(struct seat *seat, enum seat_as as)
{
	bool was_member = seat->is_member;

	seat->is_member &= as != SEAT_AS_MEMBER;
	seat->is_stale &= seat->is_member;
	seat->is_visit &= as != SEAT_AS_VISITOR;
	if (!seat->is_member && !seat->is_visit) {
		rooms_unseat(seat);
		return;
	}
	if (seat->is_member != was_member)
		announce_entered(seat);
	reconsider(seat);
}

void
rooms_mute(struct seat *seat, uint64_t until_ms)
{
	seat->muted_ms =
	    until_ms < SEAT_MUTED_MAX_MS ? until_ms : SEAT_MUTED_MAX_MS;
}

void
rooms_doubt(struct seat *seat)
{
	seat->is_stale = true;
	seat->room->has_stale = true;
	rooms_wait_for_turn(seat->room);
}

/* From the last seat to the first: the room goes with its last one. */
void
rooms_drop_stale(struct room *room)
{
	const struct uuid id = room->id;
	struct gateway *g = room->gateway;

	if (!room->has_stale)
		return;
	room->has_stale = false;
	for (uint32_t i = room->seat_count; i-- > 0;) {
		room = rooms_find(g, &id);
		if (room == NULL)
			return;
		if (i < room->seat_count && room->seats[i]->is_stale)
			rooms_leave(room->seats[i], SEAT_AS_MEMBER);
	}
}

void
rooms_settle(struct seat *seat)
{
	if (seat->state != SEAT_BEHIND || !seat->room->is_synced ||
	    seat->seq < seat->room->seq)
		return;
	if (seat->seq == SEQ_FROM_NOW)
		seat->seq = seat->from = seat->room->seq;
	if (seat->is_doubtful && seat->seq > seat->room->seq)
		return;
	set_state(seat, SEAT_LIVE);
	seat->is_reading = false;
	if (seat->client->dialect->on_caught_up != NULL)
		seat->client->dialect->on_caught_up(seat->client, seat);
	visits_seat_is_live(seat);
}

/* The room's head may have come late: a seat can be ahead of it. */
uint64_t
rooms_told(const struct seat *seat)
{
	return seat->state == SEAT_LIVE && seat->room->seq > seat->seq
		   ? seat->room->seq
		   : seat->seq;
}

void
rooms_fall_behind(struct seat *seat, uint64_t seq)
{
	fanout_flush(seat->room);
	seat->seq = seat->from = seq;
	seat->is_reading = false;
	seat->was_cut = false;
	set_state(seat, SEAT_BEHIND);
	rooms_settle(seat);
}

void
rooms_announce(struct gateway *gateway, const struct frame_verified *user,
	       const struct uuid *room)
{
	struct frame frame = { .kind = FRAME_join };

	frame.join.room = *room;
	frame.join.user = user->user;
	frame.join.user_number = user->user_number;
	frame.join.user_name = user->user_name;
	bus_tell(bus_owner(gateway->bus, ROUTER, room), &frame);
}
