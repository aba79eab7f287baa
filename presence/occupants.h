/* SPDX-License-Identifier: MIT */
/* presence/occupants.h - those who are in one room, in the order in which they
 * came.
 *
 * They stand side by side in one piece of memory: who is told of a room is
 * found without a jump for each. One who is removed leaves a gap until the
 * next is added; so one may remove while walking.
 */
#ifndef PARLEY_PRESENCE_OCCUPANTS_H
#define PARLEY_PRESENCE_OCCUPANTS_H

#include "presence/people.h"

enum standing { ABSENT, MEMBER, VISITOR };

/* Somebody in a room. Stays are counted in two kinds: as a member, as a
 * visitor. */
struct occupant {
	struct person *person; /* NULL: a gap */
	uint32_t members : 30; /* stays whose connections live */
	unsigned standing : 2; /* what they are, an enum standing */
	uint32_t visitors : 30;
	unsigned told : 2; /* what was told of them */
	/* By kind: the last stay that was held, while it counts; 0: none. */
	uint32_t holds[2];
};

/* All zero is empty. */
struct occupants {
	struct occupant *at;
	uint32_t *index; /* in a crowd; see occupants.c */
	uint32_t used;   /* places, the gaps counted */
	uint32_t room;
	uint32_t count;
};

/* The one that is this person; or NULL. Valid until one is added. */
struct occupant *occupants_find(const struct occupants *occupants,
				const struct person *person);

/* Adds somebody who is not there yet, all else zero, behind the others. NULL
 * with errno ENOMEM. The person stays the caller's. */
struct occupant *occupants_add(struct occupants *occupants,
			       struct person *person);

/* The last one's removal gives all memory back. */
void occupants_remove(struct occupants *occupants, struct occupant *occupant);

/* Walks over them in their order: the next one, or NULL at the end. A walk
 * begins with *place at 0. */
struct occupant *occupants_next(const struct occupants *occupants,
				uint32_t *place);

#endif
