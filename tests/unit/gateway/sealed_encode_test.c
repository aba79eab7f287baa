/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/sealed_encode_test.c - does the sealed dialect say exactly
 * what its document names, field by field?
 */
#include "gateway/dialects/sealed.h"

#include "tests/unit/check.h"

#include <stdlib.h>

#define ROOM_ID "0189abcd-ef01-7234-8567-89abcdef00aa"

static struct uuid
id_of(const char *text)
{
	struct uuid id = { 0 };

	CHECK(uuid_parse(&id, slice_of(text)));
	return id;
}

/* RFC 6455 5.2: a final text frame, its length in 7 or 16 bits. */
static void
check_said(struct parcel *parcel, const char *wanted)
{
	size_t head = strlen(wanted) < 126 ? 2 : 4;
	char *said;

	CHECK(parcel != NULL);
	if (parcel == NULL)
		return;
	CHECK_INT(parcel->bytes[0], 0x81);
	CHECK(parcel->n >= head);
	said = strndup((const char *)parcel->bytes + head, parcel->n - head);
	CHECK_STR(said, wanted);
	free(said);
	parcel_drop(parcel);
}

/* --- Events */

static void
messages_are_told_without_a_change(void)
{
	const struct frame_message message = {
		.user_name = slice_of("Bo\"b"),
		.text = slice_of("cipher\\text+/="),
	};
	const struct event event = { .kind = EVENT_MESSAGE,
				     .message = &message };

	check_said(sealed_encode(&event, SEALED_PLAIN),
		   "{\"ChatMessage\":{\"sender\":\"Bo\\\"b\","
		   "\"content\":\"cipher\\\\text+/=\"}}");
}

static void
going_is_told_to_who_asked_for_it(void)
{
	const struct frame_person bob = { .user_name = slice_of("Bob") };
	struct event event = { .kind = EVENT_CAME, .person = &bob };

	check_said(sealed_encode(&event, SEALED_PLAIN),
		   "{\"ParticipantJoined\":{\"name\":\"Bob\"}}");
	check_said(sealed_encode(&event, SEALED_EXTENDED),
		   "{\"ParticipantJoined\":{\"name\":\"Bob\"}}");
	event.kind = EVENT_WENT;
	CHECK(sealed_encode(&event, SEALED_PLAIN) == NULL);
	check_said(sealed_encode(&event, SEALED_EXTENDED),
		   "{\"ParticipantLeft\":{\"name\":\"Bob\"}}");
}

static void
there_are_no_words_for_the_rest(void)
{
	static const enum event_kind kinds[] = {
		EVENT_EDITED, EVENT_ERASED, EVENT_JOINED,
		EVENT_LEFT,   EVENT_TYPING, EVENT_PRESENCE,
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct event event = { .kind = kinds[i] };

		CHECK(sealed_encode(&event, SEALED_EXTENDED) == NULL);
	}
}

/* --- Answers */

static void
an_error_is_a_message(void)
{
	check_said(sealed_error("no"), "{\"Error\":{\"message\":\"no\"}}");
}

static struct sealed_room
make_room(void)
{
	return (struct sealed_room){
		.id = id_of(ROOM_ID),
		.name = "den",
		.join_key = "opens-it",
		.encryption_key = "a2V5",
		.created_at = 1700000000,
	};
}

static void
who_made_a_room_is_told_its_keys(void)
{
	const struct sealed_room room = make_room();

	check_said(sealed_created(&room, 1),
		   "{\"RoomCreated\":{\"room_info\":{\"id\":\"" ROOM_ID
		   "\",\"name\":\"den\",\"description\":\"\","
		   "\"join_key\":\"opens-it\",\"has_password\":false,"
		   "\"created_at\":1700000000,\"participant_count\":1},"
		   "\"encryption_key\":\"a2V5\"}}");
}

static void
who_joins_is_told_who_is_there(void)
{
	struct sealed_room room = make_room();

	room.has_password = true;
	room.description = (char *)"for \"us\"";
	room.encryption_key[0] = '\0';
	check_said(sealed_joined(&room, 2, slice_of("\"Owner\",\"Bob\"")),
		   "{\"RoomJoined\":{\"room_info\":{\"id\":\"" ROOM_ID
		   "\",\"name\":\"den\",\"description\":\"for \\\"us\\\"\","
		   "\"join_key\":\"opens-it\",\"has_password\":true,"
		   "\"created_at\":1700000000,\"participant_count\":2},"
		   "\"encryption_key\":\"\","
		   "\"participants\":[\"Owner\",\"Bob\"]}}");
}

static void
a_history_is_a_list(void)
{
	const struct frame_message first = { .user_name = slice_of("a"),
					     .text = slice_of("1") };
	const struct frame_message second = { .user_name = slice_of("b"),
					      .text = slice_of("2") };
	struct json_writer w = { 0 };

	check_said(sealed_history((struct slice){ 0 }),
		   "{\"History\":{\"messages\":[]}}");
	sealed_write_message(&w, &first);
	sealed_write_message(&w, &second);
	CHECK(!w.failed);
	check_said(sealed_history((struct slice){ (const char *)w.buffer.bytes,
						  w.buffer.n }),
		   "{\"History\":{\"messages\":["
		   "{\"sender\":\"a\",\"content\":\"1\"},"
		   "{\"sender\":\"b\",\"content\":\"2\"}]}}");
	json_fini(&w);
}

int
main(void)
{
	RUN(messages_are_told_without_a_change);
	RUN(going_is_told_to_who_asked_for_it);
	RUN(there_are_no_words_for_the_rest);
	RUN(an_error_is_a_message);
	RUN(who_made_a_room_is_told_its_keys);
	RUN(who_joins_is_told_who_is_there);
	RUN(a_history_is_a_list);
	return check_done();
}
