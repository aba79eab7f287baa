/* SPDX-License-Identifier: MIT */
/* store/roles.c - see roles.h. */
#include "store/roles.h"

static const struct rule {
	enum role least;
	bool to_lower; /* it is done to somebody, who must be of a lower rank */
} rules[DEEDS] = {
	[DEED_ROLE] = { ROLE_OWNER, true },
	[DEED_KICK] = { ROLE_MODERATOR, true },
	[DEED_BAN] = { ROLE_MODERATOR, true },
	[DEED_UNBAN] = { ROLE_MODERATOR, true },
	[DEED_MUTE] = { ROLE_MODERATOR, true },
	[DEED_UNMUTE] = { ROLE_MODERATOR, true },
	[DEED_ADD] = { ROLE_MODERATOR, false },
	[DEED_ERASE] = { ROLE_MODERATOR, true },
	[DEED_SLOW] = { ROLE_MODERATOR, false },
	[DEED_CHANGE] = { ROLE_OWNER, false },
	[DEED_INVITE] = { ROLE_MODERATOR, false },
	[DEED_LIST_MEMBERS] = { ROLE_MEMBER, false },
	[DEED_LIST_BANS] = { ROLE_MODERATOR, false },
	[DEED_HOOK] = { ROLE_OWNER, false },
};

void
roles_look_up(struct store *store, const struct uuid *user,
	      const struct room *room, struct standing *standing)
{
	*standing = (struct standing){ 0 };
	if (uuid_is_nil(user)) {
		standing->role = ROLE_ADMINISTRATION;
		return;
	}
	standing->user = users_find(store, user);
	if (standing->user == NULL)
		return;
	standing->user_no = standing->user->user_no;
	if (members_find(store, standing->user_no, room->room_no,
			 &standing->membership))
		standing->role = standing->membership.role;
}

bool
roles_may(enum role who, enum deed deed, enum role to)
{
	const struct rule *rule = &rules[deed];

	return who >= rule->least && (!rule->to_lower || to < who);
}

struct room *
roles_enter(struct store *store, const struct uuid *id, const struct uuid *user,
	    enum deed deed, enum role to, struct standing *who,
	    struct frame *answer)
{
	struct room *room = rooms_find(store, id);

	if (room != NULL)
		roles_look_up(store, user, room, who);
	if (room == NULL || room->kind == ROOM_SEALED || who->role == ROLE_NONE)
		members_refuse(room, answer);
	else if (room->kind == ROOM_DIRECT)
		refuse(answer, ERROR_not_allowed, "a direct room has no roles");
	else if (!roles_may(who->role, deed, to))
		refuse(answer, ERROR_not_allowed,
		       "your role does not allow that");
	else
		return room;
	return NULL;
}
