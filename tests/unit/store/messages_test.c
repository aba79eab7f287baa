/* SPDX-License-Identifier: MIT */
/* tests/unit/store/messages_test.c - posts, repeats, edits, histories. */
#include "tests/unit/store/fixture.h"

static void
a_post_gets_the_next_place(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	CHECK_STR(post(1, 10, 100, "one"), "");
	CHECK_INT(answer.message.seq, 1);
	CHECK_INT(answer.message.number, 1);
	CHECK_STR(post(1, 10, 101, "two"), "");
	CHECK_INT(answer.message.seq, 2);
	CHECK_INT(answer.message.number, 2);
	CHECK_INT(answer.message.message.bytes[6] >> 4, 7);
	CHECK_INT(answer.message.message.bytes[8] >> 6, 2);
	tear_down();
}

static void
places_go_on_after_a_restart(void)
{
	struct uuid first;

	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	first = answer.message.message;
	store_close(&store);
	open_store();
	post(1, 10, 100, "one");
	CHECK(answer.message.duplicate);
	CHECK(uuid_equal(&first, &answer.message.message));
	post(1, 10, 101, "two");
	CHECK_INT(answer.message.seq, 2);
	tear_down();
}

static void
a_repeated_nonce_creates_nothing(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	make_room(2, 1, "other", 10);
	post(1, 10, 100, "one");
	CHECK_STR(post(2, 10, 100, "else"), "");
	CHECK(answer.message.duplicate);
	CHECK(slice_is(answer.message.text, "one"));
	CHECK_STR(post(77, 10, 100, "nowhere"), "");
	CHECK(answer.message.duplicate);
	join(1, 11);
	CHECK_STR(post(1, 11, 100, "another author"), "");
	CHECK(!answer.message.duplicate);
	CHECK_INT(answer.message.seq, 2);
	tear_down();
}

static void
who_may_post(void)
{
	struct frame f;

	set_up();
	make_room(1, 1, "general", 10);
	make_room(2, 2, "hidden", 10);
	CHECK_STR(post(9, 10, 100, "x"), "room_not_found");
	CHECK_STR(post(1, 11, 101, "x"), "not_a_member");
	CHECK_STR(post(2, 11, 102, "x"), "room_not_found");
	f = post_frame(1, 11, 103, "x");
	f.post.visit = true;
	CHECK_STR(act(messages_post, &f), "");
	f = post_frame(2, 11, 104, "x");
	f.post.visit = true;
	CHECK_STR(act(messages_post, &f), "room_not_found");
	f = post_frame(2, 10, 105, "x");
	f.post.visit = true;
	CHECK_STR(act(messages_post, &f), "");
	CHECK_INT(answer.message.user_number, 10);
	tear_down();
}

static void
a_member_who_visits_is_a_member(void)
{
	struct frame f;

	set_up();
	make_room(1, 1, "general", 10);
	f = post_frame(1, 10, 100, "x");
	f.post.visit = true;
	CHECK_STR(act(messages_post, &f), "");
	CHECK_INT(seen_seq(10), 1);
	history(1, 10, true, 0, 5);
	CHECK_STR(edit(10, message_at(0)->message, "y"), "");
	tear_down();
}

static void
time_never_goes_back_in_a_room(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	store.now_ms -= 500;
	post(1, 10, 101, "two");
	CHECK_INT(answer.message.at, 1000000);
	tear_down();
}

static void
names_stay_as_they_were(void)
{
	struct frame f;

	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	f = post_frame(1, 10, 101, "two");
	f.post.user_name = slice_of("renamed");
	act(messages_post, &f);
	post(1, 10, 102, "three");
	history(1, 0, true, 0, 10);
	CHECK(slice_is(message_at(0)->user_name, "author"));
	CHECK(slice_is(message_at(1)->user_name, "renamed"));
	CHECK(slice_is(message_at(2)->user_name, "author"));
	tear_down();
}

static void
histories_go_both_ways(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	for (unsigned i = 1; i <= 10; i++)
		post(1, 10, 100 + i, "text");
	history(1, 10, false, 0, 3);
	CHECK_INT(answer.history.messages.n, 3);
	CHECK_INT(message_at(0)->seq, 8);
	CHECK_INT(message_at(2)->seq, 10);
	CHECK(answer.history.more);
	CHECK_INT(answer.history.head, 10);
	history(1, 10, false, 4, 3);
	CHECK_INT(message_at(0)->seq, 1);
	CHECK_INT(message_at(2)->seq, 3);
	CHECK(!answer.history.more);
	history(1, 10, true, 7, 2);
	CHECK_INT(message_at(0)->seq, 8);
	CHECK_INT(message_at(1)->seq, 9);
	CHECK(answer.history.more);
	history(1, 10, true, 9, 5);
	CHECK_INT(answer.history.messages.n, 1);
	CHECK(!answer.history.more);
	history(1, 10, true, 10, 5);
	CHECK_INT(answer.history.messages.n, 0);
	CHECK(!answer.history.more);
	CHECK_STR(history(1, 11, true, 0, 5), "not_a_member");
	CHECK_STR(history(2, 11, true, 0, 5), "room_not_found");
	tear_down();
}

static void
a_page_ends_at_its_bytes(void)
{
	char *text = malloc(60001);

	set_up();
	memset(text, 'x', 60000);
	text[60000] = '\0';
	make_room(1, 1, "general", 10);
	for (unsigned i = 1; i <= 8; i++)
		post(1, 10, 100 + i, text);
	history(1, 0, false, 0, 8);
	CHECK_INT(answer.history.messages.n, 4);
	CHECK_INT(message_at(3)->seq, 8);
	CHECK(answer.history.more);
	history(1, 0, true, 0, 8);
	CHECK_INT(answer.history.messages.n, 4);
	CHECK_INT(message_at(0)->seq, 1);
	CHECK(answer.history.more);
	free(text);
	tear_down();
}

static void
edits_are_the_authors(void)
{
	struct uuid id;

	set_up();
	make_room(1, 1, "general", 10);
	join(1, 11);
	post(1, 10, 100, "one");
	id = answer.message.message;
	CHECK_STR(edit(11, id, "x"), "not_allowed");
	CHECK_STR(edit(12, id, "x"), "message_not_found");
	CHECK_STR(edit(10, id_of(5), "x"), "message_not_found");
	CHECK_STR(edit(10, id, "uno"), "");
	CHECK_INT(answer.edited.change, 2);
	CHECK_STR(edit(10, id, "uno"), "");
	CHECK_INT(answer.edited.change, 2);
	CHECK_INT(answer.edited.messages.n, 1);
	history(1, 0, true, 0, 5);
	CHECK(slice_is(message_at(0)->text, "uno"));
	CHECK_INT(message_at(0)->edited_at, 1000000);
	leave(1, 10);
	CHECK_STR(edit(10, id, "x"), "message_not_found");
	tear_down();
}

static void
what_is_taken_back_leaves_its_place(void)
{
	struct uuid id;

	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	id = answer.message.message;
	post(1, 10, 101, "two");
	CHECK_STR(erase(10, id), "");
	CHECK_INT(answer.erased.change, 1);
	CHECK_INT(answer.erased.seq, 1);
	CHECK_STR(erase(10, id), "");
	CHECK_INT(answer.erased.change, 1);
	CHECK_STR(edit(10, id, "x"), "message_not_found");
	history(1, 0, true, 0, 5);
	CHECK_INT(answer.history.messages.n, 2);
	CHECK(message_at(0)->deleted);
	CHECK_INT(message_at(0)->text.n, 0);
	tear_down();
}

static void
ids_are_not_guessed_from_numbers(void)
{
	struct uuid id;

	set_up();
	make_room(1, 1, "general", 10);
	post(1, 10, 100, "one");
	id = answer.message.message;
	id.bytes[9] ^= 1;
	CHECK_STR(mark(10, id), "message_not_found");
	tear_down();
}

static void
run_all(void)
{
	RUN(a_post_gets_the_next_place);
	RUN(places_go_on_after_a_restart);
	RUN(a_repeated_nonce_creates_nothing);
	RUN(who_may_post);
	RUN(a_member_who_visits_is_a_member);
	RUN(time_never_goes_back_in_a_room);
	RUN(names_stay_as_they_were);
	RUN(histories_go_both_ways);
	RUN(a_page_ends_at_its_bytes);
	RUN(edits_are_the_authors);
	RUN(what_is_taken_back_leaves_its_place);
	RUN(ids_are_not_guessed_from_numbers);
}

int
main(void)
{
	return run_in_folder(run_all);
}
