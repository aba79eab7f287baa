/* SPDX-License-Identifier: MIT */
/* tests/unit/store/hooks_test.c - who manages hooks and how, and who sees what
 * of them.
 */
#include "store/hook_secret.h"
#include "store/hook_url.h"
#include "tests/unit/store/hook_fixture.h"

static void
a_hook_begins_at_the_head_of_its_room(void)
{
	set_up_room();
	post(1, OWNER, 100, "before");
	CHECK_STR(creates(1, OWNER, 50, address), "");
	CHECK_INT(hook_at(0)->seq, 1);
	CHECK_INT(hook_at(0)->change, 3); /* two joined, one got a role */
	CHECK_INT(hook_at(0)->events, HOOK_MESSAGES);
	CHECK_INT(hook_at(0)->at, 1000000);
	CHECK(slice_is(hook_at(0)->url, address));
	CHECK(slice_is(hook_at(0)->room_name, "general"));
	CHECK(slice_is(hook_at(0)->actor_name, "author"));
	CHECK(hook_secret_is_good(hook_at(0)->secret));
	CHECK(!hook_at(0)->paused);
	tear_down();
}

static void
owners_and_administration_manage_hooks(void)
{
	static const struct {
		unsigned actor;
		const char *code;
	} rows[] = {
		{ MODERATOR, "not_allowed" },
		{ MEMBER, "not_allowed" },
		{ STRANGER, "not_a_member" },
		{ OWNER, "" },
		{ ADMIN, "" },
	};

	set_up_room();
	CHECK_STR(creates(1, OWNER, 50, address), "");
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct frame f = change_frame(rows[i].actor, 50);

		CHECK_STR(creates(1, rows[i].actor, 60 + i, address),
			  rows[i].code);
		CHECK_STR(act(hooks_change, &f), rows[i].code);
		CHECK_STR(lists(hooks_list, 1, rows[i].actor, 0, 10),
			  rows[i].code);
		CHECK_STR(removes(1, rows[i].actor, 60 + i), rows[i].code);
	}
	CHECK_STR(creates(9, OWNER, 51, address), "room_not_found");
	CHECK_STR(lists(hooks_list, 0, OWNER, 0, 10), "invalid");
	CHECK_STR(lists(hooks_list, 0, ADMIN, 0, 10), "");
	tear_down();
}

static void
direct_and_sealed_rooms_have_no_hooks(void)
{
	set_up();
	open_direct(2, OWNER, MEMBER);
	make_room(3, ROOM_SEALED, "vault", 0);
	CHECK_STR(creates(2, OWNER, 50, address), "not_allowed");
	CHECK_STR(creates(2, ADMIN, 50, address), "not_allowed");
	CHECK_STR(creates(2, STRANGER, 50, address), "room_not_found");
	CHECK_STR(creates(3, ADMIN, 50, address), "not_allowed");
	CHECK_STR(creates(3, OWNER, 50, address), "room_not_found");
	CHECK_STR(lists(hooks_list, 0, ADMIN, 0, 10), "");
	CHECK(hook_at(0) == NULL);
	tear_down();
}

static void
the_same_hook_again_is_the_same_request(void)
{
	char secret[HOOK_SECRET_BYTES];

	set_up_room();
	make_room(2, ROOM_PRIVATE, "other", OWNER);
	CHECK_STR(creates(1, OWNER, 50, address), "");
	CHECK_INT(hook_at(0)->secret.n, sizeof secret - 1);
	memcpy(secret, hook_at(0)->secret.at, sizeof secret - 1);
	secret[sizeof secret - 1] = '\0';
	CHECK_STR(creates(1, OWNER, 50, address), "");
	CHECK(slice_is(hook_at(0)->secret, secret));
	CHECK_STR(creates(2, OWNER, 50, address), "taken");
	CHECK_STR(lists(hooks_list, 0, ADMIN, 0, 10), "");
	CHECK(hook_at(1) == NULL);
	tear_down();
}

static void
a_room_has_at_most_twenty(void)
{
	set_up_room();
	for (unsigned i = 0; i < HOOKS_MAX; i++)
		CHECK_STR(creates(1, OWNER, 50 + i, address), "");
	CHECK_STR(creates(1, OWNER, 90, address), "full");
	CHECK_STR(creates(1, ADMIN, 90, address), "full");
	CHECK_STR(creates(1, OWNER, 50, address), "");
	CHECK_STR(removes(1, OWNER, 51), "");
	CHECK_STR(creates(1, OWNER, 90, address), "");
	tear_down();
}

static void
what_is_malformed_is_named(void)
{
	struct frame f = { .kind = FRAME_create_hook };

	set_up_room();
	CHECK_STR(creates(1, OWNER, 50, "ftp://example.org"), "invalid");
	CHECK(slice_is(answer.refused.field, "url"));
	f.create_hook.room = id_of(1);
	f.create_hook.hook = id_of(50);
	f.create_hook.url = slice_of(address);
	f.create_hook.events = HOOK_EDITS;
	f.create_hook.secret = slice_of("correct horse battery staple");
	CHECK_STR(act(hooks_create, &f), "invalid");
	CHECK(slice_is(answer.refused.field, "secret"));
	f.create_hook.secret =
	    slice_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	CHECK_STR(act(hooks_create, &f), "");
	CHECK(slice_equal(row(50).secret, f.create_hook.secret));
	f = change_frame(OWNER, 50);
	f.change_hook.url = slice_of("https://");
	CHECK_STR(act(hooks_change, &f), "invalid");
	f = change_frame(OWNER, 50);
	f.change_hook.secret = slice_of("whsec_x");
	CHECK_STR(act(hooks_change, &f), "invalid");
	f = change_frame(OWNER, 50);
	f.change_hook.pause = f.change_hook.resume = true;
	CHECK_STR(act(hooks_change, &f), "invalid");
	CHECK(slice_is(row(50).url, address));
	CHECK(!row(50).paused);
	tear_down();
}

static void
a_change_leaves_the_rest_as_it_is(void)
{
	struct frame f;

	set_up_room();
	creates(1, OWNER, 50, address);
	f = change_frame(OWNER, 50);
	f.change_hook.events = HOOK_EDITS | HOOK_MEMBERS;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK_INT(hook_at(0)->events, HOOK_EDITS | HOOK_MEMBERS);
	CHECK_INT(hook_at(0)->secret.n, 0);
	CHECK(slice_is(row(50).url, address));
	CHECK(hook_secret_is_good(row(50).secret));
	f = change_frame(OWNER, 50);
	f.change_hook.renew = true;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK(hook_secret_is_good(hook_at(0)->secret));
	CHECK(slice_equal(hook_at(0)->secret, row(50).secret));
	f = change_frame(OWNER, 51);
	CHECK_STR(act(hooks_change, &f), "hook_not_found");
	make_room(2, ROOM_PRIVATE, "other", OWNER);
	f = change_frame(OWNER, 50);
	f.change_hook.room = id_of(2);
	CHECK_STR(act(hooks_change, &f), "hook_not_found");
	CHECK_STR(removes(2, OWNER, 50), "");
	CHECK_INT(row(50).events, HOOK_EDITS | HOOK_MEMBERS);
	tear_down();
}

static void
only_who_delivers_sees_secrets(void)
{
	set_up_room();
	creates(1, OWNER, 50, address);
	CHECK_STR(lists(hooks_list, 1, OWNER, 0, 10), "");
	CHECK_INT(hook_at(0)->secret.n, 0);
	CHECK_STR(lists(hooks_list, 0, ADMIN, 0, 10), "");
	CHECK_INT(hook_at(0)->secret.n, 0);
	CHECK_STR(lists(hooks_list_secrets, 0, ADMIN, 0, 10), "");
	CHECK_INT(hook_at(0)->secret.n, HOOK_SECRET_BYTES - 1);
	tear_down();
}

static void
lists_come_in_pages(void)
{
	char url[HOOK_URL_MAX + 1];
	unsigned seen = 0, after = 0;

	set_up_room();
	memset(url, 'a', HOOK_URL_MAX);
	memcpy(url, "http://h/", 9);
	url[HOOK_URL_MAX] = '\0';
	for (unsigned room = 1; room <= 8; room++) {
		make_room(room, ROOM_PRIVATE,
			  room == 1 ? "general" : url + 2000, OWNER);
		url[2040]++; /* another name */
		for (unsigned i = 0; i < HOOKS_MAX; i++)
			CHECK_STR(
			    creates(room, ADMIN, 200 + 20 * room + i, url), "");
	}
	for (int pages = 0; pages < 10; pages++) {
		CHECK_STR(lists(hooks_list_secrets, 0, ADMIN, after, 1000), "");
		seen += (unsigned)answer.hooks.hooks.n;
		if (!answer.hooks.more)
			break;
		CHECK(answer.hooks.hooks.n < 8 * HOOKS_MAX);
		after = 220 + seen - 1;
	}
	CHECK_INT(seen, 8 * HOOKS_MAX);
	CHECK_STR(lists(hooks_list, 1, OWNER, 0, 7), "");
	CHECK_INT(answer.hooks.hooks.n, 7);
	CHECK(answer.hooks.more);
	CHECK_STR(lists(hooks_list, 1, OWNER, 220 + 12, 7), "");
	CHECK_INT(answer.hooks.hooks.n, 7);
	CHECK(!answer.hooks.more);
	tear_down();
}

static void
run_all(void)
{
	RUN(a_hook_begins_at_the_head_of_its_room);
	RUN(owners_and_administration_manage_hooks);
	RUN(direct_and_sealed_rooms_have_no_hooks);
	RUN(the_same_hook_again_is_the_same_request);
	RUN(a_room_has_at_most_twenty);
	RUN(what_is_malformed_is_named);
	RUN(a_change_leaves_the_rest_as_it_is);
	RUN(only_who_delivers_sees_secrets);
	RUN(lists_come_in_pages);
}

int
main(void)
{
	return run_in_folder(run_all);
}
