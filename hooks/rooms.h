/* SPDX-License-Identifier: MIT */
/* hooks/rooms.h - the rooms that have hooks, and how far each room is.
 *
 * The router tells of all that happens in them. Only the numbers are of
 * interest: what there is to deliver is read from the store, in order.
 */
#ifndef PARLEY_HOOKS_ROOMS_H
#define PARLEY_HOOKS_ROOMS_H

#include "hooks/hooks.h"

#include "proto/hash.h"
#include "proto/names.h"

struct room {
	struct hooks *hooks_of;
	struct uuid id;
	char name[NAME_MAX_BYTES];
	size_t name_bytes;
	uint64_t seq;       /* the newest message that we know of */
	uint64_t change;    /* the newest change */
	struct hook *hooks; /* doubly linked */
	bool is_waiting;    /* to be subscribed */
	struct room *prev, *next;
	UT_hash_handle hh;
};

/* Finds the room, or makes it and has it subscribed at the end of the turn.
 * NULL without memory. */
struct room *rooms_add(struct hooks *hooks, const struct uuid *id);

/* Forgets the room if it has no hook left. */
void rooms_let_go(struct room *room);

void rooms_name(struct room *room, struct slice name);

/* Something happened in a room, which has these numbers now; 0: unchanged.
 * Rooms without hooks are none of ours. */
void rooms_note(struct hooks *hooks, const struct uuid *room, uint64_t seq,
		uint64_t change);

void rooms_subscribe_all(struct hooks *hooks);

/* Asks for the rooms that wait to be subscribed. */
void rooms_turn(struct hooks *hooks);

/* The frames of the router. */
void rooms_hear(struct hooks *hooks, const struct frame *frame);

#endif
