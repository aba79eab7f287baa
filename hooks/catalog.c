/* SPDX-License-Identifier: MIT */
/* hooks/catalog.c - see catalog.h. */
#include "hooks/catalog.h"

#include "hooks/hook.h"

#include <stdlib.h>

#define PAGE_HOOKS 100

static void ask_page(struct hooks *hooks, const struct uuid *after);

static void
read_later(struct hooks *hooks)
{
	hooks->must_read_all = true;
	hooks_try_again(hooks);
}

static void
take(struct hooks *hooks, const struct frame_hook_info *info)
{
	if (hook_take(hooks, info) == 0)
		return;
	hooks->count.no_memory++;
	read_later(hooks);
}

static void
forget_unseen(struct hooks *hooks)
{
	struct hook *hook, *next;

	HASH_ITER (hh, hooks->by_id, hook, next)
		if (hook->seen != hooks->reading)
			hook_remove(hook);
	log_info("hooks_read", KN("hooks", HASH_COUNT(hooks->by_id)));
}

static void
on_page(void *self, void *context, const struct frame *answer)
{
	const struct frame_hook_info *items = answer->hooks.hooks.items;
	struct hooks *hooks = self;
	uint64_t *reading = context;
	bool is_late = *reading != hooks->reading;
	size_t n;

	free(reading);
	if (is_late)
		return;
	if (answer->kind != FRAME_hooks) {
		read_later(hooks);
		return;
	}
	n = answer->hooks.hooks.n;
	for (size_t i = 0; i < n; i++)
		take(hooks, &items[i]);
	if (answer->hooks.more && n > 0)
		ask_page(hooks, &items[n - 1].hook);
	else
		forget_unseen(hooks);
}

static void
ask_page(struct hooks *hooks, const struct uuid *after)
{
	struct peer *store = bus_next(hooks->bus, STORE);
	uint64_t *reading = malloc(sizeof *reading);
	struct frame frame = { .kind = FRAME_get_hooks };

	if (after != NULL)
		frame.get_hooks.after = *after;
	frame.get_hooks.limit = PAGE_HOOKS;
	if (store != NULL && reading != NULL) {
		*reading = hooks->reading;
		if (bus_ask(store, &frame, 0, on_page, hooks, reading) != 0)
			return;
	}
	free(reading);
	read_later(hooks);
}

void
catalog_read(struct hooks *hooks)
{
	hooks->reading++;
	ask_page(hooks, NULL);
}

void
catalog_hear(struct hooks *hooks, const struct frame *frame)
{
	struct hook *hook;

	if (frame->kind == FRAME_hook_changed) {
		if (frame->hook_changed.hooks.n > 0)
			take(hooks, frame->hook_changed.hooks.items);
		return;
	}
	hook = hook_find(hooks, &frame->hook_removed.hook);
	if (hook != NULL)
		hook_remove(hook);
}
