/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/compare_test.c - when two answers are the same.
 */
#include "tools/parley-tap/compare.h"

#include "tests/unit/check.h"
#include "tests/unit/parley-tap/fixture.h"

static struct ids ids;
static struct buffer names;

/* The names of the fields that differ, or "". */
static const char *
differing(const struct frame *was, const struct frame *now)
{
	buffer_clear(&names);
	CHECK(answers_compare(&ids, was, now, &names) >= 0);
	CHECK_INT(buffer_append(&names, "", 1), 0);
	return (const char *)names.bytes;
}

static struct frame
message(unsigned id, uint64_t seq)
{
	struct frame frame = { .kind = FRAME_message, .id = 5 };

	frame.message.message = id_of(id);
	frame.message.room = id_of(1);
	frame.message.seq = seq;
	frame.message.text = slice_of("hello");
	return frame;
}

static void
times_and_running_numbers_are_left_out(void)
{
	struct frame was = message(4, 1), now = message(4, 1);

	ids_fini(&ids);
	now.message.at = 12345;
	now.message.number = 77;
	now.message.since = 99;
	now.event = 3;
	CHECK_STR(differing(&was, &now), "");
}

static void
what_differs_is_named(void)
{
	struct frame was = message(4, 1), now = message(4, 2);

	ids_fini(&ids);
	now.message.text = slice_of("HELLO");
	now.message.duplicate = true;
	CHECK_STR(differing(&was, &now), " seq text duplicate");
	now.kind = FRAME_refused;
	CHECK_STR(differing(&was, &now), " frame");
}

static void
an_id_may_be_another_one_but_always_the_same(void)
{
	struct frame was = message(4, 1), now = message(7, 1);

	ids_fini(&ids);
	CHECK_STR(differing(&was, &now), "");
	CHECK_STR(differing(&was, &now), "");
	now = message(8, 1);
	CHECK_STR(differing(&was, &now), " message");
	/* Nor can two be one. */
	was = message(5, 1);
	now = message(7, 1);
	CHECK_STR(differing(&was, &now), " message");
}

static void
what_was_said_again_means_itself(void)
{
	struct arena arena = { 0 };
	struct frame said = { .kind = FRAME_create_room };
	struct frame was = message(4, 1), now = message(4, 1);

	ids_fini(&ids);
	said.create_room.room = id_of(1);
	CHECK_INT(ids_translate(&ids, &said, &arena), 0);
	CHECK_STR(differing(&was, &now), "");
	now.message.room = id_of(2);
	CHECK_STR(differing(&was, &now), " room");
	arena_fini(&arena);
}

static void
an_id_that_the_daemon_made_is_translated_when_it_is_said(void)
{
	struct arena arena = { 0 };
	struct frame was = message(4, 1), now = message(7, 1);
	struct frame mark = { .kind = FRAME_mark };
	struct frame check = { .kind = FRAME_check_visits };
	const struct uuid users[2] = { id_of(3), id_of(4) };

	ids_fini(&ids);
	CHECK_STR(differing(&was, &now), "");
	mark.mark.message = id_of(4);
	mark.mark.user = id_of(3);
	CHECK_INT(ids_translate(&ids, &mark, &arena), 0);
	CHECK(uuid_equal(&mark.mark.message,
			 &(struct uuid){ { 0x77, 0x77, 0x77, 0x77, 0x77, 0x77,
					   0x77, 0x77, 0x77, 0x77, 0x77, 0x77,
					   0x77, 0x77, 0x77, 0x77 } }));
	CHECK_INT(mark.mark.user.bytes[0], 0x33);
	check.check_visits.users = (frame_UUIDS){ users, 2 };
	CHECK_INT(ids_translate(&ids, &check, &arena), 0);
	CHECK_INT(check.check_visits.users.at[0].bytes[0], 0x33);
	CHECK_INT(check.check_visits.users.at[1].bytes[0], 0x77);
	CHECK_INT(users[1].bytes[0], 0x44);
	arena_fini(&arena);
}

static void
lists_are_looked_into(void)
{
	struct frame_room_info before[2] = {
		{ .room = id_of(1), .head_seq = 3, .created_at = 5 },
		{ .room = id_of(2) }
	};
	struct frame_room_info after[2] = { before[0], before[1] };
	struct frame was = { .kind = FRAME_rooms }, now = was;

	ids_fini(&ids);
	was.rooms.rooms = (frame_list){ before, 2 };
	now.rooms.rooms = (frame_list){ after, 2 };
	after[0].created_at = 6;
	CHECK_STR(differing(&was, &now), "");
	after[1].seen_seq = 1;
	CHECK_STR(differing(&was, &now), " rooms");
	now.rooms.rooms.n = 1;
	CHECK_STR(differing(&was, &now), " rooms");
}

static void
how_far_a_room_had_come_at_a_read_is_left_out(void)
{
	struct frame_room_info before = { .room = id_of(1), .head_seq = 516 };
	struct frame_room_info after = { .room = id_of(1), .head_seq = 522 };
	struct frame was = { .kind = FRAME_history }, now = was;

	ids_fini(&ids);
	was.history.head = 516;
	now.history.head = 522;
	CHECK_STR(differing(&was, &now), "");
	now.history.more = true;
	CHECK_STR(differing(&was, &now), " more");
	was = now = (struct frame){ .kind = FRAME_rooms };
	was.rooms.rooms = (frame_list){ &before, 1 };
	now.rooms.rooms = (frame_list){ &after, 1 };
	CHECK_STR(differing(&was, &now), "");
}

static void
a_secret_is_never_compared(void)
{
	struct frame was = { .kind = FRAME_minted }, now = was;

	ids_fini(&ids);
	was.minted.user = now.minted.user = id_of(1);
	was.minted.token = slice_of("(hidden)");
	now.minted.token = slice_of("a token");
	CHECK_STR(differing(&was, &now), "");
}

int
main(void)
{
	RUN(times_and_running_numbers_are_left_out);
	RUN(what_differs_is_named);
	RUN(an_id_may_be_another_one_but_always_the_same);
	RUN(what_was_said_again_means_itself);
	RUN(an_id_that_the_daemon_made_is_translated_when_it_is_said);
	RUN(lists_are_looked_into);
	RUN(how_far_a_room_had_come_at_a_read_is_left_out);
	RUN(a_secret_is_never_compared);
	ids_fini(&ids);
	buffer_fini(&names);
	return check_done();
}
