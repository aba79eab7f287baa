/* SPDX-License-Identifier: MIT */
/* presence/rooms_internal.h - what the files of the rooms share.
 *
 *   rooms.c       stays are counted: who is in which room
 *   rooms_tell.c  what was told is compared with what is: deltas, full sets
 */
#ifndef PARLEY_PRESENCE_ROOMS_INTERNAL_H
#define PARLEY_PRESENCE_ROOMS_INTERNAL_H

#include "presence/rooms.h"
#include "presence/schedule.h"

enum standing { ABSENT, MEMBER, VISITOR };

/* Stays of one kind. Held ones of an earlier round count no more. */
struct stays {
	uint32_t live;
	uint32_t held;
	uint32_t round;
};

struct occupant_key {
	struct room *room;
	struct person *person;
};

struct occupant {
	struct occupant_key key;
	struct stays member;
	struct stays visitor;
	uint32_t references; /* stays that point here, counted or not */
	enum standing standing;
	enum standing told;
	bool is_pending;
	struct occupant *prev, *next; /* in the room, oldest first */
	struct occupant *prev_pending, *next_pending;
	UT_hash_handle hh; /* in rooms->occupants */
};

struct room {
	struct uuid id;
	struct occupant *occupants;
	struct occupant *pending; /* standing differs from told */
	uint64_t online;
	uint64_t online_told;
	uint64_t version;
	uint64_t told_at_ms;
	bool is_fresh; /* nothing was told of it yet */
	struct schedule_item due;
	UT_hash_handle hh; /* in rooms->all */
};

/* What goes into the next frame. */
struct batch {
	struct frame_person *came;
	struct uuid *went;
	size_t came_count;
	size_t went_count;
	size_t bytes;
};

struct rooms {
	struct people *people;
	struct room *all;
	struct occupant *occupants;
	struct schedule schedule;
	struct batch batch;
	struct room *retelling;   /* the next one to tell in full; or NULL */
	uint64_t retelling_at_ms; /* not before */
	uint64_t online;
	uint64_t last_version; /* no room that was forgotten had a later one */
	bool is_quiet;
	rooms_tell_fn *tell;
	void *self;
};

/* Notes what was told of somebody, who goes if nothing refers to them. */
void occupant_set_told(struct rooms *rooms, struct occupant *occupant,
		       enum standing told);

/* Sets when the room's turn comes: to tell what is pending, or to be forgotten
 * if nobody is left. */
void room_schedule(struct rooms *rooms, struct room *room);

/* Forgets a room without occupants; its version is remembered. */
void room_forget(struct rooms *rooms, struct room *room);

/* How long after the last frame of the room the next one may come. */
uint64_t room_window_ms(const struct room *room);

#endif
