/* SPDX-License-Identifier: MIT */
/* proto/frame_values.h - what numbers in frames stand for, once for those who
 * write them and those who read them. frames.def says it for people.
 */
#ifndef PARLEY_PROTO_FRAME_VALUES_H
#define PARLEY_PROTO_FRAME_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* room_info.kind */
enum room_kind { ROOM_PUBLIC = 1, ROOM_PRIVATE, ROOM_DIRECT, ROOM_SEALED };

/* room_info.visibility; 0: the kind says */
enum room_visibility { VISIBLE_PUBLIC = 1, VISIBLE_PRIVATE, VISIBLE_BY_INVITE };

/* The words of both for clients and people, and those of roles
 * (room_info.role), which ascend; NULL where there is none. */
#define ROOM_KINDS   5
#define VISIBILITIES 4
#define ROLES        4
extern const char *const room_kind_words[ROOM_KINDS];
extern const char *const visibility_words[VISIBILITIES];
extern const char *const role_words[ROLES];

/* room_info.muted, joined.muted: without end */
#define MUTED_FOR_EVER INT64_MAX

/* change.kind */
enum change_kind {
	CHANGE_EDIT = 1,
	CHANGE_ERASE,
	CHANGE_JOIN,
	CHANGE_LEAVE,
	CHANGE_STANDING, /* of a user: role, ban, mute, kick from a visit */
	CHANGE_ROOM,
};

/* The first ones, down to DEED_ADD, are moderate.action; for the others there
 * are frames of their own. */
enum deed {
	DEED_ROLE = 1,
	DEED_KICK,
	DEED_BAN,
	DEED_UNBAN,
	DEED_MUTE,
	DEED_UNMUTE,
	DEED_ADD,
	DEED_ERASE,  /* a message of another */
	DEED_SLOW,   /* the room down */
	DEED_CHANGE, /* all else of the room */
	DEED_INVITE,
	DEED_LIST_MEMBERS,
	DEED_LIST_BANS,
	DEED_HOOK, /* make, see, change and end the room's hooks */
	DEEDS,
};

/* What has become of somebody by one of those; NULL where it is another. */
const char *deed_word(uint64_t action);

/* hook_info.events, a sum; and each with its word */
enum hook_events { HOOK_MESSAGES = 1, HOOK_EDITS = 2, HOOK_MEMBERS = 4 };
#define HOOK_EVENTS 3
extern const struct hook_event {
	enum hook_events bit;
	const char *word;
} hook_events[HOOK_EVENTS];

/* How a hook is, for clients and people. */
const char *hook_state_word(bool is_paused, uint64_t failures);

#endif
