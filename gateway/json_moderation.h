/* SPDX-License-Identifier: MIT */
/* gateway/json_moderation.h - roles, bans, invites and the details of a room as
 * objects and words, alike in REST and in the extensions of campfire.
 */
#ifndef PARLEY_GATEWAY_JSON_MODERATION_H
#define PARLEY_GATEWAY_JSON_MODERATION_H

#include "gateway/json_write.h"
#include "proto/frame.h"

/* A room with its visibility, pace and archive; with `personal` also what the
 * user is in it. */
void json_room_details(struct json_writer *w, const char *key,
		       const struct frame_room_info *room, bool personal);

/* Arrays, and `next` or null behind them. */
void json_members(struct json_writer *w, const struct frame_members *page);
void json_bans(struct json_writer *w, const char *key,
	       const struct frame_bans *page);
void json_invites(struct json_writer *w, const struct frame_invites *invites);

/* An invite as its maker gets it: with what is to be passed on. */
void json_invite(struct json_writer *w, const char *key,
		 const struct frame_invited *invited);

/* The members user_id, username, change, role, until, reason, by. */
void json_moderated(struct json_writer *w,
		    const struct frame_moderated *moderated);

/* What is passed on of an invite is its room and its code: `UUID.HEX`. */
#define INVITE_CODE_CHARS 32

void invite_make_code(char into[INVITE_CODE_CHARS + 1]);
bool invite_parse(struct slice text, struct uuid *room, struct slice *code);

#endif
