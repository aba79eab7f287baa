/* SPDX-License-Identifier: MIT */
/* tests/unit/store/listings_test.c - rooms as their users see them. */
#include "tests/unit/store/fixture.h"

static const char *
rooms_of(unsigned user, uint64_t after)
{
	struct frame f = { .kind = FRAME_get_rooms };

	f.get_rooms.user = id_of(user);
	f.get_rooms.after = after;
	return act(listings_get_rooms, &f);
}

static const char *
room_by(unsigned user, unsigned room, const char *name)
{
	struct frame f = { .kind = FRAME_get_room };

	f.get_room.user = id_of(user);
	if (room != 0)
		f.get_room.room = id_of(room);
	f.get_room.name = slice_of(name);
	return act(listings_get_room, &f);
}

static const char *
room_with(unsigned user, unsigned peer)
{
	struct frame f = { .kind = FRAME_get_room };

	f.get_room.user = id_of(user);
	f.get_room.peer = id_of(peer);
	return act(listings_get_room, &f);
}

static void
unread_of(unsigned user)
{
	struct frame f = { .kind = FRAME_get_unread };

	f.get_unread.user = id_of(user);
	act(listings_get_unread, &f);
}

static void
names_are_unique(void)
{
	set_up();
	CHECK_STR(make_room(1, 1, "General", 10), "");
	CHECK_INT(answer.rooms.rooms.n, 1);
	CHECK(room_at(0)->member);
	CHECK(slice_is(room_at(0)->name, "General"));
	CHECK_STR(make_room(1, 1, "General", 10), "");
	CHECK_STR(make_room(2, 1, "gENERAL", 11), "taken");
	CHECK_STR(make_room(3, 1, "a\nb", 10), "invalid");
	CHECK(slice_is(answer.refused.field, "name"));
	CHECK_STR(make_room(3, 3, "direct", 10), "invalid");
	CHECK_STR(make_room(4, 1, "made on demand", 0), "");
	CHECK(!room_at(0)->member);
	tear_down();
}

static void
hidden_rooms_are_listed_for_members(void)
{
	set_up();
	make_room(1, 1, "general", 10);
	make_room(2, 2, "hidden", 10);
	open_direct(3, 10, 11);
	rooms_of(10, 0);
	CHECK_INT(answer.rooms.rooms.n, 3);
	CHECK(room_at(2)->kind == ROOM_DIRECT);
	CHECK_INT(room_at(2)->peer_number, 11);
	CHECK(slice_is(room_at(2)->peer_name, "other"));
	rooms_of(11, 0);
	CHECK_INT(answer.rooms.rooms.n, 2);
	CHECK(!room_at(0)->member);
	CHECK_INT(room_at(1)->peer_number, 10);
	rooms_of(12, 0);
	CHECK_INT(answer.rooms.rooms.n, 1);
	CHECK_STR(room_by(12, 2, NULL), "room_not_found");
	CHECK_STR(room_by(12, 0, "hidden"), "room_not_found");
	CHECK_STR(room_by(12, 0, "GENERAL"), "");
	CHECK_STR(room_by(10, 0, "hidden"), "");
	CHECK_STR(room_by(10, 0, NULL), "room_not_found");
	tear_down();
}

static void
check_direct(unsigned peer, const char *name)
{
	struct uuid id = id_of(3), peer_id = id_of(peer);

	CHECK(uuid_equal(&room_at(0)->room, &id));
	CHECK_INT(room_at(0)->kind, ROOM_DIRECT);
	CHECK(room_at(0)->member);
	CHECK_INT(room_at(0)->head_seq, 2);
	CHECK(uuid_equal(&room_at(0)->peer, &peer_id));
	CHECK_INT(room_at(0)->peer_number, peer);
	CHECK(slice_is(room_at(0)->peer_name, name));
}

static void
a_direct_room_is_found_by_its_other_one(void)
{
	set_up();
	CHECK_STR(room_with(10, 11), "room_not_found");
	make_room(1, 1, "general", 10);
	join(1, 12);
	CHECK_STR(room_with(10, 12), "room_not_found");
	open_direct(3, 10, 11);
	post(3, 11, 100, "one");
	post(3, 11, 101, "two");
	CHECK_STR(room_with(10, 11), "");
	check_direct(11, "author");
	CHECK_STR(room_with(11, 10), "");
	check_direct(10, "asker");
	CHECK_STR(room_by(11, 3, NULL), "");
	check_direct(10, "asker");
	CHECK_STR(room_with(10, 10), "room_not_found");
	CHECK_STR(room_with(10, 12), "room_not_found");
	CHECK_STR(room_with(10, 99), "room_not_found");
	CHECK_STR(room_with(99, 10), "room_not_found");
	tear_down();
}

static void
pages_tell_heads_and_peers(void)
{
	struct frame f = { .kind = FRAME_get_memberships };

	set_up();
	open_direct(3, 10, 11);
	post(3, 11, 100, "one");
	post(3, 11, 101, "two");
	f.get_memberships.user = id_of(10);
	CHECK_STR(act(listings_get_memberships, &f), "");
	check_direct(11, "author");
	CHECK_STR(rooms_of(10, 0), "");
	check_direct(11, "author");
	tear_down();
}

static void
long_lists_come_in_pages(void)
{
	char name[32];
	size_t n = 0;
	uint64_t after = 0;
	int pages = 0;

	set_up();
	db_exec(&store.db, "BEGIN");
	for (unsigned i = 1; i <= 2300; i++) {
		snprintf(name, sizeof name, "room %u", i);
		make_room(i, 1, name, 0);
		arena_reset(&store.arena);
	}
	db_exec(&store.db, "COMMIT");
	do {
		rooms_of(10, after);
		n += answer.rooms.rooms.n;
		CHECK(answer.rooms.rooms.n <= 1000);
		after = answer.rooms.next;
	} while (after != 0 && ++pages < 10);
	CHECK_INT(n, 2300);
	tear_down();
}

static void
unread_are_those_of_others(void)
{
	struct uuid second, third;

	set_up();
	make_room(1, 1, "general", 10);
	join(1, 11);
	unread_of(11);
	CHECK_INT(room_at(0)->unread, 0);
	CHECK(uuid_is_nil(&room_at(0)->seen_message));
	post(1, 10, 100, "one");
	post(1, 10, 101, "two");
	second = answer.message.message;
	post(1, 10, 102, "three");
	third = answer.message.message;
	post(1, 11, 103, "mine");
	unread_of(11);
	CHECK_INT(room_at(0)->unread, 3);
	erase(10, third);
	unread_of(11);
	CHECK_INT(room_at(0)->unread, 2);
	mark(11, second);
	unread_of(11);
	CHECK_INT(room_at(0)->unread, 0);
	CHECK(uuid_equal(&room_at(0)->seen_message, &second));
	tear_down();
}

static void
heads_come_in_the_order_asked(void)
{
	struct uuid ids[3] = { id_of(2), id_of(9), id_of(1) };
	struct frame f = { .kind = FRAME_get_heads };
	const struct frame_position *heads;

	set_up();
	make_room(1, 1, "one", 10);
	make_room(2, 1, "two", 10);
	post(2, 10, 100, "x");
	join(2, 11);
	f.get_heads.rooms = (frame_UUIDS){ ids, 3 };
	act(rooms_get_heads, &f);
	heads = answer.heads.rooms.items;
	CHECK_INT(answer.heads.rooms.n, 3);
	CHECK(heads[0].known && !heads[1].known && heads[2].known);
	CHECK_INT(heads[0].seq, 1);
	CHECK_INT(heads[0].change, 1);
	CHECK_INT(heads[2].seq, 0);
	tear_down();
}

static void
run_all(void)
{
	RUN(names_are_unique);
	RUN(hidden_rooms_are_listed_for_members);
	RUN(a_direct_room_is_found_by_its_other_one);
	RUN(pages_tell_heads_and_peers);
	RUN(long_lists_come_in_pages);
	RUN(unread_are_those_of_others);
	RUN(heads_come_in_the_order_asked);
}

int
main(void)
{
	return run_in_folder(run_all);
}
