/* SPDX-License-Identifier: MIT */
/* hooks/hook.h - the hooks that are known, and what is known of each.
 *
 * The store has them for good: this is a copy, and what a hook is doing now.
 * Its queue is the history of its room, so all that there is of it is a
 * position, up to which everything is delivered.
 */
#ifndef PARLEY_HOOKS_HOOK_H
#define PARLEY_HOOKS_HOOK_H

#include "hooks/hooks.h"
#include "hooks/page.h"
#include "hooks/signature.h"

#include "proto/hash.h"

/* How far a hook is: messages, and changes that are none. */
struct progress {
	uint64_t seq;
	uint64_t change;
};

struct hook {
	struct hooks *hooks;
	struct uuid id;
	struct room *room;
	char *url; /* owned */
	struct signing_key key;
	uint64_t wishes; /* see event.h */

	struct progress delivered;
	struct progress confirmed; /* what the store has said that it keeps */
	bool is_telling;           /* it was told, and has not answered yet */
	bool must_tell;            /* there is more to tell since */

	uint64_t failures; /* in a row */
	uint64_t failing_since_ms;
	uint64_t retry_at_ms;   /* since 1970 */
	uint64_t failures_told; /* not answered yet */
	bool is_paused;

	enum hook_state state;
	struct lane *lane;    /* while it is waiting or busy */
	uint64_t since_ms;    /* since when it is busy */
	struct page *page;    /* owned, while it is busy */
	bool is_reading;      /* a page is asked for */
	bool was_history;     /* the last one was of messages */
	uint64_t read_number; /* which one; the answers to others are late */
	struct transfer *transfer; /* or it is sending this one */
	bool is_outdated;          /* it was changed while it was busy */
	struct loop_timer timer;   /* while it is retrying */

	uint64_t seen;            /* in which reading of all hooks */
	struct hook *prev, *next; /* in the lane */
	struct hook *prev_of_room, *next_of_room;
	UT_hash_handle hh;
};

/* NULL if there is none. */
struct hook *hook_find(struct hooks *hooks, const struct uuid *id);

/* Takes what the store says of a hook, new or known, and sees to it that its
 * deliveries go on. 0, or -1 without memory: then all must be read again. */
int hook_take(struct hooks *hooks, const struct frame_hook_info *info);

/* Ends what it is doing and forgets it. */
void hook_remove(struct hook *hook);

void hook_remove_all(struct hooks *hooks);

/* Whether its room has something that is not delivered. What it does not want
 * to hear is passed over. */
bool hook_has_more(struct hook *hook);

#endif
