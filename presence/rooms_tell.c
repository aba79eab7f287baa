/* SPDX-License-Identifier: MIT */
/* presence/rooms_tell.c - what was told of a room is compared with what is:
 * deltas, full sets, and when they are told.
 *
 * Each frame counts the room's version up by one. The first frame of a room is
 * a full set too (it was empty before), so that who still knows an older room
 * of that id forgets it; except in the quiet time, when nobody may be
 * forgotten.
 */
#include "presence/rooms_internal.h"

#include <stddef.h>

/* What a packed person takes beside the name. */
#define PERSON_BYTES 64

/* Where a frame stands in what is told. */
struct place {
	bool is_first_of_set;
	bool has_more;
};

uint64_t
room_window_ms(const struct room *room)
{
	uint64_t window_ms;

	if (room->online <= ROOMS_BIG)
		return ROOMS_WINDOW_MS;
	window_ms = (uint64_t)room->online * ROOMS_BIG_WINDOW_PER_PERSON_MS;
	return window_ms > ROOMS_BIG_WINDOW_MS ? window_ms
					       : ROOMS_BIG_WINDOW_MS;
}

void
room_schedule(struct rooms *rooms, struct room *room)
{
	uint64_t due_ms = 0;

	if (room->pending == 0 && room->occupants.count + room->stays > 0) {
		schedule_clear(&rooms->schedule, &room->due);
		return;
	}
	if (!room->is_fresh)
		due_ms = room->told_at_ms + room_window_ms(room);
	if (room->due.place == 0 || room->due.due_ms != due_ms)
		schedule_set(&rooms->schedule, &room->due, due_ms);
}

static void
clear_batch(struct batch *batch)
{
	batch->came_count = 0;
	batch->went_count = 0;
	batch->bytes = 0;
}

static bool
is_full(const struct batch *batch)
{
	return batch->came_count + batch->went_count >= ROOMS_FRAME_PEOPLE ||
	       batch->bytes >= ROOMS_FRAME_BYTES;
}

static void
add_to_batch(struct batch *batch, const struct occupant *occupant,
	     enum standing standing)
{
	const struct person *person = occupant->person;
	struct slice name = person_name(person);

	if (standing == ABSENT) {
		batch->went[batch->went_count++] = person->user;
		batch->bytes += sizeof(person->user);
		return;
	}
	batch->came[batch->came_count++] = (struct frame_person){
		.user = person->user,
		.user_number = person->number,
		.user_name = name,
		.visit = standing == VISITOR,
	};
	batch->bytes += PERSON_BYTES + name.n;
}

/* A frame of the batch, which is empty afterwards. */
static struct frame_present
take_batch(struct batch *batch, struct place place)
{
	struct frame_present present = {
		.reset = place.is_first_of_set,
		.more = place.has_more,
		.came = { batch->came, batch->came_count },
		.went = { batch->went, batch->went_count },
	};

	clear_batch(batch);
	return present;
}

static void
tell_batch(struct rooms *rooms, struct room *room, struct place place)
{
	struct frame_present present = take_batch(&rooms->batch, place);

	room->is_fresh = false;
	present.room = room->id;
	present.version = ++room->version;
	present.online = room->online;
	rooms->tell(rooms->self, &present);
}

/* Others may be at a gateway that has not told of them yet. A guest is at one
 * alone, by one connection, and that has ended. */
static bool
may_be_elsewhere(const struct rooms *rooms, const struct occupant *occupant)
{
	return rooms->is_quiet && occupant->person->number != 0;
}

static void
tell_changes(struct rooms *rooms, struct room *room, uint64_t now_ms)
{
	struct place place = { room->is_fresh && !rooms->is_quiet, true };
	struct occupant *occupant;
	uint32_t at = 0;

	room->told_at_ms = now_ms;
	while ((occupant = occupants_next(&room->occupants, &at)) != NULL) {
		if (occupant->standing == occupant->told ||
		    (occupant->standing == ABSENT &&
		     may_be_elsewhere(rooms, occupant)))
			continue;
		if (is_full(&rooms->batch)) {
			tell_batch(rooms, room, place);
			place.is_first_of_set = false;
		}
		add_to_batch(&rooms->batch, occupant, occupant->standing);
		room_set_told(rooms, room, occupant, occupant->standing);
	}
	place.has_more = false;
	if (rooms->batch.came_count + rooms->batch.went_count > 0)
		tell_batch(rooms, room, place);
	/* What still pends has to wait for the end of the quiet time. */
	if (room->pending > 0)
		schedule_clear(&rooms->schedule, &room->due);
	else
		room_schedule(rooms, room);
}

static void
tell_full_set(struct rooms *rooms, struct room *room, uint64_t now_ms)
{
	struct place place = { true, true };
	struct occupant *occupant;
	uint32_t at = 0;

	room->told_at_ms = now_ms;
	while ((occupant = occupants_next(&room->occupants, &at)) != NULL) {
		if (occupant->standing != ABSENT) {
			if (is_full(&rooms->batch)) {
				tell_batch(rooms, room, place);
				place.is_first_of_set = false;
			}
			add_to_batch(&rooms->batch, occupant,
				     occupant->standing);
		}
		room_set_told(rooms, room, occupant, occupant->standing);
	}
	place.has_more = false;
	tell_batch(rooms, room, place);
	room_schedule(rooms, room);
}

/* One that is yet to be told in full; there is one. The walk begins again where
 * rooms were moved behind it, as others were added. */
static struct room *
next_to_retell(struct rooms *rooms)
{
	struct room *room;

	do
		room = table_cycle(&rooms->all, &rooms->retelling_cursor);
	while (room->retelling == rooms->retelling);
	return room;
}

static void
tell_slice(struct rooms *rooms, uint64_t now_ms)
{
	uint64_t people = 0;
	struct room *room;

	for (int i = 0; i < ROOMS_SLICE_ROOMS; i++) {
		if (rooms->to_retell == 0 || people >= ROOMS_SLICE_PEOPLE)
			break;
		room = next_to_retell(rooms);
		room->retelling = rooms->retelling;
		rooms->to_retell--;
		people += room->online;
		tell_full_set(rooms, room, now_ms);
	}
	rooms->retelling_at_ms = now_ms + ROOMS_SLICE_EVERY_MS;
}

static void
take_turn(struct rooms *rooms, struct room *room, uint64_t now_ms)
{
	if (room->pending > 0)
		tell_changes(rooms, room, now_ms);
	else
		room_forget(rooms, room);
}

void
rooms_turn(struct rooms *rooms, uint64_t now_ms)
{
	struct schedule_item *item;

	if (rooms->to_retell > 0 && now_ms >= rooms->retelling_at_ms)
		tell_slice(rooms, now_ms);
	for (int i = 0; i < ROOMS_TURN_ROOMS; i++) {
		item = schedule_first(&rooms->schedule);
		if (item == NULL || item->due_ms > now_ms)
			break;
		take_turn(
		    rooms,
		    (struct room *)((char *)item - offsetof(struct room, due)),
		    now_ms);
	}
}

uint64_t
rooms_due_ms(const struct rooms *rooms)
{
	const struct schedule_item *item = schedule_first(&rooms->schedule);
	uint64_t due_ms = item == NULL ? ROOMS_NEVER : item->due_ms;

	if (rooms->to_retell > 0 && rooms->retelling_at_ms < due_ms)
		due_ms = rooms->retelling_at_ms;
	return due_ms;
}

void
rooms_retell(struct rooms *rooms)
{
	if (rooms->is_quiet)
		return;
	rooms->retelling++;
	rooms->to_retell = (uint32_t)rooms_count(rooms);
	rooms->retelling_cursor = 0;
	rooms->retelling_at_ms = 0;
}

void
rooms_end_quiet(struct rooms *rooms)
{
	rooms->is_quiet = false;
	rooms_retell(rooms);
}

static void
answer_batch(struct rooms *rooms, struct frame_present *known,
	     struct place place, rooms_tell_fn *tell, void *self)
{
	struct frame_present present = take_batch(&rooms->batch, place);

	present.room = known->room;
	present.version = known->version;
	present.online = known->online;
	tell(self, &present);
}

void
rooms_answer(struct rooms *rooms, const struct uuid *id, rooms_tell_fn *tell,
	     void *self)
{
	struct frame_present known = { .room = *id,
				       .version = rooms->last_version };
	/* In the quiet time many are yet to be told of: it is no whole set. */
	struct place place = { !rooms->is_quiet, true };
	const struct occupants nobody = { 0 }, *occupants = &nobody;
	const struct room *room = rooms_find(rooms, id);
	const struct occupant *occupant;
	uint32_t at = 0;

	if (room != NULL) {
		known.version = room->version;
		known.online = room->online_told;
		occupants = &room->occupants;
	}
	while ((occupant = occupants_next(occupants, &at)) != NULL) {
		if (occupant->told == ABSENT)
			continue;
		if (is_full(&rooms->batch)) {
			answer_batch(rooms, &known, place, tell, self);
			place.is_first_of_set = false;
		}
		add_to_batch(&rooms->batch, occupant, occupant->told);
	}
	place.has_more = false;
	answer_batch(rooms, &known, place, tell, self);
}
