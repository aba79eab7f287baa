/* SPDX-License-Identifier: MIT */
/* tests/unit/store/changes_test.c - what happened in a room besides messages.
 */
#include "tests/unit/store/fixture.h"

/* Of the last answer. */
static const struct frame_message *
edited_at(size_t i)
{
	const frame_list *list = &answer.changes.messages;

	return i < list->n ? (const struct frame_message *)list->items + i
			   : NULL;
}

static struct uuid
said(unsigned room, unsigned nonce)
{
	post(room, 10, nonce, "text");
	return answer.message.message;
}

static void
all_kinds_come_in_their_order(void)
{
	struct uuid one, two;

	set_up();
	make_room(1, 1, "general", 10);
	make_room(2, 1, "other", 10);
	one = said(1, 100);
	two = said(1, 101);
	join(1, 11);
	edit(10, two, "deux");
	join(2, 11);
	erase(10, one);
	leave(1, 11);
	CHECK_STR(changes(1, 0, 10), "");
	CHECK_INT(answer.changes.changes.n, 4);
	CHECK_INT(answer.changes.upto, 4);
	CHECK_INT(change_at(0)->kind, CHANGE_JOIN);
	CHECK_INT(change_at(0)->at, 1000000);
	CHECK_INT(change_at(0)->user_number, 11);
	CHECK(slice_is(change_at(0)->user_name, "joiner"));
	CHECK_INT(change_at(1)->kind, CHANGE_EDIT);
	CHECK_INT(change_at(1)->change, 2);
	CHECK_INT(answer.changes.messages.n, 1);
	CHECK(uuid_equal(&edited_at(0)->message, &two));
	CHECK(slice_is(edited_at(0)->text, "deux"));
	CHECK_INT(change_at(2)->kind, CHANGE_ERASE);
	CHECK(uuid_equal(&change_at(2)->message, &one));
	CHECK_INT(change_at(2)->seq, 1);
	CHECK_INT(change_at(3)->kind, CHANGE_LEAVE);
	changes(1, 3, 10);
	CHECK_INT(answer.changes.changes.n, 1);
	changes(1, 4, 10);
	CHECK_INT(answer.changes.changes.n, 0);
	CHECK_INT(answer.changes.upto, 0);
	CHECK_STR(changes(9, 0, 10), "room_not_found");
	tear_down();
}

static void
what_was_replaced_is_passed_over(void)
{
	struct uuid one, two;

	set_up();
	make_room(1, 1, "general", 10);
	one = said(1, 100);
	two = said(1, 101);
	edit(10, one, "a");
	edit(10, two, "b");
	edit(10, one, "c");
	erase(10, two);
	changes(1, 0, 2);
	CHECK_INT(answer.changes.changes.n, 0);
	CHECK_INT(answer.changes.upto, 2);
	changes(1, 2, 2);
	CHECK_INT(answer.changes.changes.n, 2);
	CHECK_INT(change_at(0)->change, 3);
	CHECK(slice_is(edited_at(0)->text, "c"));
	CHECK_INT(change_at(1)->change, 4);
	CHECK_INT(answer.changes.upto, 4);
	tear_down();
}

static void
a_page_ends_at_its_bytes(void)
{
	char *text = malloc(60001);
	struct uuid ids[8];

	set_up();
	memset(text, 'x', 60000);
	text[60000] = '\0';
	make_room(1, 1, "general", 10);
	for (unsigned i = 0; i < 8; i++)
		ids[i] = said(1, 100 + i);
	for (unsigned i = 0; i < 8; i++)
		edit(10, ids[i], text);
	changes(1, 0, 8);
	CHECK_INT(answer.changes.changes.n, 4);
	CHECK_INT(answer.changes.messages.n, 4);
	CHECK_INT(answer.changes.upto, 4);
	changes(1, 4, 8);
	CHECK_INT(answer.changes.changes.n, 4);
	CHECK(uuid_equal(&edited_at(0)->message, &ids[4]));
	CHECK_INT(answer.changes.upto, 8);
	free(text);
	tear_down();
}

static void
run_all(void)
{
	RUN(all_kinds_come_in_their_order);
	RUN(what_was_replaced_is_passed_over);
	RUN(a_page_ends_at_its_bytes);
}

int
main(void)
{
	return run_in_folder(run_all);
}
