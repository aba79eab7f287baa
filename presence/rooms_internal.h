/* SPDX-License-Identifier: MIT */
/* presence/rooms_internal.h - what the files of the rooms share.
 *
 *   rooms.c       stays are counted: who is in which room
 *   rooms_tell.c  what was told is compared with what is: deltas, full sets
 */
#ifndef PARLEY_PRESENCE_ROOMS_INTERNAL_H
#define PARLEY_PRESENCE_ROOMS_INTERNAL_H

#include "presence/occupants.h"
#include "presence/rooms.h"
#include "presence/schedule.h"

struct room {
	struct uuid id;
	struct occupants occupants;
	uint32_t stays;   /* that have not ended, held ones too */
	uint32_t pending; /* occupants whose standing differs from told */
	uint32_t online;
	uint32_t online_told;
	uint64_t version;
	uint64_t told_at_ms;
	struct schedule_item due;
	uint32_t retelling; /* the last one for which it was told in full */
	bool is_fresh;      /* nothing was told of it yet */
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
	struct table all;
	struct schedule schedule;
	struct batch batch;
	uint32_t retelling; /* how many times all rooms were to be told anew */
	uint32_t to_retell; /* rooms that are yet to be told in full */
	size_t retelling_cursor;
	uint64_t retelling_at_ms; /* not before */
	uint64_t online;
	uint32_t last_hold;
	uint64_t last_version; /* no room that was forgotten had a later one */
	bool is_quiet;
	rooms_tell_fn *tell;
	void *self;
};

/* The room of that id, or NULL. */
struct room *rooms_find(const struct rooms *rooms, const struct uuid *id);

/* Notes what was told of somebody, who goes if they are not there. */
void room_set_told(struct rooms *rooms, struct room *room,
		   struct occupant *occupant, enum standing told);

/* Sets when the room's turn comes: to tell what is pending, or to be forgotten
 * if nobody is left. */
void room_schedule(struct rooms *rooms, struct room *room);

/* Forgets a room without occupants and stays; its version is remembered. */
void room_forget(struct rooms *rooms, struct room *room);

/* How long after the last frame of the room the next one may come. */
uint64_t room_window_ms(const struct room *room);

#endif
