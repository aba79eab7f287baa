/* SPDX-License-Identifier: MIT */
/* tests/unit/store/sealed_test.c - sealed rooms, which only those hear of who
 * were let in, and the guests who speak there.
 */
#include "tests/unit/store/fixture.h"

#include "store/index.h"

#define ROOM  7
#define GUEST 50
#define USER  10

static const char *
make_sealed(unsigned room, const char *name, const char *description)
{
	struct frame f = { .kind = FRAME_create_room };

	f.create_room.room = id_of(room);
	f.create_room.kind = ROOM_SEALED;
	f.create_room.name = slice_of(name);
	f.create_room.description = slice_of(description);
	return act(rooms_create, &f);
}

static const char *
say(unsigned room, unsigned user, uint64_t number, unsigned nonce,
    const char *text)
{
	struct frame f = post_frame(room, user, nonce, text);

	f.post.user_number = number;
	f.post.visit = true;
	return act(messages_post, &f);
}

static const char *
get_room(unsigned user, unsigned room, const char *name, bool sealed)
{
	struct frame f = { .kind = FRAME_get_room };

	f.get_room.user = id_of(user);
	if (room != 0)
		f.get_room.room = id_of(room);
	f.get_room.name = slice_of(name);
	f.get_room.sealed = sealed;
	return act(listings_get_room, &f);
}

/* A user with a room, a sealed room, a message in each. */
static void
begin(void)
{
	set_up();
	make_room(1, ROOM_PUBLIC, "general", USER);
	post(1, USER, 100, "quick words for all");
	CHECK_STR(make_sealed(ROOM, "vault", "what for"), "");
	CHECK_STR(say(ROOM, GUEST, 0, 101, "quick words for few"), "");
}

static void
a_sealed_room_is_made_once_by_its_id(void)
{
	set_up();
	CHECK_STR(make_sealed(ROOM, "Vault", "what for"), "");
	CHECK_INT(answer.rooms.rooms.n, 1);
	CHECK(slice_is(room_at(0)->name, "Vault"));
	CHECK(slice_is(room_at(0)->description, "what for"));
	CHECK_INT(room_at(0)->kind, ROOM_SEALED);
	CHECK_INT(room_at(0)->created_at, 1000000);
	CHECK(!room_at(0)->member);
	store.now_ms += 5000;
	CHECK_STR(make_sealed(ROOM, "Vault", "what for"), "");
	CHECK_INT(room_at(0)->created_at, 1000000);
	CHECK_STR(make_sealed(8, "vault", NULL), "");
	CHECK_INT(room_at(0)->description.n, 0);
	CHECK_STR(make_room(9, ROOM_PUBLIC, "VAULT", USER), "");
	CHECK_STR(make_sealed(11, "vault", ""), "");
	tear_down();
}

static void
a_sealed_room_that_cannot_be_is_refused(void)
{
	set_up();
	CHECK_STR(make_sealed(ROOM, "a\nb", NULL), "invalid");
	CHECK(slice_is(answer.refused.field, "name"));
	CHECK_STR(make_sealed(ROOM, "", NULL), "invalid");
	CHECK_STR(make_room(ROOM, ROOM_SEALED, "vault", USER), "invalid");
	CHECK(slice_is(answer.refused.field, "user"));
	CHECK_STR(make_room(ROOM, ROOM_DIRECT, "vault", 0), "invalid");
	CHECK(slice_is(answer.refused.field, "kind"));
	make_room(1, ROOM_PUBLIC, "general", USER);
	CHECK_STR(make_sealed(1, "vault", NULL), "taken");
	CHECK_STR(make_sealed(ROOM, "vault", NULL), "");
	CHECK_STR(make_room(ROOM, ROOM_PUBLIC, "other", USER), "taken");
	tear_down();
}

static void
it_is_found_by_its_id_as_a_sealed_one_alone(void)
{
	begin();
	CHECK_STR(get_room(GUEST, ROOM, NULL, true), "");
	CHECK_INT(room_at(0)->kind, ROOM_SEALED);
	CHECK_INT(room_at(0)->head_seq, 1);
	CHECK(slice_is(room_at(0)->name, "vault"));
	CHECK_STR(get_room(USER, ROOM, NULL, false), "room_not_found");
	CHECK_STR(get_room(GUEST, ROOM, NULL, false), "room_not_found");
	CHECK_STR(get_room(USER, 0, "vault", false), "room_not_found");
	CHECK_STR(get_room(USER, 0, "vault", true), "room_not_found");
	CHECK_STR(get_room(USER, 1, NULL, true), "room_not_found");
	CHECK_STR(get_room(USER, 0, "general", true), "room_not_found");
	CHECK_STR(get_room(USER, 99, NULL, true), "room_not_found");
	tear_down();
}

static void
it_is_in_no_listing(void)
{
	static const struct {
		store_act *act;
		unsigned user;
		size_t rooms;
	} rows[] = {
		{ listings_get_rooms, USER, 1 },
		{ listings_get_rooms, GUEST, 1 },
		{ listings_get_memberships, USER, 1 },
		{ listings_get_memberships, GUEST, 0 },
		{ listings_get_unread, USER, 1 },
		{ listings_get_unread, GUEST, 0 },
	};
	struct frame f;

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		/* The three frames begin with the user. */
		f = (struct frame){ .kind = FRAME_get_rooms };
		f.get_rooms.user = id_of(rows[i].user);
		CHECK_STR(act(rows[i].act, &f), "");
		CHECK_INT(answer.rooms.rooms.n, rows[i].rooms);
		for (size_t k = 0; k < answer.rooms.rooms.n; k++)
			CHECK_INT(room_at(k)->kind, ROOM_PUBLIC);
	}
	tear_down();
}

static void
nobody_becomes_a_member(void)
{
	begin();
	CHECK_STR(join(ROOM, USER), "room_not_found");
	CHECK_STR(join(ROOM, GUEST), "room_not_found");
	CHECK_STR(leave(ROOM, USER), "room_not_found");
	CHECK_STR(leave(ROOM, GUEST), "room_not_found");
	tear_down();
}

static void
only_visitors_speak(void)
{
	begin();
	CHECK_STR(post(ROOM, USER, 110, "x"), "room_not_found");
	CHECK_STR(post(ROOM, GUEST, 111, "x"), "room_not_found");
	CHECK_STR(say(ROOM, GUEST, 0, 112, "second"), "");
	CHECK_INT(answer.message.seq, 2);
	CHECK_INT(answer.message.user_number, 0);
	CHECK_STR(say(ROOM, 51, 0, 113, "of another guest"), "");
	CHECK_INT(answer.message.seq, 3);
	CHECK_STR(say(ROOM, GUEST, 0, 112, "second"), "");
	CHECK(answer.message.duplicate);
	CHECK_INT(answer.message.seq, 2);
	tear_down();
}

static void
only_the_gateway_reads_it(void)
{
	begin();
	CHECK_STR(history(ROOM, USER, false, 0, 5), "room_not_found");
	CHECK_STR(history(ROOM, GUEST, false, 0, 5), "room_not_found");
	CHECK_STR(history(ROOM, 0, false, 0, 5), "");
	CHECK_INT(answer.history.messages.n, 1);
	CHECK(slice_is(message_at(0)->text, "quick words for few"));
	CHECK(slice_is(message_at(0)->user_name, "author"));
	CHECK_INT(message_at(0)->user_number, 0);
	CHECK_INT(answer.history.head, 1);
	CHECK_STR(history(ROOM, 0, true, 0, 5), "");
	CHECK_INT(answer.history.messages.n, 1);
	tear_down();
}

static void
its_messages_are_nobodys_to_mark_or_change(void)
{
	struct uuid id;

	begin();
	id = answer.message.message;
	CHECK_STR(mark(USER, id), "message_not_found");
	CHECK_STR(mark(GUEST, id), "message_not_found");
	CHECK_STR(edit(USER, id, "x"), "message_not_found");
	CHECK_STR(edit(GUEST, id, "x"), "message_not_found");
	CHECK_STR(erase(GUEST, id), "message_not_found");
	tear_down();
}

/* How many messages are found; -1: refused. */
static int
find(struct index *words, struct arena *arena, unsigned user, unsigned room)
{
	struct frame_search search = { .limit = 50 };

	search.user = id_of(user);
	if (room != 0)
		search.room = id_of(room);
	search.query = slice_of("quick");
	answer = (struct frame){ 0 };
	index_search(words, &search, arena, &answer);
	return answer.kind == FRAME_found ? (int)answer.found.messages.n : -1;
}

static int64_t
count_indexed(struct index *words)
{
	sqlite3_stmt *q = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(words->words.handle,
			       "SELECT count(*) FROM words", -1, &q,
			       NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static void
it_is_never_searched(void)
{
	struct arena arena = { 0 };
	struct index words;
	int rounds = 0;

	begin();
	if (index_open(&words, sqlite3_db_filename(store.db.handle, "main"),
		       &store.key) != 0)
		exit(1);
	while (index_advance(&words) == INDEX_MORE && ++rounds < 50)
		;
	CHECK_INT(count_indexed(&words), 1);
	CHECK_INT(find(&words, &arena, USER, 0), 1);
	CHECK_INT(find(&words, &arena, GUEST, 0), 0);
	CHECK_INT(find(&words, &arena, USER, ROOM), -1);
	CHECK(slice_is(answer.refused.code, "room_not_found"));
	CHECK_INT(find(&words, &arena, GUEST, ROOM), -1);
	CHECK(slice_is(answer.refused.code, "room_not_found"));
	index_close(&words);
	arena_fini(&arena);
	tear_down();
}

static void
guests_speak_in_public_rooms_and_are_no_members(void)
{
	struct frame f = { .kind = FRAME_join };

	begin();
	CHECK_STR(say(1, GUEST, 0, 120, "hello"), "");
	CHECK_INT(answer.message.user_number, 0);
	CHECK_STR(say(1, 51, 0, 121, "hello too"), "");
	CHECK_INT(answer.message.seq, 3);
	f.join.room = id_of(1);
	f.join.user = id_of(GUEST);
	f.join.user_name = slice_of("author");
	CHECK_STR(act(members_join, &f), "not_allowed");
	CHECK_STR(post(1, GUEST, 122, "x"), "not_a_member");
	f = (struct frame){ .kind = FRAME_create_room };
	f.create_room.room = id_of(20);
	f.create_room.kind = ROOM_PUBLIC;
	f.create_room.name = slice_of("of a guest");
	f.create_room.user = id_of(GUEST);
	f.create_room.user_name = slice_of("author");
	CHECK_STR(act(rooms_create, &f), "not_allowed");
	CHECK_STR(get_room(GUEST, 20, NULL, false), "room_not_found");
	tear_down();
}

static void
guests_have_no_direct_rooms(void)
{
	static const struct {
		uint64_t user_number, peer_number;
	} rows[] = { { 0, USER }, { USER, 0 }, { 0, 0 } };
	struct frame f;

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		f = (struct frame){ .kind = FRAME_open_direct };
		f.open_direct.room = id_of(30);
		f.open_direct.user = id_of(GUEST);
		f.open_direct.user_number = rows[i].user_number;
		f.open_direct.user_name = slice_of("one");
		f.open_direct.peer = id_of(USER);
		f.open_direct.peer_number = rows[i].peer_number;
		f.open_direct.peer_name = slice_of("other");
		CHECK_STR(act(rooms_open_direct, &f), "not_allowed");
	}
	tear_down();
}

static void
it_survives_a_restart(void)
{
	begin();
	store_close(&store);
	open_store();
	CHECK_STR(get_room(GUEST, ROOM, NULL, true), "");
	CHECK(slice_is(room_at(0)->description, "what for"));
	CHECK_STR(say(ROOM, GUEST, 0, 130, "again"), "");
	CHECK_INT(answer.message.seq, 2);
	tear_down();
}

static void
run_all(void)
{
	RUN(a_sealed_room_is_made_once_by_its_id);
	RUN(a_sealed_room_that_cannot_be_is_refused);
	RUN(it_is_found_by_its_id_as_a_sealed_one_alone);
	RUN(it_is_in_no_listing);
	RUN(nobody_becomes_a_member);
	RUN(only_visitors_speak);
	RUN(only_the_gateway_reads_it);
	RUN(its_messages_are_nobodys_to_mark_or_change);
	RUN(it_is_never_searched);
	RUN(guests_speak_in_public_rooms_and_are_no_members);
	RUN(guests_have_no_direct_rooms);
	RUN(it_survives_a_restart);
}

int
main(void)
{
	return run_in_folder(run_all);
}
