/* SPDX-License-Identifier: MIT */
/* presence/rooms.c - counts the stays: who is in which room.
 *
 * Occupants of all rooms are in one hash, by room and person, and in a list of
 * their room. One stays until what was told of them is that they went.
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
remove_occupant(struct rooms *rooms, struct occupant *occupant)
{
	struct room *room = occupant->key.room;

	DL_DELETE(room->occupants, occupant);
	HASH_DELETE(hh, rooms->occupants, occupant);
	people_release(rooms->people, occupant->key.person);
	free(occupant);
}

void
rooms_free(struct rooms **rooms)
{
	struct rooms *gone = *rooms;
	struct room *room, *next;
	struct occupant *occupant, *next_occupant;

	if (gone == NULL)
		return;
	HASH_ITER (hh, gone->occupants, occupant, next_occupant) {
		assert(occupant->references == 0);
		remove_occupant(gone, occupant);
	}
	HASH_ITER (hh, gone->all, room, next) {
		room_forget(gone, room);
	}
	schedule_fini(&gone->schedule);
	free(gone->batch.came);
	free(gone->batch.went);
	free(gone);
	*rooms = NULL;
}

static struct room *
find_room(const struct rooms *rooms, const struct uuid *id)
{
	struct room *room;

	HASH_FIND(hh, rooms->all, id, sizeof(*id), room);
	return room;
}

static struct room *
add_room(struct rooms *rooms, const struct uuid *id)
{
	struct room *room;

	if (schedule_reserve(&rooms->schedule, HASH_COUNT(rooms->all) + 1) != 0)
		return NULL;
	room = calloc(1, sizeof(*room));
	if (room == NULL)
		return NULL;
	room->id = *id;
	room->version = rooms->last_version;
	room->is_fresh = true;
	HASH_ADD(hh, rooms->all, id, sizeof(room->id), room);
	if (room->hh.tbl == NULL) {
		free(room);
		errno = ENOMEM;
		return NULL;
	}
	return room;
}

void
room_forget(struct rooms *rooms, struct room *room)
{
	if (room->version > rooms->last_version)
		rooms->last_version = room->version;
	if (rooms->retelling == room)
		rooms->retelling = room->hh.next;
	schedule_clear(&rooms->schedule, &room->due);
	HASH_DELETE(hh, rooms->all, room);
	free(room);
}

static struct occupant *
find_occupant(const struct rooms *rooms, struct room *room,
	      const struct person *person)
{
	const struct occupant_key key = { room, (struct person *)person };
	struct occupant *occupant;

	HASH_FIND(hh, rooms->occupants, &key, sizeof(key), occupant);
	return occupant;
}

static struct occupant *
add_occupant(struct rooms *rooms, struct room *room, struct person *person)
{
	struct occupant *occupant = calloc(1, sizeof(*occupant));

	if (occupant == NULL)
		return NULL;
	occupant->key = (struct occupant_key){ room, person };
	HASH_ADD(hh, rooms->occupants, key, sizeof(occupant->key), occupant);
	if (occupant->hh.tbl == NULL) {
		free(occupant);
		errno = ENOMEM;
		return NULL;
	}
	people_share(person);
	DL_APPEND(room->occupants, occupant);
	return occupant;
}

static enum standing
find_standing(const struct occupant *occupant)
{
	if (occupant->member.live + occupant->member.held > 0)
		return MEMBER;
	if (occupant->visitor.live + occupant->visitor.held > 0)
		return VISITOR;
	return ABSENT;
}

/* Brings the list of what is pending up to date; the occupant may be gone
 * afterwards. */
static void
review(struct rooms *rooms, struct occupant *occupant)
{
	struct room *room = occupant->key.room;
	bool differs = occupant->standing != occupant->told;

	if (differs && !occupant->is_pending)
		DL_APPEND2(room->pending, occupant, prev_pending, next_pending);
	if (!differs && occupant->is_pending)
		DL_DELETE2(room->pending, occupant, prev_pending, next_pending);
	occupant->is_pending = differs;
	if (occupant->references == 0 && !differs &&
	    occupant->standing == ABSENT)
		remove_occupant(rooms, occupant);
	room_schedule(rooms, room);
}

void
occupant_set_told(struct rooms *rooms, struct occupant *occupant,
		  enum standing told)
{
	struct room *room = occupant->key.room;

	room->online_told -= occupant->told != ABSENT;
	room->online_told += told != ABSENT;
	occupant->told = told;
	review(rooms, occupant);
}

/* After its stays have changed. */
static void
recount(struct rooms *rooms, struct occupant *occupant)
{
	struct room *room = occupant->key.room;
	enum standing standing = find_standing(occupant);
	int step = (standing != ABSENT) - (occupant->standing != ABSENT);

	room->online += step;
	rooms->online += step;
	if (step > 0 && occupant->told == ABSENT) {
		DL_DELETE(room->occupants, occupant);
		DL_APPEND(room->occupants, occupant);
	}
	occupant->standing = standing;
	review(rooms, occupant);
}

static struct stays *
stays_of_kind(const struct stay *stay)
{
	return stay->visit ? &stay->occupant->visitor : &stay->occupant->member;
}

int
rooms_begin_stay(struct rooms *rooms, const struct uuid *id,
		 struct person *person, bool visit, struct stay *stay)
{
	struct room *room = find_room(rooms, id);
	struct occupant *occupant;

	if (room == NULL && (room = add_room(rooms, id)) == NULL)
		return -1;
	occupant = find_occupant(rooms, room, person);
	if (occupant == NULL)
		occupant = add_occupant(rooms, room, person);
	if (occupant == NULL) {
		room_schedule(rooms, room);
		return -1;
	}
	*stay = (struct stay){ .occupant = occupant, .visit = visit };
	stays_of_kind(stay)->live++;
	occupant->references++;
	recount(rooms, occupant);
	return 0;
}

void
rooms_end_stay(struct rooms *rooms, struct stay *stay)
{
	struct occupant *occupant = stay->occupant;
	struct stays *stays = stays_of_kind(stay);

	stays->live--;
	occupant->references--;
	if (stays->live == 0 && stays->held > 0) {
		stays->held = 0;
		stays->round++;
	}
	stay->occupant = NULL;
	recount(rooms, occupant);
}

void
rooms_hold_stay(struct rooms *rooms, struct stay *stay)
{
	struct stays *stays = stays_of_kind(stay);

	(void)rooms;
	stays->live--;
	stays->held++;
	stay->round = stays->round;
}

void
rooms_drop_stay(struct rooms *rooms, struct stay *stay)
{
	struct occupant *occupant = stay->occupant;
	struct stays *stays = stays_of_kind(stay);

	if (stay->round == stays->round)
		stays->held--;
	occupant->references--;
	stay->occupant = NULL;
	recount(rooms, occupant);
}

const struct uuid *
stay_room(const struct stay *stay)
{
	return &stay->occupant->key.room->id;
}

struct occupant *
rooms_find(const struct rooms *rooms, const struct uuid *id,
	   const struct person *person)
{
	struct room *room = find_room(rooms, id);

	return room == NULL ? NULL : find_occupant(rooms, room, person);
}

bool
occupant_is_live(const struct occupant *occupant)
{
	return occupant->member.live + occupant->visitor.live > 0;
}

size_t
rooms_count(const struct rooms *rooms)
{
	return HASH_COUNT(rooms->all);
}

uint64_t
rooms_online(const struct rooms *rooms)
{
	return rooms->online;
}
