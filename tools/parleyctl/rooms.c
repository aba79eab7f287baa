/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/rooms.c - which rooms there are, and new ones. */
#include "proto/frame_values.h"
#include "tools/parleyctl/find.h"
#include "tools/parleyctl/pages.h"

#include <time.h>

/* --- Listing */

static const struct column columns[] = {
	{ "id", "ID" },
	{ "name", "NAME" },
	{ "kind", "KIND" },
	{ "members", "MEMBERS" },
	{ "messages", "MESSAGES" },
	{ "created_at", "CREATED" },
	{ "description", NULL },
	{ 0 },
};

static int
hear_rooms(struct call *call, void *self, const struct frame *answer)
{
	struct page *page = self;
	const frame_list *list = &answer->rooms.rooms;
	const struct frame_room_info *each = list->items;
	int status = 0;

	for (size_t i = 0; i < list->n && status == 0; i++)
		status = list_add(
		    call, page->records,
		    json_pack("{s:o,s:o,s:s,s:I,s:I,s:o,s:o}", "id",
			      list_id(&each[i].room), "name",
			      list_text(each[i].name), "kind",
			      room_kind_words[each[i].kind], "members",
			      (json_int_t)each[i].members, "messages",
			      (json_int_t)each[i].head_seq, "created_at",
			      list_time(each[i].created_at), "description",
			      list_text(each[i].description)));
	page->next = answer->rooms.next;
	return status;
}

int
rooms_list(struct call *call)
{
	struct frame asked = { .kind = FRAME_list_rooms };

	return pages_print(call, columns, STORE, &asked,
			   &asked.list_rooms.after, FRAME_rooms, hear_rooms);
}

/* --- Making */

static int
hear_created(struct call *call, void *self, const struct frame *answer)
{
	const struct frame_room_info *room = answer->rooms.rooms.items;
	char id[UUID_TEXT_BYTES];

	(void)self;
	if (answer->rooms.rooms.n != 1)
		return fail(call, "the store made no room");
	puts(uuid_format(&room->room, id));
	return 0;
}

int
rooms_create(struct call *call)
{
	const char *owner_name = call_flag(call, "owner");
	struct found_user owner = { .number = 0 };
	struct frame asked = {
		.kind = FRAME_create_room,
		.create_room = {
			.kind = call_flag(call, "private") != NULL
				    ? ROOM_PRIVATE
				    : ROOM_PUBLIC,
			.name = slice_of(call->words[0]),
			.description =
			    slice_of(call_flag(call, "description")),
			.by = slice_of(who_asks()),
		},
	};
	int status = 0;

	if (call_flag(call, "private") != NULL && owner_name == NULL)
		return wrong_usage(call, "nobody could come into a private "
					 "room without --owner");
	if (owner_name != NULL &&
	    (status = find_user(call, owner_name, &owner)) != 0)
		return status;
	uuid_make_v7(&asked.create_room.room, (uint64_t)time(NULL) * 1000);
	asked.create_room.user = owner.id;
	asked.create_room.user_number = owner.number;
	asked.create_room.user_name = slice_of(owner.name);
	return ask(call, STORE, &asked, FRAME_rooms, hear_created, NULL);
}
