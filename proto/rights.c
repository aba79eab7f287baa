/* SPDX-License-Identifier: MIT */
/* proto/rights.c - see rights.h. */
#include "proto/rights.h"

bool
rights_are_all(const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_moderate:
		return uuid_is_nil(&frame->moderate.actor);
	case FRAME_change_room:
		return uuid_is_nil(&frame->change_room.actor);
	case FRAME_erase:
		return uuid_is_nil(&frame->erase.user);
	case FRAME_invite:
		return uuid_is_nil(&frame->invite.actor);
	case FRAME_revoke_invite:
		return uuid_is_nil(&frame->revoke_invite.actor);
	case FRAME_get_members:
		return uuid_is_nil(&frame->get_members.user);
	case FRAME_get_bans:
		return uuid_is_nil(&frame->get_bans.user);
	case FRAME_get_invites:
		return uuid_is_nil(&frame->get_invites.user);
	case FRAME_create_hook:
		return uuid_is_nil(&frame->create_hook.actor);
	case FRAME_get_hooks:
		return uuid_is_nil(&frame->get_hooks.actor);
	case FRAME_change_hook:
		return uuid_is_nil(&frame->change_hook.actor);
	case FRAME_remove_hook:
		return uuid_is_nil(&frame->remove_hook.actor);
	default:
		return false;
	}
}

bool
rights_refuse(struct peer *from, const struct frame *frame)
{
	if (peer_kind(from) != GATEWAY || !rights_are_all(frame))
		return false;
	bus_refuse(from, frame->id, ERROR_not_allowed,
		   "that is for administration");
	return true;
}
