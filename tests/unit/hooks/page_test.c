/* SPDX-License-Identifier: MIT */
/* tests/unit/hooks/page_test.c - which deliveries come of what the store tells,
 * and how far is a hook after each?
 */
#include "hooks/page.h"

#include "proto/frame_values.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define ALL (HOOK_MESSAGES | HOOK_EDITS | HOOK_MEMBERS)

static struct page page;

static const struct event_place place = {
	.hook = { { 1 } },
	.room = { { 2 } },
	.room_name = { "den", 3 },
};

static struct frame_message
message(uint64_t seq, const char *text)
{
	return (struct frame_message){
		.room = place.room,
		.seq = seq,
		.message = { { 3, (uint8_t)seq } },
		.number = seq,
		.user = { { 4 } },
		.user_name = slice_of("ann"),
		.text = slice_of(text),
		.at = 1700000000123,
		.deleted = *text == '\0',
	};
}

static void
fill_history(const struct frame_message *messages, size_t n)
{
	const struct frame_history history = { .messages = { messages, n } };

	page_clear(&page);
	CHECK(page_of_history(&page, &place, &history) == 0);
}

static void
a_message_is_told_with_its_place(void)
{
	const struct frame_message one = message(7, "a \"word\"");

	fill_history(&one, 1);
	CHECK_INT(page.n, 1);
	CHECK_INT(page.deliveries[0].seq, 7);
	CHECK_INT(page.deliveries[0].change, 0);
	CHECK_STR(page.deliveries[0].event.id,
		  "03070000-0000-0000-0000-000000000000");
	CHECK_STR(
	    page.deliveries[0].event.body,
	    "{\"id\":\"03070000-0000-0000-0000-000000000000\","
	    "\"type\":\"message.created\","
	    "\"created_at\":\"2023-11-14T22:13:20.123Z\","
	    "\"hook\":\"01000000-0000-0000-0000-000000000000\","
	    "\"room\":{\"id\":\"02000000-0000-0000-0000-000000000000\","
	    "\"name\":\"den\"},"
	    "\"message\":{\"id\":\"03070000-0000-0000-0000-000000000000\","
	    "\"room_id\":\"02000000-0000-0000-0000-000000000000\","
	    "\"creator_id\":\"04000000-0000-0000-0000-000000000000\","
	    "\"content\":\"a \\\"word\\\"\","
	    "\"client_message_id\":\"00000000-0000-0000-0000-000000000000\","
	    "\"created_at\":\"2023-11-14T22:13:20.123Z\",\"seq\":7,"
	    "\"number\":7,\"creator_name\":\"ann\"}}");
	CHECK_INT(page.deliveries[0].event.body_bytes,
		  strlen(page.deliveries[0].event.body));
}

static void
a_message_that_was_taken_back_is_passed_over(void)
{
	const struct frame_message three[] = { message(1, ""),
					       message(2, "here"),
					       message(3, "") };

	fill_history(three, 3);
	CHECK_INT(page.n, 1);
	CHECK_INT(page.deliveries[0].seq, 2);
	CHECK_INT(page.seq, 3);
}

static void
a_page_is_bounded(void)
{
	struct frame_message many[PAGE_EVENTS + 10];
	char *text = calloc(1, 65536);

	for (size_t i = 0; i < PAGE_EVENTS + 10; i++)
		many[i] = message(i + 1, "word");
	fill_history(many, PAGE_EVENTS + 10);
	CHECK_INT(page.n, PAGE_EVENTS);
	CHECK_INT(page.seq, PAGE_EVENTS);
	memset(text, 'x', 65535);
	for (size_t i = 0; i < PAGE_EVENTS; i++)
		many[i] = message(i + 1, text);
	fill_history(many, PAGE_EVENTS);
	CHECK_INT(page.n, 4);
	CHECK_INT(page.seq, 4);
	/* Escapes make six bytes of one: one event always fits. */
	memset(text, '\001', 65535);
	for (size_t i = 0; i < PAGE_EVENTS; i++)
		many[i] = message(i + 1, text);
	fill_history(many, PAGE_EVENTS);
	CHECK_INT(page.n, 1);
	CHECK_INT(page.seq, 1);
	free(text);
}

/* --- Changes */

static struct frame_change
change(uint64_t number, enum change_kind kind, uint64_t seq)
{
	return (struct frame_change){
		.change = number,
		.kind = kind,
		.user = { { 4 } },
		.user_name = slice_of("ann"),
		.message = { { seq > 0 ? 3 : 0, (uint8_t)seq } },
		.seq = seq,
		.at = 1700000000123,
	};
}

static void
fill_changes(const struct frame_change *changes, size_t n,
	     const struct frame_message *messages, size_t messages_n,
	     uint64_t wishes, uint64_t seq)
{
	const struct frame_changes frame = {
		.changes = { changes, n },
		.messages = { messages, messages_n },
		.upto = n > 0 ? changes[n - 1].change + 1 : 0,
	};

	page_clear(&page);
	CHECK(page_of_changes(&page, &place, &frame, wishes, seq) == 0);
}

static void
each_kind_of_change_has_its_words(void)
{
	static const char *const words[] = {
		"message.edited", "message.deleted", "member.joined",
		"member.left",    "member.changed",  "room.changed",
	};
	const struct frame_message edited = message(1, "better");
	const struct frame_change all[] = {
		change(1, CHANGE_EDIT, 1),     change(2, CHANGE_ERASE, 2),
		change(3, CHANGE_JOIN, 0),     change(4, CHANGE_LEAVE, 0),
		change(5, CHANGE_STANDING, 0), change(6, CHANGE_ROOM, 0),
	};

	fill_changes(all, 6, &edited, 1, ALL, 2);
	CHECK_INT(page.n, 6);
	CHECK_INT(page.change, 7);
	for (size_t i = 0; i < page.n; i++) {
		CHECK_STR(EVENT_word(page.deliveries[i].event.kind), words[i]);
		CHECK_INT(page.deliveries[i].change, i + 1);
		CHECK_INT(page.deliveries[i].seq, 0);
	}
	CHECK_STR(page.deliveries[0].event.id,
		  "02000000-0000-0000-0000-000000000000-c1");
	CHECK(strstr(page.deliveries[0].event.body, "\"content\":\"better\"") !=
	      NULL);
	CHECK(strstr(page.deliveries[1].event.body,
		     "\"message\":{\"id\":\"03020000-0000-0000-0000-"
		     "000000000000\",\"seq\":2}") != NULL);
	CHECK(strstr(page.deliveries[2].event.body,
		     "\"user\":{\"user_id\":\"04000000-0000-0000-0000-"
		     "000000000000\",\"username\":\"ann\"}") != NULL);
}

static void
what_is_not_wanted_is_passed_over(void)
{
	const struct frame_message edited[] = { message(1, "a"),
						message(2, "b") };
	const struct frame_change changes[] = { change(1, CHANGE_EDIT, 1),
						change(2, CHANGE_JOIN, 0),
						change(3, CHANGE_EDIT, 2) };

	fill_changes(changes, 3, edited, 2, HOOK_MEMBERS, UINT64_MAX);
	CHECK_INT(page.n, 1);
	CHECK_INT(page.deliveries[0].change, 2);
	CHECK_INT(page.change, 4);
	fill_changes(changes, 3, edited, 2, HOOK_EDITS, UINT64_MAX);
	CHECK_INT(page.n, 2);
	CHECK(strstr(page.deliveries[1].event.body, "\"content\":\"b\"") !=
	      NULL);
}

static void
a_message_is_told_before_its_changes(void)
{
	const struct frame_message edited = message(5, "better");
	const struct frame_change changes[] = { change(1, CHANGE_JOIN, 0),
						change(2, CHANGE_EDIT, 5),
						change(3, CHANGE_LEAVE, 0) };

	fill_changes(changes, 3, &edited, 1, ALL, 4);
	CHECK_INT(page.n, 1);
	CHECK_INT(page.change, 1);
	CHECK_INT(page.needs_seq, 5);
	fill_changes(changes, 3, &edited, 1, ALL, 5);
	CHECK_INT(page.n, 3);
	CHECK_INT(page.needs_seq, 0);
	CHECK_INT(page.change, 4);
}

static void
nothing_is_nothing(void)
{
	fill_changes(NULL, 0, NULL, 0, ALL, 0);
	CHECK_INT(page.n, 0);
	CHECK_INT(page.change, 0);
	fill_history(NULL, 0);
	CHECK_INT(page.n, 0);
	CHECK_INT(page.seq, 0);
}

int
main(void)
{
	RUN(a_message_is_told_with_its_place);
	RUN(a_message_that_was_taken_back_is_passed_over);
	RUN(a_page_is_bounded);
	RUN(each_kind_of_change_has_its_words);
	RUN(what_is_not_wanted_is_passed_over);
	RUN(a_message_is_told_before_its_changes);
	RUN(nothing_is_nothing);
	page_clear(&page);
	return check_done();
}
