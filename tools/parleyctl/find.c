/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/find.c - see find.h. */
#include "tools/parleyctl/find.h"

#include "tools/parleyctl/ask.h"

static int
hear_user(struct call *call, void *self, const struct frame *answer)
{
	struct found_user *user = self;
	const struct frame_account *account = answer->accounts.accounts.items;

	if (answer->accounts.accounts.n != 1)
		return fail(call, "no such user");
	user->id = account->user;
	user->number = account->user_number;
	snprintf(user->name, sizeof user->name, "%.*s",
		 (int)account->user_name.n, account->user_name.at);
	return 0;
}

int
find_user(struct call *call, const char *name, struct found_user *user)
{
	struct frame asked = { .kind = FRAME_get_accounts };

	asked.get_accounts.user_name = slice_of(name);
	return ask(call, AUTH, &asked, FRAME_accounts, hear_user, user);
}

static int
hear_room(struct call *call, void *self, const struct frame *answer)
{
	struct uuid *id = self;
	const struct frame_room_info *room = answer->rooms.rooms.items;

	if (answer->rooms.rooms.n != 1)
		return fail(call, "no such room");
	*id = room->room;
	return 0;
}

int
find_room(struct call *call, const char *word, struct uuid *room)
{
	struct frame asked = { .kind = FRAME_list_rooms };

	if (uuid_parse(room, slice_of(word)))
		return 0;
	asked.list_rooms.name = slice_of(word);
	return ask(call, STORE, &asked, FRAME_rooms, hear_room, room);
}
