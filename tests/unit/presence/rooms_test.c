/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/rooms_test.c - what is told of big rooms and of many: how
 * often, in which pieces, in which order, with which versions.
 */
#include "presence/rooms.h"

#include "tests/unit/check.h"

#define CROWD 3000

static struct people people;
static struct rooms *rooms;
static struct stay stays[CROWD];
static const struct person *stayers[CROWD]; /* whose stay it is */
static struct frame_present frames[CROWD];  /* lists are not kept */
static uint32_t first_came[CROWD];
static size_t frame_count;

static struct uuid
make_id(char kind, uint32_t n)
{
	struct uuid id = { { (uint8_t)kind } };

	memcpy(id.bytes + 1, &n, sizeof n);
	return id;
}

static uint32_t
read_id(const struct uuid *id)
{
	uint32_t n;

	memcpy(&n, id->bytes + 1, sizeof n);
	return n;
}

static void
note(void *self, const struct frame_present *present)
{
	const struct frame_person *came = present->came.items;

	(void)self;
	CHECK(frame_count < CROWD);
	CHECK(present->came.n + present->went.n <= ROOMS_FRAME_PEOPLE);
	first_came[frame_count] =
	    present->came.n == 0 ? UINT32_MAX : read_id(&came[0].user);
	frames[frame_count++] = *present;
}

/* User `n` enters; the name has `name_bytes`. */
static void
enter(char room, uint32_t n, size_t name_bytes)
{
	char name[257];
	struct uuid user = make_id('u', n), id = make_id(room, 0);
	struct person *person;

	memset(name, 'x', sizeof name);
	person =
	    people_take(&people, &user, n, (struct slice){ name, name_bytes });
	CHECK_INT(rooms_begin_stay(rooms, &id, person, false, &stays[n]), 0);
	stayers[n] = person;
	people_release(&people, person);
}

static void
enter_crowd(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		enter('r', i, 1);
}

static void
leave(uint32_t n)
{
	rooms_end_stay(rooms, stayers[n], &stays[n]);
}

static void
exit_crowd(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		leave(i);
}

static void
begin(bool quiet)
{
	frame_count = 0;
	people_init(&people);
	rooms = rooms_new(&people, quiet, note, NULL);
}

static void
end(void)
{
	rooms_free(&rooms);
	CHECK_INT(people_count(&people), 0);
}

static void
a_crowd_is_told_in_pieces_with_a_version_each(void)
{
	begin(false);
	enter_crowd(0, 2500);
	rooms_turn(rooms, 1000);
	CHECK_INT(frame_count, 3);
	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(frames[i].version, frames[0].version + i);
		CHECK_INT(frames[i].reset, i == 0);
		CHECK_INT(frames[i].more, i < 2);
		CHECK_INT(frames[i].came.n, i < 2 ? 1000 : 500);
		CHECK_INT(frames[i].online, 2500);
		CHECK_INT(first_came[i], i * 1000);
	}
	exit_crowd(0, 2500);
	end();
}

static void
exactly_a_full_frame_has_nothing_behind_it(void)
{
	begin(false);
	enter_crowd(0, ROOMS_FRAME_PEOPLE);
	rooms_turn(rooms, 1000);
	CHECK_INT(frame_count, 1);
	CHECK_INT(frames[0].more, false);
	exit_crowd(0, ROOMS_FRAME_PEOPLE);
	end();
}

static void
long_names_make_frames_smaller(void)
{
	size_t told = 0;

	begin(false);
	for (uint32_t i = 0; i < 1000; i++)
		enter('r', i, 256);
	rooms_turn(rooms, 1000);
	CHECK(frame_count > 1);
	for (size_t i = 0; i < frame_count; i++) {
		CHECK(frames[i].came.n * (256 + 16) < 256 * 1024);
		told += frames[i].came.n;
	}
	CHECK_INT(told, 1000);
	exit_crowd(0, 1000);
	end();
}

static void
a_big_room_is_told_of_rarely(void)
{
	begin(false);
	enter_crowd(0, 600);
	rooms_turn(rooms, 1000);
	enter_crowd(600, 610);
	rooms_turn(rooms, 2999);
	CHECK_INT(frame_count, 1);
	CHECK_INT(rooms_due_ms(rooms), 3000);
	rooms_turn(rooms, 3000);
	CHECK_INT(frame_count, 2);
	enter_crowd(610, 2000);
	CHECK_INT(rooms_due_ms(rooms), 3000 + 2 * 2000);
	exit_crowd(500, 2000);
	CHECK_INT(rooms_due_ms(rooms), 3000 + 250);
	rooms_turn(rooms, 3250);
	CHECK_INT(frame_count, 3);
	CHECK_INT(frames[2].online, 500);
	CHECK_INT(frames[2].came.n, 0);
	CHECK_INT(frames[2].went.n, 110);
	exit_crowd(0, 500);
	end();
}

static void
a_full_answer_is_what_was_told_and_counts_nothing(void)
{
	struct uuid room = make_id('r', 0);

	begin(false);
	enter_crowd(0, 1500);
	rooms_turn(rooms, 1000);
	enter_crowd(1500, 1600);
	exit_crowd(0, 1);
	frame_count = 0;
	rooms_answer(rooms, &room, note, NULL);
	CHECK_INT(frame_count, 2);
	for (size_t i = 0; i < 2; i++) {
		CHECK_INT(frames[i].version, 3);
		CHECK_INT(frames[i].reset, i == 0);
		CHECK_INT(frames[i].more, i == 0);
		CHECK_INT(frames[i].came.n, i == 0 ? 1000 : 500);
		CHECK_INT(frames[i].online, 1500);
		CHECK_INT(first_came[i], i * 1000);
	}
	rooms_turn(rooms, 5000);
	CHECK_INT(frames[2].version, 4);
	CHECK_INT(frames[2].came.n, 100);
	CHECK_INT(frames[2].went.n, 1);
	exit_crowd(1, 1600);
	end();
}

static void
an_unknown_room_is_answered_empty(void)
{
	struct uuid room = make_id('r', 0);

	begin(false);
	rooms_answer(rooms, &room, note, NULL);
	CHECK_INT(frame_count, 1);
	CHECK(frames[0].version >= 1);
	CHECK(frames[0].reset && !frames[0].more);
	CHECK_INT(frames[0].came.n + frames[0].online, 0);
	CHECK_INT(rooms_count(rooms), 0);
	end();
}

static void
who_comes_back_is_the_latest(void)
{
	struct uuid room = make_id('r', 0);

	begin(false);
	enter_crowd(0, 3);
	rooms_turn(rooms, 1000);
	exit_crowd(0, 1);
	rooms_turn(rooms, 2000);
	enter_crowd(0, 1);
	rooms_turn(rooms, 3000);
	rooms_answer(rooms, &room, note, NULL);
	CHECK_INT(first_came[frame_count - 1], 1);
	exit_crowd(0, 3);
	end();
}

static void
a_room_that_comes_again_has_later_versions_and_a_full_set(void)
{
	uint64_t last;

	begin(false);
	for (int i = 0; i < 5; i++) {
		enter('r', 0, 1);
		rooms_turn(rooms, 1000 + i * 1000);
		exit_crowd(0, 1);
		rooms_turn(rooms, 1500 + i * 1000);
	}
	last = frames[frame_count - 1].version;
	rooms_turn(rooms, 10000);
	CHECK_INT(rooms_count(rooms), 0);
	CHECK(rooms_due_ms(rooms) == ROOMS_NEVER);
	enter('s', 0, 1);
	rooms_turn(rooms, 10000);
	CHECK(frames[frame_count - 1].version > last);
	exit_crowd(0, 1);
	rooms_turn(rooms, 10500);
	enter('r', 0, 1);
	rooms_turn(rooms, 11000);
	CHECK(frames[frame_count - 1].version > last);
	CHECK(frames[frame_count - 1].reset);
	exit_crowd(0, 1);
	end();
}

static void
many_rooms_are_retold_in_slices(void)
{
	uint64_t now_ms = 5000;
	size_t slices = 0;

	begin(false);
	for (uint32_t i = 0; i < 1000; i++) {
		struct uuid room = make_id('q', i), user = make_id('u', 1);
		struct person *person =
		    people_take(&people, &user, 1, slice_of("one"));
		rooms_begin_stay(rooms, &room, person, false, &stays[i]);
		stayers[i] = person;
		people_release(&people, person);
	}
	rooms_turn(rooms, 1000);
	CHECK_INT(frame_count, 1000);
	frame_count = 0;
	rooms_retell(rooms);
	while (rooms_due_ms(rooms) != ROOMS_NEVER && slices < 100) {
		size_t before = frame_count;
		rooms_turn(rooms, now_ms);
		CHECK(frame_count - before <= ROOMS_SLICE_ROOMS);
		now_ms += ROOMS_SLICE_EVERY_MS;
		slices++;
	}
	CHECK_INT(slices, 1000 / ROOMS_SLICE_ROOMS);
	CHECK_INT(frame_count, 1000);
	CHECK(frames[999].reset);
	exit_crowd(0, 1000);
	end();
}

static void
a_room_may_be_forgotten_while_all_are_retold(void)
{
	begin(false);
	for (uint32_t i = 0; i < 300; i++) {
		struct uuid room = make_id('q', i), user = make_id('u', 1);
		struct person *person =
		    people_take(&people, &user, 1, slice_of("one"));
		rooms_begin_stay(rooms, &room, person, false, &stays[i]);
		stayers[i] = person;
		people_release(&people, person);
	}
	rooms_turn(rooms, 1000);
	exit_crowd(150, 300);
	rooms_turn(rooms, 1250);
	rooms_retell(rooms);
	frame_count = 0;
	rooms_turn(rooms, 1300);
	rooms_turn(rooms, 2000);
	rooms_turn(rooms, 3000);
	CHECK_INT(rooms_count(rooms), 150);
	exit_crowd(0, 150);
	end();
}

int
main(void)
{
	RUN(a_crowd_is_told_in_pieces_with_a_version_each);
	RUN(exactly_a_full_frame_has_nothing_behind_it);
	RUN(long_names_make_frames_smaller);
	RUN(a_big_room_is_told_of_rarely);
	RUN(a_full_answer_is_what_was_told_and_counts_nothing);
	RUN(an_unknown_room_is_answered_empty);
	RUN(who_comes_back_is_the_latest);
	RUN(a_room_that_comes_again_has_later_versions_and_a_full_set);
	RUN(many_rooms_are_retold_in_slices);
	RUN(a_room_may_be_forgotten_while_all_are_retold);
	return check_done();
}
