/* SPDX-License-Identifier: MIT */
/* tests/unit/store/hooks_test.c - which addresses a hook may have, who manages
 * hooks, how far they are and what is told of it.
 */
#include "store/hook_rows.h"
#include "store/hook_secret.h"
#include "store/hook_url.h"
#include "store/hooks.h"
#include "store/moderation.h"
#include "tests/unit/store/fixture.h"

enum { ADMIN = 0, OWNER = 10, MODERATOR, MEMBER, STRANGER };

static const char address[] = "https://example.org/hook";

/* --- Addresses and secrets */

static void
addresses_are_judged(void)
{
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
		{ "https://example.org", true },
		{ "https://example.org/", true },
		{ "HTTP://Example.ORG:8080/a/b?c=d&e=%20", true },
		{ "http://localhost:1/", true },
		{ "http://127.0.0.1/x", true },
		{ "http://[::1]/", true },
		{ "http://[2001:db8::1]:65535/", true },
		{ "https://my_host-1.example.org.", true },
		{ "https://example.org?x=a@b:c", true },
		{ "https://example.org/a@b", true },
		{ "", false },
		{ "example.org", false },
		{ "ftp://example.org/", false },
		{ "file:///etc/passwd", false },
		{ "https:example.org", false },
		{ "https:/example.org", false },
		{ "https://", false },
		{ "https:///path", false },
		{ "https://?q", false },
		{ "https://:80/", false },
		{ "https://user@example.org/", false },
		{ "https://user:word@example.org/", false },
		{ "https://@example.org/", false },
		{ "https://example.org#part", false },
		{ "https://example.org/#part", false },
		{ "https://example.org:0/", false },
		{ "https://example.org:/", false },
		{ "https://example.org:65536/", false },
		{ "https://example.org:8 0/", false },
		{ "https://example.org:+80/", false },
		{ "https://example.org:100000000/", false },
		{ "https://example.org\\@other.example/", false },
		{ "https://exam ple.org/", false },
		{ "https://example.org/a b", false },
		{ "https://example.org/\r\nHost: other", false },
		{ "https://example.org/\x7f", false },
		{ "https://ex\xc3\xa4mple.org/", false },
		{ "https://example..org/", false },
		{ "https://.example.org/", false },
		{ "https://exa%6dple.org/", false },
		{ "https://[::1/", false },
		{ "https://[]/", false },
		{ "https://[::1]x/", false },
		{ "https://[fe80::1%25eth0]/", false },
		{ "https://::1/", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *fault = hook_url_fault(slice_of(rows[i].url));

		if ((fault == NULL) != rows[i].good)
			printf("# %s\n", rows[i].url);
		CHECK_INT(fault == NULL, rows[i].good);
	}
}

static void
an_address_has_a_greatest_length(void)
{
	char url[HOOK_URL_MAX + 2];

	memset(url, 'a', sizeof url);
	memcpy(url, "http://h/", 9);
	CHECK(hook_url_fault((struct slice){ url, HOOK_URL_MAX }) == NULL);
	CHECK(hook_url_fault((struct slice){ url, HOOK_URL_MAX + 1 }) != NULL);
	memset(url + 7, 'a', 253);
	CHECK(hook_url_fault((struct slice){ url, 7 + 253 }) == NULL);
	url[7 + 253] = 'a';
	CHECK(hook_url_fault((struct slice){ url, 7 + 254 }) != NULL);
}

static void
secrets_have_one_form(void)
{
	char made[HOOK_SECRET_BYTES], other[HOOK_SECRET_BYTES];
	static const char *const bad[] = {
		"",
		"whsec_",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", /* cut short */
		"WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"secretMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", /* 22 bytes */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwQx==", /* a bit too many
							       */
		"whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa ",
	};
	char long_one[6 + 92 + 1] = "whsec_";

	CHECK(hook_secret_is_good(
	    slice_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));
	CHECK(hook_secret_is_good(hook_secret_make(made)));
	CHECK(hook_secret_is_good(hook_secret_make(other)));
	CHECK(strcmp(made, other) != 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!hook_secret_is_good(slice_of(bad[i])));
	memset(long_one + 6, 'A', 92);
	memcpy(long_one + 6 + 86, "==", 2);
	CHECK(hook_secret_is_good((struct slice){ long_one, 6 + 88 }));
	memcpy(long_one + 6 + 86, "A=", 2);
	CHECK(!hook_secret_is_good((struct slice){ long_one, 6 + 88 }));
	memset(long_one + 6 + 86, 'A', 6);
	CHECK(!hook_secret_is_good((struct slice){ long_one, 6 + 92 }));
}

/* --- Acts */

static const char *
creates(unsigned room, unsigned actor, unsigned hook, const char *url)
{
	struct frame f = { .kind = FRAME_create_hook };

	f.create_hook.room = id_of(room);
	if (actor != ADMIN)
		f.create_hook.actor = id_of(actor);
	f.create_hook.hook = id_of(hook);
	f.create_hook.url = slice_of(url);
	f.create_hook.events = HOOK_MESSAGES;
	return act(hooks_create, &f);
}

static struct frame
change_frame(unsigned actor, unsigned hook)
{
	struct frame f = { .kind = FRAME_change_hook };

	if (actor != ADMIN)
		f.change_hook.actor = id_of(actor);
	f.change_hook.hook = id_of(hook);
	return f;
}

static const char *
removes(unsigned room, unsigned actor, unsigned hook)
{
	struct frame f = { .kind = FRAME_remove_hook };

	if (room != 0)
		f.remove_hook.room = id_of(room);
	if (actor != ADMIN)
		f.remove_hook.actor = id_of(actor);
	f.remove_hook.hook = id_of(hook);
	return act(hooks_remove, &f);
}

static const char *
lists(store_act *how, unsigned room, unsigned actor, unsigned after,
      uint64_t limit)
{
	struct frame f = { .kind = FRAME_get_hooks };

	if (room != 0)
		f.get_hooks.room = id_of(room);
	if (actor != ADMIN)
		f.get_hooks.actor = id_of(actor);
	if (after != 0)
		f.get_hooks.after = id_of(after);
	f.get_hooks.limit = limit;
	return act(how, &f);
}

static const char *
delivers(unsigned hook, uint64_t seq, uint64_t change)
{
	struct frame f = { .kind = FRAME_hook_delivered };

	f.hook_delivered.hook = id_of(hook);
	f.hook_delivered.seq = seq;
	f.hook_delivered.change = change;
	return act(hooks_delivered, &f);
}

static const char *
fails(unsigned hook, uint64_t failures, bool paused)
{
	struct frame f = { .kind = FRAME_hook_failed };

	f.hook_failed.hook = id_of(hook);
	f.hook_failed.failures = failures;
	f.hook_failed.retry_at = 12345;
	f.hook_failed.failing_since = 11111;
	f.hook_failed.last_error = slice_of("500 from example.org");
	f.hook_failed.paused = paused;
	return act(hooks_failed, &f);
}

/* The row, as the table has it. */
static struct frame_hook_info
row(unsigned hook)
{
	struct frame_hook_info info = { 0 };
	struct uuid id = id_of(hook);

	if (!hook_rows_find(&store, &id, &info))
		info = (struct frame_hook_info){ 0 };
	return info;
}

static const struct frame_hook_info *
hook_at(size_t i)
{
	const frame_list *list = answer.kind == FRAME_hook
				     ? &answer.hook.hooks
				     : &answer.hooks.hooks;

	return i < list->n ? (const struct frame_hook_info *)list->items + i
			   : NULL;
}

static void
set_up_room(void)
{
	struct frame role = { .kind = FRAME_moderate };

	set_up();
	make_room(1, ROOM_PUBLIC, "general", OWNER);
	join(1, MODERATOR);
	join(1, MEMBER);
	role.moderate.room = id_of(1);
	role.moderate.action = DEED_ROLE;
	role.moderate.user = id_of(MODERATOR);
	role.moderate.role = ROLE_MODERATOR;
	CHECK_STR(act(moderation_moderate, &role), "");
}

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
what_is_delivered_never_goes_back(void)
{
	set_up_room();
	creates(1, OWNER, 50, address);
	CHECK_STR(fails(50, 3, false), "");
	CHECK_INT(row(50).failures, 3);
	CHECK_INT(row(50).retry_at, 12345);
	CHECK_INT(row(50).failing_since, 11111);
	CHECK(slice_is(row(50).last_error, "500 from example.org"));
	CHECK_STR(delivers(50, 7, 9), "");
	CHECK_INT(row(50).failures, 0);
	CHECK_INT(row(50).retry_at, 0);
	CHECK_INT(row(50).failing_since, 0);
	CHECK_INT(row(50).last_error.n, 0);
	CHECK_STR(delivers(50, 6, 10), "");
	CHECK_INT(row(50).seq, 7);
	CHECK_INT(row(50).change, 10);
	CHECK_STR(delivers(51, 1, 1), "hook_not_found");
	CHECK_STR(fails(51, 1, false), "hook_not_found");
	tear_down();
}

static void
a_paused_hook_stays_so_until_it_is_resumed(void)
{
	struct frame f;

	set_up_room();
	creates(1, OWNER, 50, address);
	CHECK_STR(fails(50, 30, true), "");
	CHECK(row(50).paused);
	CHECK_STR(fails(50, 31, false), "");
	CHECK_STR(delivers(50, 1, 1), "");
	CHECK(row(50).paused);
	CHECK_STR(fails(50, 32, false), "");
	f = change_frame(OWNER, 50);
	f.change_hook.resume = true;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK(!row(50).paused);
	CHECK_INT(row(50).failures, 0);
	CHECK_INT(row(50).seq, 1);
	f = change_frame(OWNER, 50);
	f.change_hook.pause = true;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK(row(50).paused);
	tear_down();
}

static void
a_hook_may_skip_what_it_has_missed(void)
{
	struct frame f;

	set_up_room();
	creates(1, OWNER, 50, address);
	post(1, OWNER, 100, "one");
	post(1, OWNER, 101, "two");
	fails(50, 9, true);
	f = change_frame(OWNER, 50);
	f.change_hook.resume = f.change_hook.skip = true;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK_INT(hook_at(0)->seq, 2);
	CHECK(!hook_at(0)->paused);
	tear_down();
}

static void
events_that_are_new_to_a_hook_begin_now(void)
{
	struct frame f;

	set_up_room();
	creates(1, OWNER, 50, address); /* hears messages */
	post(1, OWNER, 100, "one");
	leave(1, MEMBER);
	f = change_frame(OWNER, 50);
	f.change_hook.events = HOOK_EDITS;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK_INT(hook_at(0)->seq, 0);
	CHECK_INT(hook_at(0)->change, 4);
	join(1, MEMBER);
	f.change_hook.events = HOOK_MESSAGES | HOOK_EDITS | HOOK_MEMBERS;
	CHECK_STR(act(hooks_change, &f), "");
	CHECK_INT(hook_at(0)->seq, 1);
	CHECK_INT(hook_at(0)->change, 4);
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

/* --- What is told */

struct told {
	unsigned changed, removed;
	bool with_secret;
};

static void
hear(void *self, struct frame *event)
{
	struct told *told = self;

	if (event->kind == FRAME_hook_removed) {
		told->removed++;
		return;
	}
	told->changed++;
	told->with_secret =
	    ((const struct frame_hook_info *)event->hook_changed.hooks.items)
		->secret.n > 0;
}

static void
each_change_is_told_once(void)
{
	struct told told = { 0 };
	struct frame f;

	set_up_room();
	creates(1, OWNER, 50, address);
	creates(1, OWNER, 51, address);
	f = change_frame(OWNER, 50);
	f.change_hook.pause = true;
	act(hooks_change, &f);
	CHECK_STR(removes(1, OWNER, 51), "");
	hook_news_tell(&store, hear, &told);
	CHECK_INT(told.changed, 1);
	CHECK_INT(told.removed, 1);
	CHECK(told.with_secret);
	CHECK_STR(delivers(50, 1, 1), "");
	CHECK_STR(fails(50, 1, false), "");
	lists(hooks_list, 1, OWNER, 0, 10);
	hook_news_tell(&store, hear, &told);
	CHECK_INT(told.changed, 1);
	CHECK_STR(fails(50, 2, true), "");
	hook_news_tell(&store, hear, &told);
	CHECK_INT(told.changed, 2);
	tear_down();
}

static void
run_all(void)
{
	RUN(addresses_are_judged);
	RUN(an_address_has_a_greatest_length);
	RUN(secrets_have_one_form);
	RUN(a_hook_begins_at_the_head_of_its_room);
	RUN(owners_and_administration_manage_hooks);
	RUN(direct_and_sealed_rooms_have_no_hooks);
	RUN(the_same_hook_again_is_the_same_request);
	RUN(a_room_has_at_most_twenty);
	RUN(what_is_malformed_is_named);
	RUN(a_change_leaves_the_rest_as_it_is);
	RUN(what_is_delivered_never_goes_back);
	RUN(a_paused_hook_stays_so_until_it_is_resumed);
	RUN(a_hook_may_skip_what_it_has_missed);
	RUN(events_that_are_new_to_a_hook_begin_now);
	RUN(only_who_delivers_sees_secrets);
	RUN(lists_come_in_pages);
	RUN(each_change_is_told_once);
}

int
main(void)
{
	return run_in_folder(run_all);
}
