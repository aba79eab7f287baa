/* SPDX-License-Identifier: MIT */
/* tests/unit/store/hook_fixture.h - a room whose hooks are managed, and one
 * line for each thing that is asked of one.
 */
#ifndef PARLEY_TESTS_UNIT_STORE_HOOK_FIXTURE_H
#define PARLEY_TESTS_UNIT_STORE_HOOK_FIXTURE_H

#include "store/hook_rows.h"
#include "store/hooks.h"
#include "store/moderation.h"
#include "tests/unit/store/fixture.h"

enum { ADMIN = 0, OWNER = 10, MODERATOR, MEMBER, STRANGER };

static const char address[] = "https://example.org/hook";

static inline const char *
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

static inline struct frame
change_frame(unsigned actor, unsigned hook)
{
	struct frame f = { .kind = FRAME_change_hook };

	if (actor != ADMIN)
		f.change_hook.actor = id_of(actor);
	f.change_hook.hook = id_of(hook);
	return f;
}

static inline const char *
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

static inline const char *
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

static inline const char *
delivers(unsigned hook, uint64_t seq, uint64_t change)
{
	struct frame f = { .kind = FRAME_hook_delivered };

	f.hook_delivered.hook = id_of(hook);
	f.hook_delivered.seq = seq;
	f.hook_delivered.change = change;
	return act(hooks_delivered, &f);
}

static inline const char *
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
static inline struct frame_hook_info
row(unsigned hook)
{
	struct frame_hook_info info = { 0 };
	struct uuid id = id_of(hook);

	if (!hook_rows_find(&store, &id, &info))
		info = (struct frame_hook_info){ 0 };
	return info;
}

static inline const struct frame_hook_info *
hook_at(size_t i)
{
	const frame_list *list = answer.kind == FRAME_hook
				     ? &answer.hook.hooks
				     : &answer.hooks.hooks;

	return i < list->n ? (const struct frame_hook_info *)list->items + i
			   : NULL;
}

static inline void
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

#endif
