/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/hub_encode_test.c - is what hub clients read what their
 * document shows: these types, these members and no other?
 */
#include "gateway/dialects/hub.h"

#include "tests/unit/check.h"

#define AT UINT64_C(1709164799007)

static const struct frame_message said = {
	.seq = 3,
	.number = 41,
	.user_number = 7,
	.user_name = { "ada", 3 },
	.text = { "a \"b\"\n", 6 },
	.at = AT,
};

/* Behind a head of RFC 6455 5.2 with a short length, or one of 16 bits. Drops
 * the parcel. */
static void
check_parcel(struct parcel *parcel, const char *wanted)
{
	char text[1024] = "";
	size_t head;

	CHECK(parcel != NULL);
	if (parcel == NULL)
		return;
	CHECK_INT(parcel->bytes[0], 0x81);
	head = parcel->bytes[1] == 126 ? 4 : 2;
	CHECK(parcel->n > head && parcel->n - head < sizeof text);
	if (parcel->n > head && parcel->n - head < sizeof text)
		memcpy(text, parcel->bytes + head, parcel->n - head);
	CHECK_STR(text, wanted);
	parcel_drop(parcel);
}

static void
a_message_names_its_room(void)
{
	char name[] = "the hall";
	const struct room room = { .kind = ROOM_PUBLIC, .name = name };
	const struct event event = { .kind = EVENT_MESSAGE,
				     .room = &room,
				     .message = &said };

	check_parcel(hub_encode(&event, 0),
		     "{\"type\":\"message\",\"data\":{\"id\":41,"
		     "\"fromUser\":7,\"username\":\"ada\","
		     "\"content\":\"a \\\"b\\\"\\n\","
		     "\"timestamp\":\"2024-02-28T23:59:59.007Z\","
		     "\"room\":\"the hall\"}}");
}

static void
a_dm_names_none(void)
{
	const struct room room = { .kind = ROOM_DIRECT };
	const struct event event = { .kind = EVENT_MESSAGE,
				     .room = &room,
				     .message = &said };

	check_parcel(hub_encode(&event, 0),
		     "{\"type\":\"dm\",\"data\":{\"id\":41,\"fromUser\":7,"
		     "\"username\":\"ada\",\"content\":\"a \\\"b\\\"\\n\","
		     "\"timestamp\":\"2024-02-28T23:59:59.007Z\"}}");
}

static void
a_guest_has_the_number_0(void)
{
	char name[] = "lobby";
	const struct room room = { .kind = ROOM_PUBLIC, .name = name };
	const struct frame_message guest = { .number = 1,
					     .user_name = { "g", 1 },
					     .text = { "x", 1 },
					     .at = AT };
	const struct event event = { .kind = EVENT_MESSAGE,
				     .room = &room,
				     .message = &guest };

	check_parcel(hub_encode(&event, 0),
		     "{\"type\":\"message\",\"data\":{\"id\":1,"
		     "\"fromUser\":0,\"username\":\"g\",\"content\":\"x\","
		     "\"timestamp\":\"2024-02-28T23:59:59.007Z\","
		     "\"room\":\"lobby\"}}");
}

static void
a_room_without_a_name_cannot_be_told(void)
{
	const struct room room = { .kind = ROOM_PUBLIC };
	const struct event event = { .kind = EVENT_MESSAGE,
				     .room = &room,
				     .message = &said };

	CHECK(hub_encode(&event, 0) == NULL);
}

static void
there_are_no_words_for_other_events(void)
{
	char name[] = "the hall";
	const struct room room = { .kind = ROOM_PUBLIC, .name = name };

	for (int kind = EVENT_MESSAGE + 1; kind <= EVENT_WENT; kind++) {
		const struct event event = { .kind = (enum event_kind)kind,
					     .room = &room,
					     .message = &said };
		CHECK(hub_encode(&event, 0) == NULL);
	}
}

static void
answers_have_a_type_and_data(void)
{
	struct json_writer w;

	check_parcel(hub_join_ack("the hall"),
		     "{\"type\":\"join_ack\",\"data\":{\"room\":\"the hall\","
		     "\"status\":\"ok\"}}");
	check_parcel(hub_error(slice_of("no")),
		     "{\"type\":\"error\",\"data\":{\"message\":\"no\"}}");
	hub_begin(&w, "dm_history", '[');
	check_parcel(hub_end(&w, ']'), "{\"type\":\"dm_history\",\"data\":[]}");
}

static void
a_history_has_an_element_for_each_message(void)
{
	struct json_writer w;

	hub_begin(&w, "room_history", '[');
	hub_write_message(&w, &said);
	hub_write_message(&w, &said);
	check_parcel(hub_end(&w, ']'),
		     "{\"type\":\"room_history\",\"data\":["
		     "{\"username\":\"ada\",\"fromUser\":7,"
		     "\"content\":\"a \\\"b\\\"\\n\","
		     "\"timestamp\":\"2024-02-28T23:59:59.007Z\"},"
		     "{\"username\":\"ada\",\"fromUser\":7,"
		     "\"content\":\"a \\\"b\\\"\\n\","
		     "\"timestamp\":\"2024-02-28T23:59:59.007Z\"}]}");
}

int
main(void)
{
	RUN(a_message_names_its_room);
	RUN(a_dm_names_none);
	RUN(a_guest_has_the_number_0);
	RUN(a_room_without_a_name_cannot_be_told);
	RUN(there_are_no_words_for_other_events);
	RUN(answers_have_a_type_and_data);
	RUN(a_history_has_an_element_for_each_message);
	return check_done();
}
