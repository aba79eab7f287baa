/* SPDX-License-Identifier: MIT */
/* tests/unit/store/roles_test.c - who may do what in a room, and to whom. */
#include "store/sanctions.h"
#include "store/schema.h"
#include "tests/unit/store/moderation_fixture.h"

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
	RUN(moderators_take_back_what_lower_ranks_said);
	RUN(lists_are_for_those_who_may_see_them);
	RUN(makers_of_older_rooms_own_them);
}

int
main(void)
{
	return run_in_folder(run_all);
}
