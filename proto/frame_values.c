/* SPDX-License-Identifier: MIT */
/* proto/frame_values.c - see frame_values.h. */
#include "proto/frame_values.h"

#include <stddef.h>

const char *const room_kind_words[ROOM_KINDS] = { NULL, "public", "private",
						  "direct", "sealed" };
const char *const visibility_words[VISIBILITIES] = { NULL, "public", "private",
						     "invite" };
const char *const role_words[ROLES] = { NULL, "member", "moderator", "owner" };

const struct hook_event hook_events[HOOK_EVENTS] = {
	{ HOOK_MESSAGES, "messages" },
	{ HOOK_EDITS, "edits" },
	{ HOOK_MEMBERS, "members" },
};

const char *
deed_word(uint64_t action)
{
	static const char *const words[] = {
		[DEED_ROLE] = "role",  [DEED_KICK] = "kicked",
		[DEED_BAN] = "banned", [DEED_UNBAN] = "unbanned",
		[DEED_MUTE] = "muted", [DEED_UNMUTE] = "unmuted",
		[DEED_ADD] = "added",
	};

	return action < sizeof words / sizeof *words ? words[action] : NULL;
}

const char *
hook_state_word(bool is_paused, uint64_t failures)
{
	if (is_paused)
		return "paused";
	return failures > 0 ? "retrying" : "active";
}
