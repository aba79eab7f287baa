/* SPDX-License-Identifier: MIT */
/* presence/rooms.h - who is online in which room, and what is told of it.
 *
 * A connection that is in a room makes a stay there, as a member or as a
 * visitor. Somebody is online in a room while they have a stay in it; they are
 * a visitor there while none of their stays is a member's. What differs from
 * what was told last is told as a delta, few times a second; what came and went
 * in between cancels out. Knows no clock, no connections, no bus: the caller
 * passes the time and gets what is to be told.
 */
#ifndef PARLEY_PRESENCE_ROOMS_H
#define PARLEY_PRESENCE_ROOMS_H

#include "proto/frame.h"

#include "presence/people.h"

/* The first change of a room is told at once, further ones not before this. */
#define ROOMS_WINDOW_MS 250

/* With more online than this a room is big: then not before the longer of
 * ROOMS_BIG_WINDOW_MS and ROOMS_BIG_WINDOW_PER_PERSON_MS for each of them. */
#define ROOMS_BIG                      500
#define ROOMS_BIG_WINDOW_MS            2000
#define ROOMS_BIG_WINDOW_PER_PERSON_MS 2

/* The bounds of one frame: people in it, and bytes that they take. */
#define ROOMS_FRAME_PEOPLE 1000
#define ROOMS_FRAME_BYTES  (192 * 1024)

/* Full sets are told in slices, so that other work goes on between them. */
#define ROOMS_SLICE_ROOMS    200
#define ROOMS_SLICE_PEOPLE   5000
#define ROOMS_SLICE_EVERY_MS 10

/* Rooms whose changes are told in one turn. */
#define ROOMS_TURN_ROOMS 1000

#define ROOMS_NEVER UINT64_MAX

struct rooms;
struct room;

/* One connection's being in one room; kept by who keeps the connection, and
 * shown together with the person whose it is. */
struct stay {
	struct room *room;
	uint32_t hold; /* which of all that are held it is; 0: it is not */
	bool visit;
};

/* Gets what is to be told; `present` is borrowed for the call, its epoch is
 * not set. */
typedef void rooms_tell_fn(void *self, const struct frame_present *present);

/* NULL with errno ENOMEM. `people` stays the caller's. A quiet one tells nobody
 * gone, guests apart, until rooms_end_quiet(). */
struct rooms *rooms_new(struct people *people, bool quiet, rooms_tell_fn *tell,
			void *self);

/* All stays must have ended. Frees and sets *rooms to NULL; NULL is fine. */
void rooms_free(struct rooms **rooms);

/* Begins a stay of a person and fills *stay. 0, or -1 with errno ENOMEM. */
int rooms_begin_stay(struct rooms *rooms, const struct uuid *room,
		     struct person *person, bool visit, struct stay *stay);

/* Ends a stay by the user's own will: if no other connection has one of its
 * kind there, the stays of closed connections that are held do not count any
 * more either. */
void rooms_end_stay(struct rooms *rooms, const struct person *person,
		    const struct stay *stay);

/* The connection has closed: the stay counts until it is dropped, or until the
 * user leaves the room by another connection. */
void rooms_hold_stay(struct rooms *rooms, const struct person *person,
		     struct stay *stay);

/* The end of a stay that was held; or of one whose connection has closed
 * without its being held: others that are held go on to count. */
void rooms_drop_stay(struct rooms *rooms, const struct person *person,
		     const struct stay *stay);

/* The room of a stay that has not ended. */
const struct uuid *stay_room(const struct stay *stay);

/* The room, if somebody has a stay there whose connection has not closed; or
 * NULL. */
struct room *rooms_find_live(const struct rooms *rooms, const struct uuid *id,
			     const struct person *person);

/* Tells what is due. */
void rooms_turn(struct rooms *rooms, uint64_t now_ms);

/* When rooms_turn() has something to do; ROOMS_NEVER: nothing. */
uint64_t rooms_due_ms(const struct rooms *rooms);

/* From now on who went is told; begins with every room's full set. */
void rooms_end_quiet(struct rooms *rooms);

/* Tells every room's full set anew, in slices. In the quiet time it does
 * nothing: that ends with all full sets anyway. */
void rooms_retell(struct rooms *rooms);

/* Gives `tell` the set of a room as it was told last, with the version that it
 * then had: whoever starts from it misses no delta and hears none twice. At
 * least one frame; `more` is set in all but the last. */
void rooms_answer(struct rooms *rooms, const struct uuid *room,
		  rooms_tell_fn *tell, void *self);

/* Rooms that are known, and people online summed over them. */
size_t rooms_count(const struct rooms *rooms);
uint64_t rooms_online(const struct rooms *rooms);

#endif
