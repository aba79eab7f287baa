/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_moderation.h - the requests of `?v=2` about roles,
 * and about what a room is.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_CAMPFIRE_MODERATION_H
#define PARLEY_GATEWAY_DIALECTS_CAMPFIRE_MODERATION_H

#include "gateway/dialects/campfire_request.h"
#include "gateway/moderation_wish.h"

/* campfire_moderation.c: what is done to a user. */
void campfire_add_member(const struct campfire_request *request);
void campfire_set_role(const struct campfire_request *request);
void campfire_kick(const struct campfire_request *request);
void campfire_ban(const struct campfire_request *request);
void campfire_unban(const struct campfire_request *request);
void campfire_mute(const struct campfire_request *request);
void campfire_unmute(const struct campfire_request *request);

/* campfire_rooms.c: what a room is, and who is in it. */
void campfire_get_room(const struct campfire_request *request);
void campfire_update_room(const struct campfire_request *request);
void campfire_get_members(const struct campfire_request *request);
void campfire_get_bans(const struct campfire_request *request);
void campfire_get_mutes(const struct campfire_request *request);
void campfire_create_invite(const struct campfire_request *request);
void campfire_get_invites(const struct campfire_request *request);
void campfire_revoke_invite(const struct campfire_request *request);

/* Whether what was read is as wanted; otherwise INVALID_FIELD is sent. */
bool campfire_accept(const struct campfire_request *request,
		     struct wish_fault fault);

#endif
