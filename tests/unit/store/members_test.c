/* SPDX-License-Identifier: MIT */
/* tests/unit/store/members_test.c - joining, leaving, marks, direct rooms. */
#include "tests/unit/store/fixture.h"

static void
joining_begins_at_the_head(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	CHECK_STR(join(1, 11), "");
	CHECK(answer.joined.fresh);
	CHECK_INT(answer.joined.seq, 1);
	CHECK_INT(answer.joined.change, 1);
	CHECK_INT(seen_seq(11), 1);
	post(1, 10, 101, "two");
	CHECK_STR(join(1, 11), "");
	CHECK(!answer.joined.fresh);
	CHECK_INT(answer.joined.seq, 1);
	CHECK_INT(answer.joined.change, 1);
	tear_down();
}

static void
only_public_rooms_can_be_joined(void)
{
	set_up();
	make_room(2, 2, "hidden", 10);
	open_direct(3, 10, 11);
	CHECK_STR(join(2, 11), "room_not_found");
	CHECK_STR(join(3, 12), "room_not_found");
	CHECK_STR(join(4, 12), "room_not_found");
	CHECK_STR(join(2, 10), "");
	CHECK(!answer.joined.fresh);
	tear_down();
}

static void
leaving_twice_is_harmless(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	make_room(2, 2, "hidden", 10);
	open_direct(3, 10, 11);
	CHECK_STR(leave(1, 10), "");
	CHECK(answer.left.fresh);
	CHECK_INT(answer.left.change, 1);
	CHECK_STR(leave(1, 10), "");
	CHECK(!answer.left.fresh);
	CHECK_INT(answer.left.change, 1);
	CHECK_STR(leave(1, 12), "");
	CHECK(!answer.left.fresh);
	CHECK_STR(leave(2, 12), "room_not_found");
	CHECK_STR(leave(3, 10), "not_allowed");
	CHECK_STR(leave(3, 12), "room_not_found");
	CHECK_STR(leave(2, 10), "");
	CHECK(answer.left.fresh);
	tear_down();
}

static void
marks_never_go_back(void)
{
	struct uuid ids[4];

	set_up();
	make_room(1, 1, "general", 10);
	join(1, 11);
	for (unsigned i = 0; i < 4; i++) {
		post(1, 10, 100 + i, "text");
		ids[i] = answer.message.message;
	}
	CHECK_INT(seen_seq(10), 4);
	CHECK_INT(seen_seq(11), 0);
	CHECK_STR(mark(11, ids[2]), "");
	CHECK_INT(answer.marked.seq, 3);
	CHECK_STR(mark(11, ids[0]), "");
	CHECK_INT(answer.marked.seq, 3);
	CHECK(uuid_equal(&answer.marked.message, &ids[2]));
	CHECK_INT(seen_seq(11), 3);
	CHECK_STR(mark(12, ids[0]), "not_a_member");
	CHECK_STR(mark(12, id_of(3)), "message_not_found");
	tear_down();
}

static void
own_messages_move_the_mark_only_without_a_gap(void)
{
	struct uuid other;

	set_up();
	make_room(1, 1, "general", 10);
	join(1, 11);
	post(1, 11, 200, "mine");
	CHECK_INT(seen_seq(11), 1);
	post(1, 10, 201, "of another");
	other = answer.message.message;
	post(1, 11, 202, "mine");
	post(1, 11, 203, "mine");
	CHECK_INT(seen_seq(11), 1);
	CHECK_STR(mark(11, other), "");
	CHECK_INT(answer.marked.seq, 4);
	CHECK_INT(seen_seq(11), 4);
	tear_down();
}

static void
a_pair_has_one_direct_room(void)
{
	struct uuid room;

	set_up();
	CHECK_STR(open_direct(3, 10, 11), "");
	CHECK(answer.direct.fresh);
	room = answer.direct.room;
	CHECK_STR(open_direct(4, 11, 10), "");
	CHECK(!answer.direct.fresh);
	CHECK(uuid_equal(&room, &answer.direct.room));
	CHECK_STR(open_direct(5, 10, 10), "not_allowed");
	CHECK_STR(open_direct(3, 10, 12), "taken");
	CHECK_STR(post(3, 11, 100, "hello"), "");
	CHECK_STR(post(3, 12, 101, "hello"), "room_not_found");
	tear_down();
}

static void
marks_of_hidden_rooms_reveal_nothing(void)
{
	struct uuid id;

	set_up();
	open_direct(3, 10, 11);
	post(3, 10, 100, "hello");
	id = answer.message.message;
	CHECK_STR(mark(12, id), "message_not_found");
	CHECK_STR(edit(12, id, "x"), "message_not_found");
	tear_down();
}

static void
run_all(void)
{
	RUN(joining_begins_at_the_head);
	RUN(only_public_rooms_can_be_joined);
	RUN(leaving_twice_is_harmless);
	RUN(marks_never_go_back);
	RUN(own_messages_move_the_mark_only_without_a_gap);
	RUN(a_pair_has_one_direct_room);
	RUN(marks_of_hidden_rooms_reveal_nothing);
}

int
main(void)
{
	return run_in_folder(run_all);
}
