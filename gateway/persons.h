/* SPDX-License-Identifier: MIT */
/* gateway/persons.h - a set of persons who are online in a room, in the order
 * in which they came.
 *
 * A user is online in many rooms, but a name is short: each set keeps its own.
 * There are many small sets: only a large one has a table to find persons by.
 */
#ifndef PARLEY_GATEWAY_PERSONS_H
#define PARLEY_GATEWAY_PERSONS_H

#include "proto/frame.h"
#include "proto/table.h"

struct person {
	struct uuid user;
	uint64_t number;
	struct person *prev, *next; /* the last one's next is NULL */
	uint16_t name_bytes;
	bool is_visit : 1;
	bool came_to_visit : 1; /* that was told, and its end will be */
	char name[];
};

/* All zero is empty. */
struct persons {
	struct person *first;
	struct table *table; /* NULL: they are looked through */
	uint32_t count;
};

/* NULL if the user is not in the set. */
struct person *persons_find(const struct persons *set, const struct uuid *user);

/* The name lives as long as the person. */
struct frame_person person_describe(const struct person *person);

/* Adds somebody as the last one, if it is not in the set and there is memory.
 */
void persons_add(struct persons *set, const struct frame_person *who);

/* Takes one out, who is in the set; the caller's to free(). */
void persons_remove(struct persons *set, struct person *person);

void persons_clear(struct persons *set);

#endif
