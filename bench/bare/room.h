/* SPDX-License-Identifier: MIT */
/* bench/bare/room.h - who is in which room of the bare floor, and what is said
 * there: one send() a member, for as many messages as are to share one.
 */
#ifndef PARLEY_BENCH_BARE_ROOM_H
#define PARLEY_BENCH_BARE_ROOM_H

#include "gateway/websocket.h"
#include "proto/slice.h"

struct member;
struct room;

/* All that there are. A room is there as long as somebody is in it. */
struct rooms {
	struct room *by_name;
	unsigned long coalesce; /* messages of a room in one send */
	unsigned long hold_ms;  /* that a message waits for others at most */
	uint64_t flush_us;      /* when they are next looked at for the held */
};

/* Begins the room if need be. 0, or -1 without memory. */
int room_enter(struct rooms *rooms, struct member *member, struct slice name);

/* Who is in none may leave as well. */
void room_leave(struct member *member);

/* To all that are in it. 0, or -1 without memory. */
int room_say(struct room *room, const uint8_t *payload, size_t n,
	     enum websocket_opcode opcode);

/* What never became as many as it should is sent all the same. */
void rooms_flush_held(struct rooms *rooms, uint64_t now_us);

#endif
