/* SPDX-License-Identifier: MIT */
/* gateway/persons.h - a set of persons who are online in a room.
 *
 * NULL is the empty set. A user is online in many rooms, but a name is short:
 * each set keeps its own.
 */
#ifndef PARLEY_GATEWAY_PERSONS_H
#define PARLEY_GATEWAY_PERSONS_H

#include "proto/frame.h"
#include "proto/hash.h"

struct person {
	struct uuid user;
	uint64_t number;
	bool is_visit;
	bool came_to_visit; /* that was told, and its end will be */
	UT_hash_handle hh;
	uint16_t name_bytes;
	char name[];
};

/* NULL if the user is not in the set. */
struct person *persons_find(struct person *set, const struct uuid *user);

/* The name lives as long as the person. */
struct frame_person person_describe(const struct person *person);

/* Adds somebody as the last one, if it is not in the set and there is memory.
 */
void persons_add(struct person **set, const struct frame_person *who);

void persons_clear(struct person **set);

#endif
