/* SPDX-License-Identifier: MIT */
/* tests/unit/store/hook_delivery_test.c - how far a hook is, what moves it on,
 * and what those who deliver are told of it.
 */
#include "store/hook_news.h"
#include "tests/unit/store/hook_fixture.h"

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
	RUN(what_is_delivered_never_goes_back);
	RUN(a_paused_hook_stays_so_until_it_is_resumed);
	RUN(a_hook_may_skip_what_it_has_missed);
	RUN(events_that_are_new_to_a_hook_begin_now);
	RUN(each_change_is_told_once);
}

int
main(void)
{
	return run_in_folder(run_all);
}
