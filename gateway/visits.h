/* SPDX-License-Identifier: MIT */
/* gateway/visits.h - being in a room for as long as a connection lives, or
 * until it leaves.
 *
 * A visit has begun once the connection hears the room, so that whoever is told
 * so misses nothing that is said from then on. Where comings are told, it is
 * also waited (briefly: presence may be away) until this one's has been, so
 * that nobody is heard who has not come.
 */
#ifndef PARLEY_GATEWAY_VISITS_H
#define PARLEY_GATEWAY_VISITS_H

#include "gateway/rooms.h"

enum visit_state {
	VISIT_NONE,    /* it has not been asked for, or is over */
	VISIT_SEATING, /* until the seat is live */
	VISIT_UNTOLD,  /* until the coming has been told */
	VISIT_BEGUN,
};

/* The visit of a seat. Changes are those of the room. */
struct visit {
	uint64_t entered;  /* the newest change when it began */
	uint64_t admitted; /* and when the store was last asked whether it may
			    * go on */
	uint64_t began_ms;
	void (*on_visit)(struct client *client, struct seat *seat,
			 const struct frame_refused *why);
	uint8_t state; /* enum visit_state */
	uint8_t asks;  /* how many wait to hear that it has begun */
	bool waits_until_told;
};

struct visit_wish {
	struct slice name;  /* of a public room, or one of which the user is a
			     * member */
	bool makes_room;    /* if there is none of that name */
	struct uuid sealed; /* instead of the name: a sealed room, whose join
			     * key auth has been shown */
	bool binds_name;    /* the guest's name must be free there: else it is
			     * refused as taken */
	bool waits_until_told;
	bool is_silent; /* nothing of the room is heard before it has begun */
};

/* The visit has begun, or could not: then `seat` is NULL and `why` says
 * why (room_not_found, banned, archived, invalid, unavailable). Called once for
 * each visits_begin() unless the connection has gone or become somebody else.
 */
typedef void visit_handler(struct client *client, struct seat *seat,
			   const struct frame_refused *why);

/* Begins a visit; text is copied. If the client visits that room already, the
 * handler hears of that seat. */
void visits_begin(struct client *client, const struct visit_wish *wish,
		  visit_handler *on_visit);

void visits_end(struct seat *seat);

/* Takes the seat away, a member's too; whoever waits for the visit to begin
 * hears why it does not. */
void visits_expel(struct seat *seat, const struct frame_refused *why);

/* The visit of that room by this connection that has begun, by the room's name
 * or NULL. */
struct seat *visits_find(const struct client *client, struct slice name);

/* What happens, told by who makes it happen: a seat became live, or is no
 * visitor's any more; a roster has changed; a second has passed. */
void visits_seat_is_live(struct seat *seat);
void visits_forget(struct seat *seat);
void visits_roster_changed(struct room *room);
void visits_sweep(struct client *client);

#endif
