/* SPDX-License-Identifier: MIT */
/* store/room_page.c - see room_page.h. */
#include "store/room_page.h"

/* Keys, ids and numbers of a packed room. */
#define ROOM_FRAME_BYTES 320

bool
room_page_begin(struct room_page *page, struct store *store, size_t most)
{
	*page = (struct room_page){ .most = most };
	page->rooms = arena_array(&store->arena, most, sizeof *page->rooms);
	if (page->rooms == NULL)
		db_note(&store->db, SQLITE_NOMEM);
	return page->rooms != NULL;
}

bool
room_page_add(struct room_page *page, const struct frame_room_info *room,
	      int64_t room_no)
{
	page->bytes += ROOM_FRAME_BYTES + room->name.n + room->description.n +
		       room->peer_name.n;
	page->more = page->n == page->most || page->bytes > ANSWER_BYTES;
	if (page->more)
		return false;
	page->rooms[page->n++] = *room;
	page->last = room_no;
	return true;
}

void
room_page_answer(const struct room_page *page, struct frame *answer)
{
	*answer = (struct frame){ .kind = FRAME_rooms };
	answer->rooms.rooms = (frame_list){ page->rooms, page->n };
	answer->rooms.next = page->more ? (uint64_t)page->last : 0;
}
