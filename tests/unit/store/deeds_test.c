/* SPDX-License-Identifier: MIT */
/* tests/unit/store/deeds_test.c - what was done to users of a room is found
 * again: by who asks a second time, and by gateways that missed it.
 */
#include "store/moderation.h"
#include "store/roles.h"
#include "store/sanctions.h"
#include "tests/unit/store/fixture.h"

enum { ADMIN = 0, OWNER = 10, MEMBER, OTHER, GUEST };

static const char *
does(unsigned actor, enum deed deed, unsigned user, unsigned nonce)
{
	struct frame f = { .kind = FRAME_moderate };

	f.moderate.room = id_of(1);
	if (actor != ADMIN)
		f.moderate.actor = id_of(actor);
	f.moderate.action = deed;
	f.moderate.user = id_of(user);
	f.moderate.user_number = user == GUEST ? 0 : user;
	f.moderate.user_name = slice_of("somebody");
	f.moderate.until = deed == DEED_MUTE ? 5000000 : 0;
	f.moderate.reason = slice_of("because");
	f.moderate.role = deed == DEED_ROLE ? ROLE_MODERATOR : ROLE_NONE;
	if (nonce != 0)
		f.moderate.nonce = id_of(nonce);
	return act(moderation_moderate, &f);
}

static const char *
renames(const char *name)
{
	struct frame f = { .kind = FRAME_change_room };

	f.change_room.room = id_of(1);
	f.change_room.what = 1;
	f.change_room.name = slice_of(name);
	return act(moderation_change_room, &f);
}

/* The room stands at change 2. */
static void
set_up_room(void)
{
	set_up();
	make_room(1, ROOM_PUBLIC, "general", OWNER);
	join(1, MEMBER);
	join(1, OTHER);
}

static void
a_deed_is_done_once(void)
{
	static const enum deed deeds[] = { DEED_MUTE, DEED_UNMUTE, DEED_ROLE,
					   DEED_KICK, DEED_BAN,    DEED_UNBAN };

	set_up_room();
	for (unsigned i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		CHECK_STR(does(OWNER, deeds[i], MEMBER, 100 + i), "");
		CHECK_INT(answer.moderated.change, 3 + i);
	}
	for (unsigned i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		CHECK_STR(does(OWNER, deeds[i], MEMBER, 100 + i), "");
		CHECK_INT(answer.kind, FRAME_moderated);
		CHECK_INT(answer.moderated.change, 3 + i);
		CHECK_INT(answer.moderated.action, deeds[i]);
		CHECK_INT(answer.moderated.user_number, MEMBER);
		CHECK(slice_is(answer.moderated.user_name, "somebody"));
		CHECK(slice_is(answer.moderated.reason, "because"));
		CHECK_INT(answer.moderated.ended, deeds[i] == DEED_KICK);
	}
	changes(1, 2, 100);
	CHECK_INT(answer.changes.changes.n, 6);
	tear_down();
}

/* Also where the store died in between, and the asker may no longer. */
static void
a_repeat_is_known_after_a_restart(void)
{
	set_up_room();
	does(OWNER, DEED_ROLE, MEMBER, 0);
	CHECK_STR(does(MEMBER, DEED_KICK, OTHER, 100), "");
	does(OWNER, DEED_KICK, MEMBER, 0);
	store_close(&store);
	open_store();
	CHECK_STR(does(MEMBER, DEED_KICK, OTHER, 100), "");
	CHECK_INT(answer.moderated.change, 4);
	CHECK_STR(does(MEMBER, DEED_KICK, OTHER, 101), "not_a_member");
	tear_down();
}

/* Without an id each one counts, and what changes nothing has no number. */
static void
another_deed_is_another(void)
{
	set_up_room();
	does(OWNER, DEED_MUTE, MEMBER, 0);
	CHECK_INT(answer.moderated.change, 3);
	does(OWNER, DEED_MUTE, MEMBER, 0);
	CHECK_INT(answer.moderated.change, 4);
	does(OWNER, DEED_ROLE, MEMBER, 100);
	CHECK_INT(answer.moderated.change, 5);
	does(OWNER, DEED_ROLE, MEMBER, 101);
	CHECK_INT(answer.moderated.change, 0);
	tear_down();
}

static void
changes_say_what_was_done(void)
{
	struct uuid owner = id_of(OWNER), member = id_of(MEMBER);

	set_up_room();
	does(OWNER, DEED_MUTE, MEMBER, 0);
	does(ADMIN, DEED_ROLE, MEMBER, 0);
	does(OWNER, DEED_KICK, MEMBER, 0);
	does(OWNER, DEED_KICK, GUEST, 0);
	leave(1, OTHER);
	CHECK_STR(changes(1, 2, 100), "");
	CHECK_INT(answer.changes.changes.n, 5);
	CHECK_INT(change_at(0)->kind, CHANGE_STANDING);
	CHECK_INT(change_at(0)->action, DEED_MUTE);
	CHECK_INT(change_at(0)->until, 5000000);
	CHECK_INT(change_at(0)->role, ROLE_MEMBER);
	CHECK(slice_is(change_at(0)->reason, "because"));
	CHECK(uuid_equal(&change_at(0)->user, &member));
	CHECK(uuid_equal(&change_at(0)->actor, &owner));
	CHECK_INT(change_at(1)->role, ROLE_MODERATOR);
	CHECK(uuid_is_nil(&change_at(1)->actor));
	CHECK_INT(change_at(2)->kind, CHANGE_LEAVE);
	CHECK_INT(change_at(2)->action, DEED_KICK);
	CHECK(change_at(2)->ended);
	CHECK_INT(change_at(3)->action, DEED_KICK);
	CHECK(!change_at(3)->ended);
	CHECK(slice_is(change_at(3)->user_name, "somebody"));
	CHECK_INT(change_at(4)->kind, CHANGE_LEAVE);
	CHECK_INT(change_at(4)->action, 0);
	tear_down();
}

static void
the_room_is_told_once_as_it_is(void)
{
	const struct frame_room_info *info;

	set_up_room();
	renames("second");
	CHECK_INT(answer.room_changed.change, 3);
	renames("third");
	CHECK_INT(answer.room_changed.change, 4);
	does(OWNER, DEED_MUTE, MEMBER, 0);
	renames("third");
	CHECK_INT(answer.room_changed.change, 4);
	CHECK_STR(changes(1, 2, 100), "");
	CHECK_INT(answer.changes.changes.n, 2);
	CHECK_INT(answer.changes.upto, 5);
	CHECK_INT(change_at(0)->kind, CHANGE_ROOM);
	CHECK_INT(change_at(0)->change, 4);
	CHECK_INT(answer.changes.rooms.n, 1);
	info = answer.changes.rooms.items;
	CHECK(info != NULL && slice_is(info->name, "third"));
	changes(1, 4, 100);
	CHECK_INT(answer.changes.rooms.n, 0);
	tear_down();
}

static void
memberships_say_since_when_and_how_long_mute(void)
{
	struct frame f = { .kind = FRAME_get_memberships };

	set_up_room();
	f.get_memberships.user = id_of(OTHER);
	act(listings_get_memberships, &f);
	CHECK_INT(room_at(0)->joined, 2);
	CHECK_INT(room_at(0)->muted, 0);
	does(OWNER, DEED_MUTE, OTHER, 0);
	act(listings_get_memberships, &f);
	CHECK_INT(room_at(0)->muted, 5000000);
	leave(1, OTHER);
	join(1, OTHER);
	CHECK_INT(answer.joined.muted, 5000000);
	store.now_ms = 5000000;
	act(listings_get_memberships, &f);
	CHECK_INT(room_at(0)->joined, 5);
	CHECK_INT(room_at(0)->muted, 0);
	tear_down();
}

static void
tests(void)
{
	RUN(a_deed_is_done_once);
	RUN(a_repeat_is_known_after_a_restart);
	RUN(another_deed_is_another);
	RUN(changes_say_what_was_done);
	RUN(the_room_is_told_once_as_it_is);
	RUN(memberships_say_since_when_and_how_long_mute);
}

int
main(void)
{
	return run_in_folder(tests);
}
