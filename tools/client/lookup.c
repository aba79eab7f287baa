/* SPDX-License-Identifier: MIT */
/* tools/client/lookup.c - see lookup.h. */
#include "tools/client/lookup.h"

#include <stdio.h>

struct hearing_user {
	struct found_user *user;
	bool found;
};

struct hearing_room {
	struct uuid *room;
	bool found;
};

static void
hear_user(void *self, const struct frame *answer)
{
	struct hearing_user *hearing = self;
	struct found_user *user = hearing->user;
	const struct frame_account *account = answer->accounts.accounts.items;

	if (answer->accounts.accounts.n != 1)
		return;
	hearing->found = true;
	user->id = account->user;
	user->number = account->user_number;
	snprintf(user->name, sizeof user->name, "%.*s",
		 (int)account->user_name.n, account->user_name.at);
}

int
lookup_user(const struct lookup *lookup, const char *name,
	    struct found_user *user)
{
	struct frame asked = { .kind = FRAME_get_accounts };
	struct hearing_user hearing = { .found = false };

	*user = (struct found_user){ 0 };
	hearing.user = user;
	asked.get_accounts.user_name = slice_of(name);
	if (asker_ask(lookup->asker, AUTH, lookup->endpoints,
		      lookup->timeout_ms, &asked, FRAME_accounts, hear_user,
		      &hearing) != 0)
		return asker_was_refused(lookup->asker, ERROR_user_not_found)
			   ? 0
			   : -1;
	return hearing.found;
}

static void
hear_room(void *self, const struct frame *answer)
{
	struct hearing_room *hearing = self;
	const struct frame_room_info *room = answer->rooms.rooms.items;

	if (answer->rooms.rooms.n != 1)
		return;
	hearing->found = true;
	*hearing->room = room->room;
}

int
lookup_room(const struct lookup *lookup, const char *name, struct uuid *room)
{
	struct frame asked = { .kind = FRAME_list_rooms };
	struct hearing_room hearing = { room, false };

	asked.list_rooms.name = slice_of(name);
	if (asker_ask(lookup->asker, STORE, lookup->endpoints,
		      lookup->timeout_ms, &asked, FRAME_rooms, hear_room,
		      &hearing) != 0)
		return -1;
	return hearing.found;
}
