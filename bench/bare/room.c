/* SPDX-License-Identifier: MIT */
/* bench/bare/room.c - see room.h. */
#include "bench/bare/room.h"

#include "bench/bare/member.h"
#include "proto/clock.h"

#include <stdlib.h>
#include <uthash.h>

struct room {
	UT_hash_handle hh;
	struct rooms *rooms; /* that it is one of */
	struct member **members;
	size_t n, space;
	struct buffer said; /* frames that are not yet sent to the members */
	unsigned long messages; /* of them */
	uint64_t since_us;
	char name[];
};

/* --- Who is there */

static struct room *
get_room(struct rooms *rooms, struct slice name)
{
	struct room *room;

	HASH_FIND(hh, rooms->by_name, name.at, name.n, room);
	if (room != NULL)
		return room;
	room = calloc(1, sizeof *room + name.n);
	if (room == NULL)
		return NULL;
	room->rooms = rooms;
	memcpy(room->name, name.at, name.n);
	HASH_ADD_KEYPTR(hh, rooms->by_name, room->name, name.n, room);
	return room;
}

static void
free_if_empty(struct room *room)
{
	if (room->n > 0)
		return;
	HASH_DEL(room->rooms->by_name, room);
	free(room->members);
	buffer_fini(&room->said);
	free(room);
}

static int
make_place(struct room *room)
{
	size_t space = room->space == 0 ? 2 : 2 * room->space;
	struct member **grown;

	if (room->n < room->space)
		return 0;
	grown = realloc(room->members, space * sizeof(*grown));
	if (grown == NULL)
		return -1;
	room->members = grown;
	room->space = space;
	return 0;
}

int
room_enter(struct rooms *rooms, struct member *member, struct slice name)
{
	struct room *room = get_room(rooms, name);

	if (room == NULL)
		return -1;
	if (make_place(room) != 0) {
		free_if_empty(room);
		return -1;
	}
	member->room = room;
	member->place = room->n;
	room->members[room->n++] = member;
	return 0;
}

void
room_leave(struct member *member)
{
	struct room *room = member->room;
	struct member *last;

	if (room == NULL)
		return;
	last = room->members[--room->n];
	room->members[member->place] = last;
	last->place = member->place;
	free_if_empty(room);
}

/* --- What is said there */

static void
flush(struct room *room)
{
	for (size_t i = 0; i < room->n; i++)
		member_write(room->members[i], room->said.bytes, room->said.n);
	buffer_clear(&room->said);
	room->messages = 0;
}

void
rooms_flush_held(struct rooms *rooms, uint64_t now_us)
{
	uint64_t hold_us = rooms->hold_ms * 1000;
	struct room *room, *next;

	if (now_us < rooms->flush_us)
		return;
	rooms->flush_us = now_us + hold_us / 4;
	HASH_ITER (hh, rooms->by_name, room, next) {
		if (room->messages > 0 && now_us - room->since_us >= hold_us)
			flush(room);
	}
}

int
room_say(struct room *room, const uint8_t *payload, size_t n,
	 enum websocket_opcode opcode)
{
	uint8_t header[WEBSOCKET_HEADER_MAX];
	size_t header_bytes = websocket_frame_header(header, opcode, n);

	if (buffer_append(&room->said, header, header_bytes) != 0 ||
	    buffer_append(&room->said, payload, n) != 0)
		return -1;
	if (room->messages++ == 0 && room->rooms->coalesce > 1)
		room->since_us = clock_us();
	if (room->messages >= room->rooms->coalesce)
		flush(room);
	return 0;
}
