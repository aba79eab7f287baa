/* SPDX-License-Identifier: MIT */
/* hooks/event.h - what happened in a room, as a receiver reads it: JSON.
 *
 * docs/hooks.md describes it for those who receive. Messages have the members
 * that they have in REST.
 */
#ifndef PARLEY_HOOKS_EVENT_H
#define PARLEY_HOOKS_EVENT_H

#include "proto/frame.h"

#include <stddef.h>

enum event_kind {
	EVENT_created,
	EVENT_edited,
	EVENT_deleted,
	EVENT_joined,
	EVENT_left,
	EVENT_member_changed,
	EVENT_room_changed,
	EVENT_WORDS,
};

/* The word for receivers and metrics, such as message.created. */
const char *EVENT_word(size_t i);

/* Which kind of event a change is. */
enum event_kind event_of_change(const struct frame_change *change);

/* Whether a hook with these wishes (hook_info.events) hears of such events. */
bool event_is_wanted(enum event_kind kind, uint64_t wishes);

/* A room's id, `-c` and a number of 20 digits, NUL */
#define EVENT_ID_BYTES (UUID_TEXT_BYTES + 22)

struct event {
	enum event_kind kind;
	char id[EVENT_ID_BYTES]; /* the same whenever it is sent again */
	char *body;              /* owned */
	size_t body_bytes;
	uint64_t at_ms; /* since 1970; 0: unknown */
};

/* Where it happened, and who is told. */
struct event_place {
	struct uuid hook;
	struct uuid room;
	struct slice room_name;
};

/* A message that was said. 0, or -1 without memory. */
int event_of_message(struct event *event, const struct event_place *place,
		     const struct frame_message *message);

/* A change; `message` is the edited one as it is now, otherwise NULL. As above.
 */
int event_make(struct event *event, const struct event_place *place,
	       const struct frame_change *change,
	       const struct frame_message *message);

void event_fini(struct event *event);

#endif
