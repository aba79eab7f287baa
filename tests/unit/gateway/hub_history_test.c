/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/hub_history_test.c - are the newest messages gathered from
 * the store's pages, all of them, in order, and no more than is wanted?
 *
 * The store and the client's connection are played by this file.
 */
#include "gateway/asks.h"
#include "gateway/dialects/hub.h"
#include "gateway/directs.h"

#include "tests/unit/check.h"

#include <jansson.h>
#include <stdlib.h>

#define PAGE_BYTES_MAX (256 * 1024)
#define MESSAGES_MAX   3000

/* --- The room, as the store has it */

static struct {
	uint64_t head;
	size_t text_bytes;
	uint64_t deleted_from, deleted_to;
	unsigned pages;     /* that were asked for */
	unsigned fail_from; /* this page is refused; 0: none */
	unsigned kind;
	bool member;
	enum error_code refusal; /* of the room; 0: it is found */
} store;

static struct gateway gateway;
static struct user user = { .number = 1 };
static struct hub hub;
static struct client client;
static struct slice sent; /* the payload of the last answer */
static struct parcel *sent_parcel;
static enum error_code refused;

static char text[64 * 1024];
static struct frame_message page[1000];

static bool
is_deleted(uint64_t seq)
{
	return seq >= store.deleted_from && seq <= store.deleted_to;
}

/* The author's number tells of a message which one it is. */
static void
make_message(struct frame_message *message, uint64_t seq)
{
	*message = (struct frame_message){
		.seq = seq,
		.number = seq,
		.user_number = seq,
		.user_name = slice_of("ada"),
		.deleted = is_deleted(seq),
	};
	if (!message->deleted)
		message->text = (struct slice){ text, store.text_bytes };
}

static struct frame
read_store(const struct frame_get_history *wish)
{
	struct frame answer = { .kind = FRAME_history };
	uint64_t seq = wish->before == 0 ? store.head : wish->before - 1;
	size_t bytes = 0, n = 0;

	for (; seq >= 1 && n < wish->limit && n < 1000; seq--) {
		struct frame_message *at = &page[1000 - n - 1];

		make_message(at, seq);
		bytes += at->text.n;
		if (n > 0 && bytes > PAGE_BYTES_MAX)
			break;
		n++;
	}
	answer.history.messages = (frame_list){ &page[1000 - n], n };
	answer.history.more = n > 0 && page[1000 - n].seq > 1;
	return answer;
}

static struct frame
refusal(enum error_code code)
{
	return (struct frame){
		.kind = FRAME_refused,
		.refused.code = slice_of(error_name(code)),
	};
}

static struct frame
answer_to(const struct frame *question)
{
	static struct frame_room_info info;
	struct frame answer = { .kind = FRAME_rooms };

	if (question->kind == FRAME_get_history)
		return ++store.pages == store.fail_from
			   ? refusal(ERROR_unavailable)
			   : read_store(&question->get_history);
	if (store.refusal != 0)
		return refusal(store.refusal);
	info.kind = store.kind;
	info.member = store.member;
	answer.rooms.rooms = (frame_list){ &info, 1 };
	return answer;
}

/* --- What the file under test calls */

struct peer *
bus_next(struct bus *bus, enum party kind)
{
	(void)bus;
	(void)kind;
	return NULL;
}

void
asks_send(struct client *asker, struct peer *peer, struct frame *question,
	  unsigned wait_ms, ask_handler *on_answer, void *context)
{
	const struct frame answer = answer_to(question);

	(void)peer;
	(void)wait_ms;
	on_answer(asker, context, &answer);
}

void
asks_send_for(struct client *asker, struct peer *peer, struct frame *question,
	      unsigned wait_ms, ask_handler *on_answer, void *context,
	      void (*free_context)(void *context))
{
	(void)free_context;
	asks_send(asker, peer, question, wait_ms, on_answer, context);
}

struct frame
asks_unavailable(void)
{
	return refusal(ERROR_unavailable);
}

void
directs_find_user(struct client *asker, const struct user_wish *wish,
		  ask_handler *on_found, void *context)
{
	struct frame_person person = { .user_number = wish->number };
	struct frame answer = { .kind = FRAME_users };

	answer.users.users = (frame_list){ &person, 1 };
	on_found(asker, context, &answer);
}

struct gateway *
client_gateway(const struct client *of)
{
	(void)of;
	return &gateway;
}

void
client_hold(struct client *held)
{
	held->holds++;
}

void
client_release(struct client *held)
{
	held->holds--;
}

void
client_send_answer(struct client *to, struct parcel *parcel)
{
	size_t head = parcel->bytes[1] == 127 ? 10 : 2;

	if (parcel->bytes[1] == 126)
		head = 4;
	(void)to;
	sent_parcel = parcel;
	sent = (struct slice){ (char *)parcel->bytes + head, parcel->n - head };
}

struct hub *
hub_of(struct client *of)
{
	return of->own;
}

const struct uuid *
hub_known_room(const struct client *of, uint64_t number)
{
	(void)of;
	(void)number;
	return NULL;
}

void
hub_refuse_why(struct client *to, const char *type,
	       const struct frame_refused *why)
{
	(void)to;
	(void)type;
	refused = error_find(why->code);
}

/* --- Looking at the answer */

static void
begin(uint64_t head, size_t text_bytes)
{
	memset(&store, 0, sizeof store);
	memset(text, 'x', sizeof text);
	store.head = head;
	store.text_bytes = text_bytes;
	store.kind = ROOM_PUBLIC;
	client = (struct client){
		.user = &user,
		.own = &hub,
	};
	sent = (struct slice){ 0 };
	refused = 0;
}

static void
check_order(const json_t *messages, uint64_t first)
{
	for (size_t i = 0; i < json_array_size(messages); i++) {
		const json_t *from =
		    json_object_get(json_array_get(messages, i), "fromUser");
		if (json_integer_value(from) != (json_int_t)(first + i)) {
			CHECK_INT(json_integer_value(from), first + i);
			break;
		}
	}
}

/* The answer has `n` messages, the first of which is number `first`; and
 * nothing is left behind. */
static void
check_answer(const char *type, size_t n, uint64_t first)
{
	json_t *body = json_loadb(sent.at, sent.n, 0, NULL);
	const json_t *data = json_object_get(body, "data");

	CHECK_STR(json_string_value(json_object_get(body, "type")), type);
	CHECK(json_is_array(data));
	CHECK_INT(json_array_size(data), n);
	if (store.deleted_to == 0)
		check_order(data, first);
	CHECK_INT(refused, 0);
	CHECK_INT(client.holds, 0);
	CHECK(hub.answering == NULL);
	json_decref(body);
	parcel_drop(sent_parcel);
	sent_parcel = NULL;
}

static void
check_refused(enum error_code code)
{
	CHECK_INT(refused, code);
	CHECK(sent.at == NULL);
	CHECK_INT(client.holds, 0);
	CHECK(hub.answering == NULL);
}

/* --- Tests */

static void
the_newest_come_oldest_first(void)
{
	begin(600, 10);
	hub_room_history(&client, slice_of("r"), 50);
	check_answer("room_history", 50, 551);
	CHECK_INT(store.pages, 1);
}

static void
an_empty_room_has_an_empty_history(void)
{
	begin(0, 10);
	hub_room_history(&client, slice_of("r"), 50);
	check_answer("room_history", 0, 0);
}

static void
a_short_room_is_told_whole(void)
{
	begin(3, 10);
	hub_room_history(&client, slice_of("r"), 500);
	check_answer("room_history", 3, 1);
}

static void
pages_are_put_together(void)
{
	begin(600, 2000);
	hub_room_history(&client, slice_of("r"), 500);
	check_answer("room_history", 500, 101);
	CHECK(store.pages > 3);
}

static void
no_more_than_a_mebibyte_of_content_is_told(void)
{
	begin(600, 16 * 1024);
	hub_room_history(&client, slice_of("r"), 500);
	check_answer("room_history", 64, 537);

	begin(600, 16 * 1024 + 1);
	hub_room_history(&client, slice_of("r"), 500);
	check_answer("room_history", 63, 538);
}

static void
what_was_taken_back_does_not_count(void)
{
	begin(MESSAGES_MAX, 10);
	store.deleted_from = 100;
	store.deleted_to = MESSAGES_MAX - 5;
	hub_room_history(&client, slice_of("r"), 50);
	check_answer("room_history", 50, 0);

	begin(MESSAGES_MAX, 10);
	store.deleted_from = 11;
	store.deleted_to = MESSAGES_MAX;
	hub_room_history(&client, slice_of("r"), 50);
	check_answer("room_history", 10, 0);
}

static void
a_page_that_does_not_come_is_an_error(void)
{
	begin(600, 2000);
	store.fail_from = 3;
	hub_room_history(&client, slice_of("r"), 500);
	check_refused(ERROR_unavailable);
}

static void
only_rooms_that_may_be_read_are_told(void)
{
	/* clang-format off */
	static const struct {
		unsigned kind;
		bool member, told;
	} cases[] = {
		{ ROOM_PUBLIC,  false, true },
		{ ROOM_PUBLIC,  true,  true },
		{ ROOM_PRIVATE, false, false },
		{ ROOM_PRIVATE, true,  true },
		{ ROOM_DIRECT,  true,  false },
		{ ROOM_SEALED,  true,  false },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin(3, 10);
		store.kind = cases[i].kind;
		store.member = cases[i].member;
		hub_room_history(&client, slice_of("r"), 50);
		if (cases[i].told)
			check_answer("room_history", 3, 1);
		else
			check_refused(ERROR_room_not_found);
	}
}

static void
two_who_never_wrote_have_an_empty_history(void)
{
	begin(3, 10);
	store.refusal = ERROR_room_not_found;
	hub_dm_history(&client, 2, 50);
	check_answer("dm_history", 0, 0);

	begin(3, 10);
	store.refusal = ERROR_unavailable;
	hub_dm_history(&client, 2, 50);
	check_refused(ERROR_unavailable);

	begin(3, 10);
	store.kind = ROOM_DIRECT;
	hub_dm_history(&client, 2, 2);
	check_answer("dm_history", 2, 2);
}

int
main(void)
{
	RUN(the_newest_come_oldest_first);
	RUN(an_empty_room_has_an_empty_history);
	RUN(a_short_room_is_told_whole);
	RUN(pages_are_put_together);
	RUN(no_more_than_a_mebibyte_of_content_is_told);
	RUN(what_was_taken_back_does_not_count);
	RUN(a_page_that_does_not_come_is_an_error);
	RUN(only_rooms_that_may_be_read_are_told);
	RUN(two_who_never_wrote_have_an_empty_history);
	return check_done();
}
