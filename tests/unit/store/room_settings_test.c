/* SPDX-License-Identifier: MIT */
/* tests/unit/store/room_settings_test.c - what slow mode, an archive,
 * visibility and invites keep from, and a room's name.
 */
#include "store/invites.h"
#include "tests/unit/store/moderation_fixture.h"

static const char *
slows(unsigned actor, uint64_t slow_s)
{
	struct frame f = change_frame(1, actor, 8);

	f.change_room.slow_s = slow_s;
	return act(moderation_change_room, &f);
}

static const char *
archives(unsigned actor, bool archived)
{
	struct frame f = change_frame(1, actor, 16);

	f.change_room.archived = archived;
	return act(moderation_change_room, &f);
}

static const char *
shows(unsigned actor, uint64_t visibility)
{
	struct frame f = change_frame(1, actor, 4);

	f.change_room.visibility = visibility;
	return act(moderation_change_room, &f);
}

static void
a_slow_room_makes_members_wait(void)
{
	set_up_room();
	CHECK_STR(slows(MEMBER, 10), "not_allowed");
	CHECK_STR(slows(MODERATOR, 10), "");
	CHECK_STR(post(1, MEMBER, 100, "one"), "");
	store.now_ms += 4000;
	CHECK_STR(post(1, MEMBER, 101, "two"), "slow_mode");
	CHECK_INT(answer.refused.retry_after, 6);
	CHECK_STR(post(1, OTHER, 102, "other"), "");
	CHECK_STR(post(1, MODERATOR, 103, "a"), "");
	CHECK_STR(post(1, MODERATOR, 104, "b"), "");
	store_forget(&store);
	CHECK_STR(post(1, MEMBER, 101, "two"), "slow_mode");
	store.now_ms += 6000;
	CHECK_STR(post(1, MEMBER, 101, "two"), "");
	CHECK_STR(visits(STRANGER, 105), "");
	CHECK_STR(visits(STRANGER, 106), "slow_mode");
	store.now_ms -= 900000; /* the clock is set back */
	CHECK_STR(visits(STRANGER, 107), "slow_mode");
	CHECK_INT(answer.refused.retry_after, 10);
	CHECK_STR(slows(MODERATOR, 0), "");
	CHECK_STR(visits(STRANGER, 108), "");
	tear_down();
}

static void
an_archived_room_is_read_only(void)
{
	struct frame list = { .kind = FRAME_get_rooms };
	struct uuid said;

	set_up_room();
	post(1, MEMBER, 100, "one");
	said = answer.message.message;
	CHECK_STR(archives(MODERATOR, true), "not_allowed");
	CHECK_STR(archives(OWNER, true), "");
	CHECK_STR(post(1, OWNER, 101, "two"), "archived");
	CHECK_STR(edit(MEMBER, said, "new"), "archived");
	CHECK_STR(erase(MODERATOR, said), "archived");
	CHECK_STR(join(1, STRANGER), "archived");
	CHECK_STR(join(1, MEMBER), "");
	CHECK_STR(history(1, MEMBER, true, 0, 10), "");
	list.get_rooms.user = id_of(MEMBER);
	act(listings_get_rooms, &list);
	CHECK(room_at(0) == NULL);
	list.get_rooms.archived = true;
	act(listings_get_rooms, &list);
	CHECK(room_at(0) != NULL && room_at(0)->archived_at > 0);
	CHECK_STR(archives(OWNER, false), "");
	CHECK_STR(post(1, MEMBER, 102, "three"), "");
	tear_down();
}

static const char *
invites(unsigned actor, unsigned invite, const char *code, uint64_t until)
{
	struct frame f = { .kind = FRAME_invite };

	f.invite.room = id_of(1);
	f.invite.actor = id_of(actor);
	f.invite.invite = id_of(invite);
	f.invite.code = slice_of(code);
	f.invite.until = until;
	return act(invites_make, &f);
}

static const char *
joins_by(unsigned user, const char *code)
{
	struct frame f = { .kind = FRAME_join };

	f.join.room = id_of(1);
	f.join.user = id_of(user);
	f.join.user_number = user;
	f.join.user_name = slice_of("joiner");
	f.join.code = slice_of(code);
	return act(members_join, &f);
}

static void
an_invite_opens_a_room_while_it_lasts(void)
{
	struct frame revoke = { .kind = FRAME_revoke_invite };

	set_up_room();
	CHECK_STR(shows(MODERATOR, VISIBLE_BY_INVITE), "not_allowed");
	CHECK_STR(shows(OWNER, VISIBLE_BY_INVITE), "");
	CHECK_STR(invites(MEMBER, 50, "a-code-of-a-member", 0), "not_allowed");
	CHECK_STR(invites(MODERATOR, 51, "a-code-that-lasts", 0), "");
	CHECK_STR(invites(MODERATOR, 51, "a-code-that-lasts", 0), "");
	CHECK_STR(invites(MODERATOR, 52, "a-code-for-now", store.now_ms + 10),
		  "");
	CHECK_STR(join(1, 60), "room_not_found");
	CHECK_STR(joins_by(60, "another-code-than-these"), "room_not_found");
	CHECK_STR(joins_by(60, "a-code-for-now"), "");
	store.now_ms += 10;
	CHECK_STR(joins_by(61, "a-code-for-now"), "room_not_found");
	CHECK_STR(shows(OWNER, VISIBLE_PRIVATE), "");
	CHECK_STR(joins_by(61, "a-code-that-lasts"), "room_not_found");
	CHECK_STR(shows(OWNER, VISIBLE_BY_INVITE), "");
	CHECK_STR(does(1, MODERATOR, DEED_BAN, 62), "");
	CHECK_STR(joins_by(62, "a-code-that-lasts"), "banned");
	revoke.revoke_invite.room = id_of(1);
	revoke.revoke_invite.actor = id_of(MODERATOR);
	revoke.revoke_invite.invite = id_of(51);
	CHECK_STR(act(invites_revoke, &revoke), "");
	CHECK_STR(joins_by(61, "a-code-that-lasts"), "room_not_found");
	CHECK_STR(does(1, MODERATOR, DEED_ADD, 61), "");
	CHECK(answer.joined.fresh);
	tear_down();
}

static void
a_room_that_turns_private_keeps_its_members(void)
{
	struct frame check = { .kind = FRAME_check_visits };
	const struct uuid visitors[] = { id_of(MEMBER), id_of(STRANGER) };

	set_up_room();
	check.check_visits.room = id_of(1);
	check.check_visits.users = (frame_UUIDS){ visitors, 2 };
	CHECK_STR(act(moderation_check_visits, &check), "");
	CHECK_INT(answer.visits_over.users.n, 0);
	CHECK_STR(shows(OWNER, VISIBLE_PRIVATE), "");
	CHECK_STR(visits(STRANGER, 100), "room_not_found");
	CHECK_STR(post(1, MEMBER, 101, "inside"), "");
	CHECK_STR(act(moderation_check_visits, &check), "");
	CHECK_INT(answer.visits_over.users.n, 1);
	CHECK(answer.visits_over.closed);
	tear_down();
}

static void
a_name_stays_unique(void)
{
	struct frame f;

	set_up_room();
	make_room(2, ROOM_PRIVATE, "attic", OWNER);
	CHECK_STR(renames(OWNER, "Attic"), "taken");
	CHECK_STR(renames(OWNER, "GENERAL"), "");
	f = change_frame(1, OWNER, 2 | 8);
	f.change_room.description = slice_of("what for");
	CHECK_STR(act(moderation_change_room, &f), "");
	CHECK_STR(renames(OWNER, "\x01"), "invalid");
	tear_down();
}

static void
run_all(void)
{
	RUN(a_slow_room_makes_members_wait);
	RUN(an_archived_room_is_read_only);
	RUN(an_invite_opens_a_room_while_it_lasts);
	RUN(a_room_that_turns_private_keeps_its_members);
	RUN(a_name_stays_unique);
}

int
main(void)
{
	return run_in_folder(run_all);
}
