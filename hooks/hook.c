/* SPDX-License-Identifier: MIT */
/* hooks/hook.c - see hook.h. */
#include "hooks/hook.h"

#include "hooks/rooms.h"
#include "hooks/work.h"
#include "proto/frame_values.h"

#include <stdlib.h>

const char *
STATE_word(size_t i)
{
	static const char *const words[STATE_WORDS] = {
		[STATE_idle] = "idle",     [STATE_waiting] = "waiting",
		[STATE_busy] = "busy",     [STATE_retrying] = "retrying",
		[STATE_paused] = "paused",
	};

	return words[i];
}

struct hook *
hook_find(struct hooks *hooks, const struct uuid *id)
{
	struct hook *hook;

	HASH_FIND(hh, hooks->by_id, id, sizeof *id, hook);
	return hook;
}

/* --- What the store says */

static uint64_t
greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* It may not have heard yet of our last deliveries. But if it has less than it
 * once confirmed, an older copy of its database is in use now. */
static void
take_progress(struct hook *hook, const struct frame_hook_info *info)
{
	if (info->seq < hook->confirmed.seq ||
	    info->change < hook->confirmed.change) {
		work_cancel(hook);
		hook->delivered = (struct progress){ 0 };
	}
	hook->confirmed = (struct progress){ info->seq, info->change };
	if (info->seq > hook->delivered.seq ||
	    info->change > hook->delivered.change)
		hook->is_outdated = true;
	hook->delivered.seq = greater(hook->delivered.seq, info->seq);
	hook->delivered.change = greater(hook->delivered.change, info->change);
}

static void
take_failures(struct hook *hook, const struct frame_hook_info *info)
{
	if (hook->failures_told > 0)
		return;
	hook->failures = info->failures;
	hook->failing_since_ms = info->failing_since;
	hook->retry_at_ms = info->retry_at;
	if (hook->is_paused != info->paused)
		hook->is_outdated = true;
	hook->is_paused = info->paused;
}

static int
take_address(struct hook *hook, const struct frame_hook_info *info)
{
	struct signing_key key;
	char *url;

	if (!signing_key_read(&key, info->secret))
		log_warn("bad_secret", KU("hook", &hook->id));
	if (hook->url != NULL && slice_is(info->url, hook->url) &&
	    key.n == hook->key.n &&
	    memcmp(key.bytes, hook->key.bytes, key.n) == 0 &&
	    hook->wishes == info->events) {
		signing_key_fini(&key);
		return 0;
	}
	url = strndup(info->url.at, info->url.n);
	if (url == NULL) {
		signing_key_fini(&key);
		return -1;
	}
	free(hook->url);
	hook->url = url;
	signing_key_fini(&hook->key);
	hook->key = key;
	signing_key_fini(&key);
	hook->wishes = info->events;
	hook->is_outdated = true;
	return 0;
}

/* --- The list */

static struct hook *
add(struct hooks *hooks, const struct frame_hook_info *info)
{
	struct hook *hook = calloc(1, sizeof *hook);
	struct room *room = rooms_add(hooks, &info->room);

	if (hook == NULL || room == NULL)
		goto fail;
	hook->hooks = hooks;
	hook->id = info->hook;
	HASH_ADD(hh, hooks->by_id, id, sizeof hook->id, hook);
	if (hook->hh.tbl == NULL)
		goto fail;
	hook->room = room;
	DL_APPEND2(room->hooks, hook, prev_of_room, next_of_room);
	return hook;
fail:
	free(hook);
	if (room != NULL)
		rooms_let_go(room);
	return NULL;
}

int
hook_take(struct hooks *hooks, const struct frame_hook_info *info)
{
	struct hook *hook = hook_find(hooks, &info->hook);
	bool is_new = hook == NULL;

	if (is_new)
		hook = add(hooks, info);
	if (hook == NULL)
		return -1;
	hook->seen = hooks->reading;
	rooms_name(hook->room, info->room_name);
	if (take_address(hook, info) != 0) {
		if (is_new)
			hook_remove(hook);
		return -1;
	}
	take_progress(hook, info);
	take_failures(hook, info);
	work_look_anew(hook);
	return 0;
}

void
hook_remove(struct hook *hook)
{
	struct room *room = hook->room;

	work_cancel(hook);
	loop_timer_clear(hook->hooks->loop, &hook->timer);
	DL_DELETE2(room->hooks, hook, prev_of_room, next_of_room);
	HASH_DELETE(hh, hook->hooks->by_id, hook);
	signing_key_fini(&hook->key);
	free(hook->url);
	free(hook);
	rooms_let_go(room);
}

void
hook_remove_all(struct hooks *hooks)
{
	struct hook *hook, *next;

	HASH_ITER (hh, hooks->by_id, hook, next)
		hook_remove(hook);
}

bool
hook_has_more(struct hook *hook)
{
	const struct room *room = hook->room;

	if ((hook->wishes & HOOK_MESSAGES) == 0)
		hook->delivered.seq = greater(hook->delivered.seq, room->seq);
	if ((hook->wishes & (HOOK_EDITS | HOOK_MEMBERS)) == 0)
		hook->delivered.change =
		    greater(hook->delivered.change, room->change);
	return hook->delivered.seq < room->seq ||
	       hook->delivered.change < room->change;
}
