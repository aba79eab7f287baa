/* SPDX-License-Identifier: MIT */
/* gateway/rooms.h - the rooms that connections at this gateway hear, and where
 * each connection is in each of them.
 *
 * A room is subscribed at the router while it has seats. Its `seq` is the
 * newest message that this gateway has told its live seats; the router's events
 * come in order, what is seen to be missing is read from the store, and what
 * came before is dropped. A seat is live (all events go to it as they come),
 * behind (catch_up.c reads what it lacks), held (the client said that it will
 * ask to resume), or deaf (the user is online there, but this connection's
 * dialect does not tell what is said). A seat is a member's, a visitor's
 * (visits.h), or both.
 */
#ifndef PARLEY_GATEWAY_ROOMS_H
#define PARLEY_GATEWAY_ROOMS_H

#include "gateway/gateway.h"
#include "gateway/roster.h"
#include "proto/frame.h"
#include "proto/frame_values.h"
#include "proto/names.h"

struct fanout;

#define SEAT_MUTED_MAX_MS ((UINT64_C(1) << 48) - 1)

enum seat_state { SEAT_LIVE, SEAT_BEHIND, SEAT_HELD, SEAT_DEAF };

/* Where a seat starts that is to hear what is said from now on. */
#define SEQ_FROM_NOW UINT64_MAX

struct seat {
	struct client *client;
	struct room *room;
	uint64_t seq;    /* told up to here, unless live: then room->seq */
	uint64_t from;   /* and from behind here on without a hole; held: where
			  * the room was at least when that began */
	uint64_t joined; /* the room's newest change when the membership began
			  */
	struct visit *visit; /* see visits.h; NULL: it is no visitor's */
	char *request_id; /* JSON, to go with the roster that is owed; or NULL
			   */
	uint32_t place;   /* in room->seats */
	uint32_t load;    /* user->loads when the membership was last seen */
	uint64_t muted_ms : 48; /* since 1970: the member may not speak until
				 * then */
	uint64_t state : 2;     /* enum seat_state */
	bool is_member : 1;
	bool is_visit : 1;
	bool is_stale : 1;  /* the membership has ended; the room will say how
			     */
	bool is_silent : 1; /* until its visit has begun */
	bool owes_entered : 1;  /* presence hears of it when the roster is known
				 */
	bool is_doubtful : 1;   /* `seq` is the client's word; the store will
				 * say */
	bool is_reading : 1;    /* catch-up has begun: the limit was applied */
	bool is_outdated : 1;   /* what is being read has changed since */
	bool was_cut : 1;       /* older messages were left out */
	bool owes_presence : 1; /* its client waits for the roster */
	bool knows_roster : 1;  /* it got it, and none since */
	bool is_named : 1;      /* by the request to resume that is read now */
};

/* One of the two of a direct room. */
struct party_name {
	struct uuid user;
	char name[NAME_MAX_BYTES + 1];
};

struct room {
	struct uuid id;
	struct gateway *gateway;
	char *name;                /* if somebody came by it; or NULL */
	uint64_t known;            /* the change up to which kind and name are
				    * known */
	struct party_name *direct; /* the two of a direct room; or NULL */
	uint64_t seq;
	uint64_t change;    /* the newest that was heard of */
	uint64_t repair_to; /* what we know to exist; read from the store */
	uint64_t change_to; /* the same of changes */
	struct seat **seats;
	uint32_t seat_count;
	uint32_t seat_room;
	struct roster roster;
	struct uuid *typing; /* whose typing was told and not yet ended */
	uint32_t typing_count;
	uint32_t visits_untold; /* visits that wait until they are told */
	struct room *next_waiting;
	struct fanout
	    *fanout;      /* what is gathered for the live seats; or NULL */
	uint32_t told_ms; /* when they were told last: lower bits */
	uint16_t voices;  /* in which they are told: see fanout.c */
	uint8_t hold_ms;  /* for so long from then on they are not told */
	uint8_t kind;
	bool is_synced : 1;  /* subscribed, `seq` is known */
	bool was_synced : 1; /* `seq` is what was told last */
	bool is_repairing : 1;
	bool is_reading_changes : 1;
	bool is_outdated : 1; /* what is being read to repair it has changed */
	bool is_waiting : 1;  /* in gateway->to_subscribe */
	bool has_stale : 1;   /* seats */
};

struct event;

struct room *rooms_find(struct gateway *gateway, const struct uuid *id);

/* Notes what the room is called and of what kind it is as of its change of this
 * number; who knows better stays with that. */
void rooms_set_facts(struct room *room, unsigned kind, struct slice name,
		     uint64_t change);

/* Notes who the two of a direct room are. */
void rooms_set_direct(struct room *room, const struct frame_direct *direct);

/* The other one of a direct room; NULL if that is not known. */
const struct party_name *rooms_other(const struct room *room,
				     const struct uuid *user);

enum seat_as { SEAT_AS_MEMBER, SEAT_AS_VISITOR };

/* Seats a client, who has heard everything up to `seq`. If it has a seat that
 * one stays where it is, and is there as this too. NULL with errno ENOMEM. */
struct seat *rooms_seat(struct client *client, const struct uuid *room,
			unsigned kind, uint64_t seq, enum seat_as as);

/* NULL if the client has no seat there. */
struct seat *rooms_seat_of(const struct client *client,
			   const struct uuid *room);

/* Takes a seat away; a room without any is forgotten. */
void rooms_unseat(struct seat *seat);

/* The seat is no longer a member's, or a visitor's; it goes if it is neither.
 */
void rooms_leave(struct seat *seat, enum seat_as as);

/* The member may not speak until then (ms since 1970); 0: it may. */
void rooms_mute(struct seat *seat, uint64_t until_ms);

/* The store knows of no such membership any more. The seat goes as soon as all
 * that the room lacks has been told, how the membership ended among it. */
void rooms_doubt(struct seat *seat);

/* The room lacks nothing: seats in doubt are no member's. It may be gone after
 * this. */
void rooms_drop_stale(struct room *room);

/* Asks the dialect again which rooms the client hears. */
void rooms_reconsider(struct client *client);

/* Presence is told of seats that waited for the roster. */
void rooms_pay_entered(struct room *room);

/* The seat has been told everything up to seat->seq: makes it live if that is
 * all there is. */
void rooms_settle(struct seat *seat);

/* Up to where the seat has been told everything. */
uint64_t rooms_told(const struct seat *seat);

/* The seat has been told everything up to `seq`, and hears the rest again. */
void rooms_fall_behind(struct seat *seat, uint64_t seq);

/* Tells an event that is no message to all seats that are due to hear it,
 * encoded once for each dialect. `except`, who may be NULL, hears nothing of
 * it. */
void rooms_tell(struct room *room, const struct event *event,
		const struct user *except);

/* The room is subscribed at the turn's end. */
void rooms_wait_for_turn(struct room *room);

/* Subscribes all rooms again: the router is new. */
void rooms_subscribe_all(struct gateway *gateway);

/* Something could not be asked for, or was refused: within a second rooms and
 * users are told to the router again, and what is missing is read, as when the
 * router is new. */
void rooms_ask_again(struct gateway *gateway);

/* Once a second: does so. */
void rooms_sweep(struct gateway *gateway);

/* The end of a turn: subscribes new rooms. */
void rooms_turn(struct gateway *gateway);

/* A message came by the router, or was read to fill a gap. */
void rooms_hear_message(struct room *room, const struct frame_message *message);

/* A message was edited or taken back: tells whoever was told of the message.
 * The others get it as it then is. */
void rooms_hear_change(struct room *room, const struct event *event);

/* Tells the user's other gateways, through the router, of a membership that the
 * store has made already. */
void rooms_announce(struct gateway *gateway, const struct frame_verified *user,
		    const struct uuid *room);

#endif
