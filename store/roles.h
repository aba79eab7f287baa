/* SPDX-License-Identifier: MIT */
/* store/roles.h - who may do what in a room: ranks and a table of deeds.
 *
 * Nobody acts on somebody of the same or a higher rank; administration, which
 * speaks to the daemons and not as a member, is above all. Direct and sealed
 * rooms know no ranks.
 */
#ifndef PARLEY_STORE_ROLES_H
#define PARLEY_STORE_ROLES_H

#include "proto/frame_values.h"
#include "store/members.h"
#include "store/users.h"

/* What somebody is in a room. */
struct standing {
	const struct user *user; /* NULL: unknown, or administration */
	int64_t user_no;         /* 0: likewise */
	enum role role;
	struct membership membership; /* of a member */
};

/* Fills *standing; a nil user is administration. */
void roles_look_up(struct store *store, const struct uuid *user,
		   const struct room *room, struct standing *standing);

/* Whether somebody may do this, to somebody of rank `to` (where it is done to
 * one). */
bool roles_may(enum role who, enum deed deed, enum role to);

/* The room, if `user` is allowed the deed there, which is done to nobody or to
 * one of rank `to`; fills *who. NULL after a refusal. */
struct room *roles_enter(struct store *store, const struct uuid *room,
			 const struct uuid *user, enum deed deed, enum role to,
			 struct standing *who, struct frame *answer);

#endif
