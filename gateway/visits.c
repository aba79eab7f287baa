/* SPDX-License-Identifier: MIT */
/* gateway/visits.c - finds the room, takes the seat, waits until it stands. */
#include "gateway/visits.h"

#include "gateway/announce.h"
#include "gateway/asks.h"
#include "gateway/bound_names.h"
#include "gateway/connection.h"
#include "gateway/fanout.h"
#include "gateway/moderation.h"
#include "gateway/refusals.h"
#include "proto/names.h"

#include <stdlib.h>

#define UNTOLD_MS 1000

struct arrival {
	struct uuid user; /* who began it */
	struct uuid sealed;
	bool makes_room;
	bool binds_name;
	bool waits_until_told;
	bool is_silent;
	visit_handler *on_visit;
	struct uuid room; /* once it is found */
	uint8_t kind;
	uint64_t change; /* the room's newest, when it was found */
	size_t name_bytes;
	char name[NAME_MAX_BYTES];
};

static struct slice
name_of(const struct arrival *arrival)
{
	return (struct slice){ arrival->name, arrival->name_bytes };
}

static void
refuse(struct client *client, visit_handler *on_visit, enum error_code code,
       const char *text)
{
	const struct frame_refused why = refusal_of(code, text);

	on_visit(client, NULL, &why);
}

/* --- The seat */

static enum visit_state
state_of(const struct seat *seat)
{
	return seat->visit == NULL ? VISIT_NONE
				   : (enum visit_state)seat->visit->state;
}

static void
settle(struct seat *seat)
{
	struct client *client = seat->client;
	struct visit *visit = seat->visit;
	visit_handler *on_visit = visit->on_visit;
	unsigned asks = visit->asks;

	visit->state = VISIT_BEGUN;
	visit->asks = 0;
	fanout_flush(seat->room);
	seat->is_silent = false;
	client->visits_pending--;
	for (; asks > 0; asks--)
		on_visit(client, seat, NULL);
}

/* Whether the coming is going to be told, and was not. */
static bool
is_untold(const struct seat *seat)
{
	const struct roster *roster = &seat->room->roster;
	const struct client *client = seat->client;
	struct peer *presence =
	    bus_owner(client_gateway(client)->bus, PRESENCE, &seat->room->id);

	return peer_is_up(presence) && roster_count(roster) <= ROSTER_SMALL &&
	       !roster_has(roster, &client->user->id);
}

void
visits_seat_is_live(struct seat *seat)
{
	if (state_of(seat) != VISIT_SEATING)
		return;
	announce_late(seat);
	if (seat->visit->waits_until_told && is_untold(seat)) {
		seat->visit->state = VISIT_UNTOLD;
		seat->room->visits_untold++;
	} else {
		settle(seat);
	}
}

static void
stop_waiting(struct seat *seat)
{
	seat->room->visits_untold--;
	settle(seat);
}

/* Handlers may end seats: from the last to the first, none is left out. */
void
visits_roster_changed(struct room *room)
{
	for (uint32_t i = room->seat_count; i-- > 0 && room->visits_untold > 0;)
		if (state_of(room->seats[i]) == VISIT_UNTOLD &&
		    !is_untold(room->seats[i]))
			stop_waiting(room->seats[i]);
}

void
visits_forget(struct seat *seat)
{
	enum visit_state state = state_of(seat);

	if (state == VISIT_UNTOLD)
		seat->room->visits_untold--;
	if (state == VISIT_SEATING || state == VISIT_UNTOLD)
		seat->client->visits_pending--;
	fanout_flush(seat->room);
	seat->is_silent = false;
	free(seat->visit);
	seat->visit = NULL;
}

void
visits_end(struct seat *seat)
{
	visits_forget(seat);
	rooms_leave(seat, SEAT_AS_VISITOR);
}

/* A visitor's seat; NULL without memory. */
static struct seat *
find_seat(struct client *client, const struct arrival *arrival)
{
	struct seat *seat = rooms_seat(client, &arrival->room, arrival->kind,
				       SEQ_FROM_NOW, SEAT_AS_VISITOR);

	if (seat == NULL || seat->visit != NULL)
		return seat;
	seat->visit = calloc(1, sizeof *seat->visit);
	if (seat->visit != NULL)
		return seat;
	rooms_leave(seat, SEAT_AS_VISITOR);
	return NULL;
}

static void
begin(struct seat *seat, const struct arrival *arrival)
{
	struct visit *visit = seat->visit;

	visit->state = VISIT_SEATING;
	visit->began_ms = loop_now_ms(client_gateway(seat->client)->loop);
	visit->asks++;
	seat->is_silent = arrival->is_silent;
	seat->client->visits_pending++;
	if (seat->state == SEAT_LIVE)
		visits_seat_is_live(seat);
}

static void
take_seat(struct client *client, const struct arrival *arrival)
{
	struct seat *seat = find_seat(client, arrival);
	struct visit *visit;

	if (seat == NULL) {
		refuse(client, arrival->on_visit, ERROR_unavailable,
		       "out of memory");
		return;
	}
	rooms_set_facts(seat->room, arrival->kind, name_of(arrival),
			arrival->change);
	visit = seat->visit;
	visit->on_visit = arrival->on_visit;
	visit->waits_until_told = arrival->waits_until_told;
	visit->entered = visit->admitted = arrival->change;
	if (seat->room->is_synced)
		moderation_check_visits(seat->room, seat->room->change);
	if (visit->state == VISIT_BEGUN)
		visit->on_visit(client, seat, NULL);
	else if (visit->state == VISIT_NONE)
		begin(seat, arrival);
	else
		visit->asks++;
}

/* Ends it; whoever waits for it to begin hears why it does not. */
static void
refuse_seat(struct seat *seat, const struct frame_refused *why)
{
	struct client *client = seat->client;
	struct visit visit = { 0 };

	if (seat->visit != NULL)
		visit = *seat->visit;
	visits_end(seat);
	for (unsigned asks = visit.asks; asks > 0; asks--)
		visit.on_visit(client, NULL, why);
}

void
visits_expel(struct seat *seat, const struct frame_refused *why)
{
	seat->is_member = false;
	refuse_seat(seat, why);
}

static void
give_up(struct seat *seat)
{
	const struct frame_refused why =
	    refusal_of(ERROR_unavailable, "the room cannot be heard now");

	refuse_seat(seat, &why);
}

void
visits_sweep(struct client *client)
{
	uint64_t now_ms;

	if (client->visits_pending == 0)
		return;
	now_ms = loop_now_ms(client_gateway(client)->loop);
	for (uint32_t i = client->seat_count; i-- > 0;) {
		struct seat *seat = client_seat(client, i);
		enum visit_state state = state_of(seat);
		uint64_t waited_ms;

		if (state != VISIT_UNTOLD && state != VISIT_SEATING)
			continue;
		waited_ms = now_ms - seat->visit->began_ms;
		if (state == VISIT_UNTOLD && waited_ms >= UNTOLD_MS)
			stop_waiting(seat);
		else if (state == VISIT_SEATING && waited_ms >= WAIT_MS)
			give_up(seat);
	}
}

/* --- The room */

static void find_room(struct client *client, struct arrival *arrival);

/* The room's own way to write the name; one that is too long cannot be. */
static void
note_room(struct arrival *arrival, const struct frame_room_info *info)
{
	arrival->room = info->room;
	arrival->kind = (uint8_t)info->kind;
	arrival->change = info->change;
	if (info->name.n > sizeof arrival->name)
		return;
	arrival->name_bytes = info->name.n;
	if (info->name.n > 0)
		memcpy(arrival->name, info->name.at, info->name.n);
}

static bool
is_refused_as(const struct frame *answer, enum error_code code)
{
	return answer->kind == FRAME_refused &&
	       error_find(answer->refused.code) == code;
}

/* Who became somebody else meanwhile no longer wants it. */
static bool
is_wanted(const struct client *client, const struct arrival *arrival)
{
	return uuid_equal(&client->user->id, &arrival->user);
}

/* Why the room cannot be visited; ERROR_none: it can. */
static enum error_code
visit_fault(const struct frame_room_info *info)
{
	if (info->kind == ROOM_SEALED)
		return ERROR_none;
	if (info->kind == ROOM_DIRECT ||
	    (info->kind == ROOM_PRIVATE && !info->member))
		return ERROR_room_not_found;
	if (info->banned)
		return ERROR_banned;
	return info->archived_at != 0 && !info->member ? ERROR_archived
						       : ERROR_none;
}

static const char *
fault_words(enum error_code fault)
{
	switch (fault) {
	case ERROR_banned:
		return "you are banned from this room";
	case ERROR_archived:
		return "the room is archived";
	default:
		return "no such room";
	}
}

static void
on_bound(struct client *client, void *context, const struct frame *answer)
{
	struct arrival *arrival = context;

	if (!is_wanted(client, arrival))
		;
	else if (answer->kind == FRAME_done)
		take_seat(client, arrival);
	else
		arrival->on_visit(client, NULL, &answer->refused);
	free(arrival);
}

/* Takes `arrival`. */
static void
enter(struct client *client, struct arrival *arrival,
      const struct frame *answer)
{
	const struct frame_room_info *info = answer->rooms.rooms.items;
	enum error_code fault = ERROR_room_not_found;

	if (!is_wanted(client, arrival)) {
		free(arrival);
		return;
	}
	if (answer->kind == FRAME_rooms && answer->rooms.rooms.n == 1)
		fault = visit_fault(info);
	if (answer->kind == FRAME_refused) {
		arrival->on_visit(client, NULL, &answer->refused);
	} else if (fault != ERROR_none) {
		refuse(client, arrival->on_visit, fault, fault_words(fault));
	} else {
		note_room(arrival, info);
		if (arrival->binds_name) {
			bound_names_claim(client, &arrival->room, on_bound,
					  arrival);
			return;
		}
		take_seat(client, arrival);
	}
	free(arrival);
}

/* Somebody else may have made it in between. */
static void
on_made(struct client *client, void *context, const struct frame *answer)
{
	struct arrival *arrival = context;

	if (is_wanted(client, arrival) && is_refused_as(answer, ERROR_taken)) {
		arrival->makes_room = false;
		find_room(client, arrival);
		return;
	}
	enter(client, arrival, answer);
}

static void
make_room(struct client *client, struct arrival *arrival)
{
	struct frame frame = { .kind = FRAME_create_room };

	uuid_make_v7(&frame.create_room.room,
		     loop_unix_ms(client_gateway(client)->loop));
	frame.create_room.kind = ROOM_PUBLIC;
	frame.create_room.name = name_of(arrival);
	asks_send(client, bus_next(client_gateway(client)->bus, STORE), &frame,
		  WAIT_MS, on_made, arrival);
}

static void
on_found(struct client *client, void *context, const struct frame *answer)
{
	struct arrival *arrival = context;

	if (is_wanted(client, arrival) && arrival->makes_room &&
	    is_refused_as(answer, ERROR_room_not_found)) {
		make_room(client, arrival);
		return;
	}
	enter(client, arrival, answer);
}

static void
find_room(struct client *client, struct arrival *arrival)
{
	struct frame frame = { .kind = FRAME_get_room };

	frame.get_room.user = client->user->id;
	frame.get_room.room = arrival->sealed;
	frame.get_room.sealed = !uuid_is_nil(&arrival->sealed);
	frame.get_room.name = name_of(arrival);
	asks_send(client, bus_next(client_gateway(client)->bus, STORE), &frame,
		  WAIT_MS, on_found, arrival);
}

void
visits_begin(struct client *client, const struct visit_wish *wish,
	     visit_handler *on_visit)
{
	struct arrival *arrival;

	if (uuid_is_nil(&wish->sealed) && !name_is_valid(wish->name)) {
		refuse(client, on_visit, ERROR_invalid,
		       "a room's name has 1 to 64 printable characters");
		return;
	}
	arrival = malloc(sizeof *arrival);
	if (arrival == NULL) {
		refuse(client, on_visit, ERROR_unavailable, "out of memory");
		return;
	}
	*arrival = (struct arrival){
		.user = client->user->id,
		.sealed = wish->sealed,
		.makes_room = wish->makes_room,
		.binds_name = wish->binds_name,
		.waits_until_told = wish->waits_until_told,
		.is_silent = wish->is_silent,
		.on_visit = on_visit,
		.name_bytes = wish->name.n,
	};
	if (wish->name.n > 0)
		memcpy(arrival->name, wish->name.at, wish->name.n);
	find_room(client, arrival);
}

/* --- Finding a visit again */

struct seat *
visits_find(const struct client *client, struct slice name)
{
	char wanted[NAME_KEY_BYTES], had[NAME_KEY_BYTES];

	if (!name_key(name, wanted))
		return NULL;
	for (uint32_t i = 0; i < client->seat_count; i++) {
		struct seat *seat = client_seat(client, i);
		if (state_of(seat) == VISIT_BEGUN && seat->room->name != NULL &&
		    name_key(slice_of(seat->room->name), had) &&
		    strcmp(wanted, had) == 0)
			return seat;
	}
	return NULL;
}
