/* SPDX-License-Identifier: MIT */
/* presence/occupants.c - an array with gaps. A few are found by looking at
 * each; a crowd has an index, a hash of places, which is made anew with the
 * array. So places are only added to an index, and never more than the array
 * has.
 */
#include "presence/occupants.h"

#include <errno.h>
#include <stdlib.h>

/* With more places than these there is an index. */
#define FEW 24

/* The index holds a place from 1 on; 0 is free. One third of it stays so. */
static uint32_t
index_room(uint32_t room)
{
	return room + room / 2;
}

static uint32_t
home_of(const struct occupants *occupants, const struct person *person)
{
	uint64_t hash = (uint64_t)(uintptr_t)person * 0x9e3779b97f4a7c15;

	return (uint32_t)(((hash >> 32) * index_room(occupants->room)) >> 32);
}

static uint32_t
next_slot(const struct occupants *occupants, uint32_t slot)
{
	return slot + 1 == index_room(occupants->room) ? 0 : slot + 1;
}

static struct occupant *
find_in_index(const struct occupants *occupants, const struct person *person)
{
	uint32_t slot = home_of(occupants, person);
	struct occupant *occupant;

	for (; occupants->index[slot] != 0; slot = next_slot(occupants, slot)) {
		occupant = &occupants->at[occupants->index[slot] - 1];
		if (occupant->person == person)
			return occupant;
	}
	return NULL;
}

struct occupant *
occupants_find(const struct occupants *occupants, const struct person *person)
{
	if (occupants->index != NULL)
		return find_in_index(occupants, person);
	for (uint32_t i = 0; i < occupants->used; i++)
		if (occupants->at[i].person == person)
			return &occupants->at[i];
	return NULL;
}

/* Puts one behind the others; there is room. */
static struct occupant *
append(struct occupants *occupants, struct occupant occupant)
{
	uint32_t slot, place = occupants->used++;

	if (occupants->index != NULL) {
		slot = home_of(occupants, occupant.person);
		while (occupants->index[slot] != 0)
			slot = next_slot(occupants, slot);
		occupants->index[slot] = place + 1;
	}
	occupants->count++;
	occupants->at[place] = occupant;
	return &occupants->at[place];
}

static void
give_back(struct occupants *occupants)
{
	free(occupants->at);
	free(occupants->index);
	*occupants = (struct occupants){ 0 };
}

/* Makes room for one more and a quarter of those there are, without gaps. */
static int
lay_out(struct occupants *occupants)
{
	uint64_t room = (uint64_t)occupants->count + occupants->count / 4 + 1;
	struct occupants fresh = { .room = (uint32_t)room };
	struct occupant *occupant;
	uint32_t place = 0;

	if (room > UINT32_MAX / 2) {
		errno = ENOMEM;
		return -1;
	}
	fresh.at = calloc(room, sizeof(*fresh.at));
	if (room > FEW)
		fresh.index =
		    calloc(index_room(fresh.room), sizeof(*fresh.index));
	if (fresh.at == NULL || (room > FEW && fresh.index == NULL)) {
		give_back(&fresh);
		errno = ENOMEM;
		return -1;
	}
	while ((occupant = occupants_next(occupants, &place)) != NULL)
		append(&fresh, *occupant);
	give_back(occupants);
	*occupants = fresh;
	return 0;
}

struct occupant *
occupants_add(struct occupants *occupants, struct person *person)
{
	if (occupants->used == occupants->room && lay_out(occupants) != 0)
		return NULL;
	return append(occupants, (struct occupant){ .person = person });
}

void
occupants_remove(struct occupants *occupants, struct occupant *occupant)
{
	*occupant = (struct occupant){ 0 };
	if (--occupants->count == 0)
		give_back(occupants);
}

struct occupant *
occupants_next(const struct occupants *occupants, uint32_t *place)
{
	while (*place < occupants->used)
		if (occupants->at[(*place)++].person != NULL)
			return &occupants->at[*place - 1];
	return NULL;
}
