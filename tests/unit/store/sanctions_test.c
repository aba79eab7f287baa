/* SPDX-License-Identifier: MIT */
/* tests/unit/store/sanctions_test.c - what a ban, a kick and a mute keep from,
 * and for how long.
 */
#include "tests/unit/store/moderation_fixture.h"

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
run_all(void)
{
	RUN(a_ban_keeps_out_until_it_ends);
	RUN(a_ban_without_end_is_lifted);
	RUN(a_guest_is_kicked_alone);
	RUN(who_was_kicked_may_come_back);
	RUN(the_muted_neither_speak_nor_edit);
}

int
main(void)
{
	return run_in_folder(run_all);
}
