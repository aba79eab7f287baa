/* SPDX-License-Identifier: MIT */
/* tests/unit/store/roles_test.c - who may do what in a room, and what bans,
 * mutes, slow mode, invites and an archive keep from.
 */
#include "store/invites.h"
#include "store/moderation.h"
#include "store/roles.h"
#include "store/sanctions.h"
#include "store/schema.h"
#include "tests/unit/store/fixture.h"

/* People of room 1, by their ids and numbers. */
enum { ADMIN = 0, OWNER = 10, MODERATOR, MEMBER, OTHER, PEER, STRANGER };

static struct frame
deed_frame(unsigned room, unsigned actor, enum deed deed, unsigned user)
{
	struct frame f = { .kind = FRAME_moderate };

	f.moderate.room = id_of(room);
	if (actor != ADMIN)
		f.moderate.actor = id_of(actor);
	f.moderate.action = deed;
	f.moderate.user = id_of(user);
	f.moderate.user_number = user;
	f.moderate.user_name = slice_of("somebody");
	return f;
}

static const char *
does(unsigned room, unsigned actor, enum deed deed, unsigned user)
{
	struct frame f = deed_frame(room, actor, deed, user);

	return act(moderation_moderate, &f);
}

static const char *
gives(unsigned room, unsigned actor, unsigned user, enum role role)
{
	struct frame f = deed_frame(room, actor, DEED_ROLE, user);

	f.moderate.role = role;
	return act(moderation_moderate, &f);
}

static const char *
does_until(unsigned actor, enum deed deed, unsigned user, uint64_t until)
{
	struct frame f = deed_frame(1, actor, deed, user);

	f.moderate.until = until;
	f.moderate.reason = slice_of("because");
	return act(moderation_moderate, &f);
}

static struct frame
change_frame(unsigned room, unsigned actor, unsigned what)
{
	struct frame f = { .kind = FRAME_change_room };

	f.change_room.room = id_of(room);
	if (actor != ADMIN)
		f.change_room.actor = id_of(actor);
	f.change_room.what = what;
	return f;
}

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

static const char *
renames(unsigned actor, const char *name)
{
	struct frame f = change_frame(1, actor, 1);

	f.change_room.name = slice_of(name);
	return act(moderation_change_room, &f);
}

static const char *
visits(unsigned user, unsigned nonce)
{
	struct frame f = post_frame(1, user, nonce, "from a visitor");

	f.post.visit = true;
	return act(messages_post, &f);
}

static void
set_up_room(void)
{
	set_up();
	make_room(1, ROOM_PUBLIC, "general", OWNER);
	for (unsigned user = MODERATOR; user <= PEER; user++)
		join(1, user);
	CHECK_STR(gives(1, OWNER, MODERATOR, ROLE_MODERATOR), "");
	CHECK_STR(gives(1, OWNER, PEER, ROLE_MODERATOR), "");
}

/* Each deed by each rank to a member, to a moderator and to an owner. */
static void
ranks_and_deeds(void)
{
	static const struct {
		enum deed deed;
		const char *allowed[5]; /* by none, member, ...: to whom */
	} rows[] = {
		/* n: nobody's, m: member, M: moderator, O: owner */
		{ DEED_ROLE, { "", "", "", "nmM", "nmMO" } },
		{ DEED_KICK, { "", "", "nm", "nmM", "nmMO" } },
		{ DEED_BAN, { "", "", "nm", "nmM", "nmMO" } },
		{ DEED_UNBAN, { "", "", "nm", "nmM", "nmMO" } },
		{ DEED_MUTE, { "", "", "nm", "nmM", "nmMO" } },
		{ DEED_UNMUTE, { "", "", "nm", "nmM", "nmMO" } },
		{ DEED_ADD, { "", "", "nmMO", "nmMO", "nmMO" } },
		{ DEED_ERASE, { "", "", "nm", "nmM", "nmMO" } },
		{ DEED_SLOW, { "", "", "nmMO", "nmMO", "nmMO" } },
		{ DEED_CHANGE, { "", "", "", "nmMO", "nmMO" } },
		{ DEED_INVITE, { "", "", "nmMO", "nmMO", "nmMO" } },
		{ DEED_LIST_MEMBERS, { "", "nmMO", "nmMO", "nmMO", "nmMO" } },
		{ DEED_LIST_BANS, { "", "", "nmMO", "nmMO", "nmMO" } },
		{ DEED_HOOK, { "", "", "", "nmMO", "nmMO" } },
	};

	CHECK_INT(sizeof rows / sizeof *rows, DEEDS - 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int by = ROLE_NONE; by <= ROLE_ADMINISTRATION; by++)
			for (int to = ROLE_NONE; to <= ROLE_OWNER; to++)
				CHECK_INT(roles_may((enum role)by, rows[i].deed,
						    (enum role)to),
					  strchr(rows[i].allowed[by],
						 "nmMO"[to]) != NULL);
}

static void
nobody_acts_on_a_peer_or_above(void)
{
	set_up_room();
	CHECK_STR(does(1, MODERATOR, DEED_KICK, PEER), "not_allowed");
	CHECK_STR(does(1, MODERATOR, DEED_BAN, OWNER), "not_allowed");
	CHECK_STR(does(1, MODERATOR, DEED_MUTE, MODERATOR), "not_allowed");
	CHECK_STR(does(1, MEMBER, DEED_KICK, OTHER), "not_allowed");
	CHECK_STR(gives(1, MODERATOR, OTHER, ROLE_MODERATOR), "not_allowed");
	CHECK_STR(does(1, STRANGER, DEED_KICK, MEMBER), "not_a_member");
	CHECK_STR(does(9, OWNER, DEED_KICK, MEMBER), "room_not_found");
	CHECK_STR(does(1, ADMIN, DEED_KICK, OWNER), "");
	CHECK(answer.moderated.ended);
	tear_down();
}

static void
who_makes_a_room_owns_it(void)
{
	set_up_room();
	CHECK_STR(gives(1, OWNER, OWNER, ROLE_MEMBER), "not_allowed");
	CHECK_STR(gives(1, OWNER, STRANGER, ROLE_OWNER), "user_not_found");
	CHECK_STR(gives(1, OWNER, OTHER, ROLE_OWNER), "");
	CHECK_INT(answer.moderated.role, ROLE_OWNER);
	CHECK_STR(does(1, OTHER, DEED_KICK, OWNER), "not_allowed");
	CHECK_STR(gives(1, OTHER, OWNER, ROLE_MEMBER), "not_allowed");
	CHECK_STR(gives(1, OWNER, OWNER, ROLE_MEMBER), "");
	CHECK_STR(renames(OWNER, "mine"), "not_allowed");
	CHECK_STR(renames(OTHER, "ours"), "");
	tear_down();
}

static void
direct_and_sealed_rooms_have_no_roles(void)
{
	set_up();
	open_direct(2, OWNER, MEMBER);
	make_room(3, ROOM_SEALED, "vault", 0);
	CHECK_STR(does(2, OWNER, DEED_KICK, MEMBER), "not_allowed");
	CHECK_STR(does(2, ADMIN, DEED_BAN, MEMBER), "not_allowed");
	CHECK_STR(does(2, STRANGER, DEED_KICK, MEMBER), "room_not_found");
	CHECK_STR(does(3, ADMIN, DEED_KICK, MEMBER), "room_not_found");
	tear_down();
}

static void
a_ban_keeps_out_until_it_ends(void)
{
	set_up_room();
	CHECK_STR(does_until(MODERATOR, DEED_BAN, MEMBER, store.now_ms + 5000),
		  "");
	CHECK(answer.moderated.ended);
	CHECK_STR(join(1, MEMBER), "banned");
	CHECK_INT(answer.refused.retry_after, 5);
	CHECK_STR(visits(MEMBER, 100), "banned");
	CHECK_STR(does(1, OWNER, DEED_ADD, MEMBER), "banned");
	store.now_ms += 5000;
	CHECK_STR(visits(MEMBER, 101), "");
	CHECK_STR(join(1, MEMBER), "");
	CHECK(answer.joined.fresh);
	tear_down();
}

static void
a_ban_without_end_is_lifted(void)
{
	set_up_room();
	CHECK_STR(does(1, MODERATOR, DEED_BAN, STRANGER), "");
	CHECK(!answer.moderated.ended);
	CHECK_STR(join(1, STRANGER), "banned");
	CHECK_INT(answer.refused.retry_after, 0);
	store_forget(&store);
	CHECK_STR(join(1, STRANGER), "banned");
	CHECK_STR(does(1, MODERATOR, DEED_UNBAN, STRANGER), "");
	CHECK_STR(join(1, STRANGER), "");
	tear_down();
}

static void
a_guest_is_kicked_alone(void)
{
	struct frame f;

	set_up_room();
	f = deed_frame(1, MODERATOR, DEED_BAN, 77);
	f.moderate.user_number = 0;
	CHECK_STR(act(moderation_moderate, &f), "not_allowed");
	f.moderate.action = DEED_KICK;
	CHECK_STR(act(moderation_moderate, &f), "");
	CHECK(!answer.moderated.ended);
	tear_down();
}

static void
who_was_kicked_may_come_back(void)
{
	set_up_room();
	CHECK_STR(does(1, MODERATOR, DEED_KICK, MEMBER), "");
	CHECK(answer.moderated.ended);
	CHECK_STR(post(1, MEMBER, 100, "still here"), "not_a_member");
	CHECK_STR(leave(1, MEMBER), "");
	CHECK(!answer.left.fresh);
	CHECK_STR(join(1, MEMBER), "");
	CHECK(answer.joined.fresh);
	tear_down();
}

static void
the_muted_neither_speak_nor_edit(void)
{
	struct uuid said;

	set_up_room();
	post(1, MEMBER, 100, "one");
	said = answer.message.message;
	CHECK_STR(
	    does_until(MODERATOR, DEED_MUTE, MEMBER, store.now_ms + 90000), "");
	CHECK_STR(post(1, MEMBER, 101, "two"), "muted");
	CHECK_INT(answer.refused.retry_after, 90);
	CHECK_STR(edit(MEMBER, said, "changed"), "muted");
	CHECK_STR(erase(MEMBER, said), "muted");
	CHECK_STR(post(1, MEMBER, 100, "one"), "");
	CHECK(answer.message.duplicate);
	CHECK_STR(post(1, OTHER, 102, "free"), "");
	CHECK_STR(does(1, MODERATOR, DEED_UNMUTE, MEMBER), "");
	CHECK_STR(post(1, MEMBER, 103, "three"), "");
	tear_down();
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
moderators_take_back_what_lower_ranks_said(void)
{
	struct uuid said;

	set_up_room();
	post(1, MEMBER, 100, "rude");
	said = answer.message.message;
	CHECK_STR(erase(OTHER, said), "not_allowed");
	CHECK_STR(erase(STRANGER, said), "message_not_found");
	CHECK_STR(edit(MODERATOR, said, "kind"), "not_allowed");
	CHECK_STR(erase(MODERATOR, said), "");
	post(1, PEER, 101, "of a peer");
	CHECK_STR(erase(MODERATOR, answer.message.message), "not_allowed");
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
lists_are_for_those_who_may_see_them(void)
{
	struct frame members = { .kind = FRAME_get_members };
	struct frame bans = { .kind = FRAME_get_bans };

	set_up_room();
	does_until(MODERATOR, DEED_BAN, STRANGER, 0);
	members.get_members.room = bans.get_bans.room = id_of(1);
	members.get_members.limit = bans.get_bans.limit = 2;
	members.get_members.user = id_of(STRANGER);
	CHECK_STR(act(moderation_get_members, &members), "not_a_member");
	members.get_members.user = bans.get_bans.user = id_of(MEMBER);
	CHECK_STR(act(moderation_get_members, &members), "");
	CHECK_INT(answer.members.members.n, 2);
	members.get_members.after = answer.members.next;
	CHECK_STR(act(moderation_get_members, &members), "");
	CHECK_INT(answer.members.members.n, 2);
	members.get_members.after = answer.members.next;
	CHECK_STR(act(moderation_get_members, &members), "");
	CHECK_INT(answer.members.members.n, 1);
	CHECK_INT(answer.members.next, 0);
	CHECK_STR(act(sanctions_get_bans, &bans), "not_allowed");
	bans.get_bans.user = id_of(MODERATOR);
	CHECK_STR(act(sanctions_get_bans, &bans), "");
	CHECK_INT(answer.bans.bans.n, 1);
	bans.get_bans.mutes = true;
	CHECK_STR(act(sanctions_get_bans, &bans), "");
	CHECK_INT(answer.bans.bans.n, 0);
	tear_down();
}

/* A file of the first version, in which somebody made a room and somebody else
 * joined it. */
static void
makers_of_older_rooms_own_them(void)
{
	static const char *const older =
	    "PRAGMA user_version = 1;"
	    "INSERT INTO users (user_no, id, number) VALUES"
	    " (1, x'1100000000000000000000000000000A', 10),"
	    " (2, x'1100000000000000000000000000000B', 11);"
	    "INSERT INTO rooms (room_no, id, kind, name, name_key, created_at,"
	    " join_key) VALUES (1, x'11000000000000000000000000000001', 1,"
	    " 'general', 'general', 1, x'00');"
	    "INSERT INTO memberships VALUES (1, 1, 0, 0, 1, 0),"
	    " (2, 1, 0, 0, 1, 1);"
	    "INSERT INTO changes (room_no, change, kind, user_no, at_ms)"
	    " VALUES (1, 1, 3, 2, 1);";
	char path[128];
	sqlite3 *file = NULL;

	remove_files();
	snprintf(path, sizeof path, "%s/chat.db", folder);
	CHECK_INT(sqlite3_open(path, &file), SQLITE_OK);
	CHECK_INT(sqlite3_exec(file, schema_steps[0], NULL, NULL, NULL),
		  SQLITE_OK);
	CHECK_INT(sqlite3_exec(file, older, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(file);
	open_store();
	CHECK_STR(gives(1, MODERATOR, OWNER, ROLE_MEMBER), "not_allowed");
	CHECK_STR(gives(1, OWNER, MODERATOR, ROLE_MODERATOR), "");
	tear_down();
}

static void
run_all(void)
{
	RUN(ranks_and_deeds);
	RUN(nobody_acts_on_a_peer_or_above);
	RUN(who_makes_a_room_owns_it);
	RUN(direct_and_sealed_rooms_have_no_roles);
	RUN(a_ban_keeps_out_until_it_ends);
	RUN(a_ban_without_end_is_lifted);
	RUN(a_guest_is_kicked_alone);
	RUN(who_was_kicked_may_come_back);
	RUN(the_muted_neither_speak_nor_edit);
	RUN(a_slow_room_makes_members_wait);
	RUN(an_archived_room_is_read_only);
	RUN(an_invite_opens_a_room_while_it_lasts);
	RUN(a_room_that_turns_private_keeps_its_members);
	RUN(moderators_take_back_what_lower_ranks_said);
	RUN(a_name_stays_unique);
	RUN(lists_are_for_those_who_may_see_them);
	RUN(makers_of_older_rooms_own_them);
}

int
main(void)
{
	return run_in_folder(run_all);
}
