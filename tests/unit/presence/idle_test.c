/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/idle_test.c - what many idle users cost. */
#include "tests/unit/presence/fixture.h"

#include <malloc.h>

#define ROOM_MEMBERS 10

static size_t
heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* User `n` connects, a member of one room. */
static void
open_member(uint32_t n)
{
	uint32_t number = n / ROOM_MEMBERS;
	struct uuid room = { { 'r' } };
	char name[32];
	struct frame_opened opened = {
		.connection = n + 1,
		.user = { { 'u' } },
		.user_number = n + 1,
		.rooms = { &room, 1 },
	};

	snprintf(name, sizeof name, "somebody-%08u", n);
	opened.user_name = slice_of(name);
	memcpy(opened.user.bytes + 8, &n, sizeof n);
	memcpy(room.bytes + 8, &number, sizeof number);
	CHECK_INT(connections_open(connections, gateway("g"), &opened, now_ms),
		  0);
}

static void
open_members(uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n < to; n++)
		open_member(n);
	pass_ms(1000);
	told[0] = '\0';
}

/* A sanitizer's malloc() counts nothing. */
static void
a_member_of_one_room_takes_at_most_170_bytes(void)
{
	size_t few;

	begin(false);
	open_members(0, 2000);
	few = heap_bytes();
	open_members(2000, 18000);
	printf("# %zu bytes\n", (heap_bytes() - few) / 16000);
	CHECK((heap_bytes() - few) / 16000 <= 170);
	CHECK_INT(rooms_online(rooms), 18000);
	end();
}

static void
who_is_idle_asks_for_no_turn(void)
{
	begin(false);
	open_members(0, 2000);
	CHECK(rooms_due_ms(rooms) == ROOMS_NEVER);
	CHECK(grace_due_ms(grace) == ROOMS_NEVER);
	CHECK(typing_due_ms(typing) == TYPING_NEVER);
	end();
}

int
main(void)
{
	RUN(a_member_of_one_room_takes_at_most_170_bytes);
	RUN(who_is_idle_asks_for_no_turn);
	return check_done();
}
