/* SPDX-License-Identifier: MIT */
/* presence/rooms.c - counts the stays: who is in which room.
 *
 * Somebody is among the occupants of a room while they are there, or while what
 * was told of them is that they are.
 */
#include "presence/rooms_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct rooms *
rooms_new(struct people *people, bool quiet, rooms_tell_fn *tell, void *self)
{
	struct rooms *rooms = calloc(1, sizeof(*rooms));

	if (rooms == NULL)
		return NULL;
	rooms->people = people;
	rooms->all = TABLE_OF(struct room, id);
	rooms->is_quiet = quiet;
	rooms->last_version = 1;
	rooms->tell = tell;
	rooms->self = self;
	rooms->batch.came =
	    calloc(ROOMS_FRAME_PEOPLE, sizeof(*rooms->batch.came));
	rooms->batch.went =
	    calloc(ROOMS_FRAME_PEOPLE, sizeof(*rooms->batch.went));
	if (rooms->batch.came == NULL || rooms->batch.went == NULL)
		rooms_free(&rooms);
	return rooms;
}

static void
remove_occupant(struct rooms *rooms, struct room *room,
		struct occupant *occupant)
{
	struct person *person = occupant->person;

	occupants_remove(&room->occupants, occupant);
	people_release(rooms->people, person);
}

static void
empty_room(struct rooms *rooms, struct room *room)
{
	struct occupant *occupant;
	uint32_t place = 0;

	assert(room->stays == 0);
	while ((occupant = occupants_next(&room->occupants, &place)) != NULL)
		remove_occupant(rooms, room, occupant);
}

void
rooms_free(struct rooms **rooms)
{
	struct rooms *gone = *rooms;
	struct room *room;
	size_t cursor = 0;

	if (gone == NULL)
		return;
	while ((room = table_next(&gone->all, &cursor)) != NULL) {
		empty_room(gone, room);
		room_forget(gone, room);
	}
	schedule_fini(&gone->schedule);
	free(gone->batch.came);
	free(gone->batch.went);
	free(gone);
	*rooms = NULL;
}

struct room *
rooms_find(const struct rooms *rooms, const struct uuid *id)
{
	return table_find(&rooms->all, id);
}

static struct room *
add_room(struct rooms *rooms, const struct uuid *id)
{
	struct room *room;

	if (schedule_reserve(&rooms->schedule, rooms_count(rooms) + 1) != 0)
		return NULL;
	room = calloc(1, sizeof(*room));
	if (room == NULL)
		return NULL;
	room->id = *id;
	room->version = rooms->last_version;
	room->retelling = rooms->retelling;
	room->is_fresh = true;
	if (table_add(&rooms->all, room) != 0) {
		free(room);
		return NULL;
	}
	return room;
}

void
room_forget(struct rooms *rooms, struct room *room)
{
	if (room->version > rooms->last_version)
		rooms->last_version = room->version;
	rooms->to_retell -= room->retelling != rooms->retelling;
	schedule_clear(&rooms->schedule, &room->due);
	table_remove(&rooms->all, room);
	free(room);
}

static struct occupant *
add_occupant(struct room *room, struct person *person)
{
	struct occupant *occupant = occupants_add(&room->occupants, person);

	if (occupant != NULL)
		people_share(person);
	return occupant;
}

/* Notes what somebody is and what was told of them, who may be gone afterwards.
 */
static void
note(struct rooms *rooms, struct room *room, struct occupant *occupant,
     enum standing standing, enum standing told)
{
	int step = (standing != ABSENT) - (occupant->standing != ABSENT);

	room->online += step;
	rooms->online += step;
	room->online_told += (told != ABSENT) - (occupant->told != ABSENT);
	room->pending +=
	    (standing != told) - (occupant->standing != occupant->told);
	occupant->standing = standing;
	occupant->told = told;
	if (standing == ABSENT && told == ABSENT)
		remove_occupant(rooms, room, occupant);
	room_schedule(rooms, room);
}

void
room_set_told(struct rooms *rooms, struct room *room, struct occupant *occupant,
	      enum standing told)
{
	note(rooms, room, occupant, occupant->standing, told);
}

/* After its stays have changed. */
static void
recount(struct rooms *rooms, struct room *room, struct occupant *occupant)
{
	enum standing standing = ABSENT;

	if (occupant->members > 0 || occupant->holds[false] != 0)
		standing = MEMBER;
	else if (occupant->visitors > 0 || occupant->holds[true] != 0)
		standing = VISITOR;
	note(rooms, room, occupant, standing, occupant->told);
}

/* Counts a stay whose connection lives; `step` is 1 or -1. Returns how many
 * there are of its kind. */
static uint32_t
count_live(struct occupant *occupant, bool visit, int step)
{
	if (visit)
		return occupant->visitors += step;
	return occupant->members += step;
}

int
rooms_begin_stay(struct rooms *rooms, const struct uuid *id,
		 struct person *person, bool visit, struct stay *stay)
{
	struct room *room = rooms_find(rooms, id);
	struct occupant *occupant;

	if (room == NULL && (room = add_room(rooms, id)) == NULL)
		return -1;
	occupant = occupants_find(&room->occupants, person);
	if (occupant == NULL)
		occupant = add_occupant(room, person);
	if (occupant == NULL) {
		room_schedule(rooms, room);
		errno = ENOMEM;
		return -1;
	}
	*stay = (struct stay){ .room = room, .visit = visit };
	count_live(occupant, visit, 1);
	room->stays++;
	recount(rooms, room, occupant);
	return 0;
}

void
rooms_end_stay(struct rooms *rooms, const struct person *person,
	       const struct stay *stay)
{
	struct room *room = stay->room;
	struct occupant *occupant = occupants_find(&room->occupants, person);

	if (count_live(occupant, stay->visit, -1) == 0)
		occupant->holds[stay->visit] = 0;
	room->stays--;
	recount(rooms, room, occupant);
}

void
rooms_hold_stay(struct rooms *rooms, const struct person *person,
		struct stay *stay)
{
	struct occupant *occupant =
	    occupants_find(&stay->room->occupants, person);

	if (++rooms->last_hold == 0)
		rooms->last_hold = 1;
	stay->hold = rooms->last_hold;
	count_live(occupant, stay->visit, -1);
	occupant->holds[stay->visit] = stay->hold;
}

/* All are held for the same time, so that with the last one that was held none
 * counts any more. By then the user may have left, or be there anew. */
void
rooms_drop_stay(struct rooms *rooms, const struct person *person,
		const struct stay *stay)
{
	struct room *room = stay->room;
	struct occupant *occupant = occupants_find(&room->occupants, person);

	room->stays--;
	if (occupant == NULL) {
		room_schedule(rooms, room);
		return;
	}
	if (stay->hold == 0)
		count_live(occupant, stay->visit, -1);
	else if (stay->hold == occupant->holds[stay->visit])
		occupant->holds[stay->visit] = 0;
	recount(rooms, room, occupant);
}

const struct uuid *
stay_room(const struct stay *stay)
{
	return &stay->room->id;
}

struct room *
rooms_find_live(const struct rooms *rooms, const struct uuid *id,
		const struct person *person)
{
	struct room *room = rooms_find(rooms, id);
	const struct occupant *occupant =
	    room == NULL ? NULL : occupants_find(&room->occupants, person);

	if (occupant == NULL || occupant->members + occupant->visitors == 0)
		return NULL;
	return room;
}

size_t
rooms_count(const struct rooms *rooms)
{
	return table_count(&rooms->all);
}

uint64_t
rooms_online(const struct rooms *rooms)
{
	return rooms->online;
}
