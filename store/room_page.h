/* SPDX-License-Identifier: MIT */
/* store/room_page.h - rooms that go into one answer: as many as fit, and where
 * the page after it begins.
 */
#ifndef PARLEY_STORE_ROOM_PAGE_H
#define PARLEY_STORE_ROOM_PAGE_H

#include "store/store.h"

struct room_page {
	struct frame_room_info *rooms;
	size_t n, most;
	size_t bytes; /* that they take packed, or more */
	int64_t last; /* room_no of the last one taken */
	bool more;
};

/* An empty page for `most` rooms. False, with trouble noted, if there is no
 * memory. */
bool room_page_begin(struct room_page *page, struct store *store, size_t most);

/* Takes a room. False if it does not fit; then there are more. */
bool room_page_add(struct room_page *page, const struct frame_room_info *room,
		   int64_t room_no);

void room_page_answer(const struct room_page *page, struct frame *answer);

#endif
