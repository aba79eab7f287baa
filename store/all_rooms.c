/* SPDX-License-Identifier: MIT */
/* store/all_rooms.c - see all_rooms.h. */
#include "store/all_rooms.h"

#include "proto/log.h"
#include "proto/names.h"
#include "store/room_page.h"
#include "store/rooms.h"

/* A page of these stays below ANSWER_BYTES whatever they are called, but for
 * long descriptions, which are counted. */
#define PAGE_ROOMS 400

/* A row of ALL_COLUMNS (statements.def). */
static struct frame_room_info
read_room(struct store *store, sqlite3_stmt *q)
{
	struct db *db = &store->db;

	return (struct frame_room_info){
		.room = db_uuid(q, 1),
		.kind = (uint64_t)sqlite3_column_int64(q, 2),
		.name = db_text(db, q, 3, &store->arena),
		.description = db_text(db, q, 4, &store->arena),
		.created_at = (uint64_t)sqlite3_column_int64(q, 5),
		.head_seq = (uint64_t)sqlite3_column_int64(q, 6),
		.members = (uint64_t)sqlite3_column_int64(q, 7),
	};
}

static void
fill(struct room_page *page, struct store *store, sqlite3_stmt *q)
{
	while (db_row(&store->db, q)) {
		struct frame_room_info info = read_room(store, q);

		if (!room_page_add(page, &info, sqlite3_column_int64(q, 0)))
			break;
	}
	db_end(q);
}

static void
fill_named(struct room_page *page, struct store *store, struct slice name)
{
	char key[NAME_KEY_BYTES];
	sqlite3_stmt *q;

	if (!name_key(name, key))
		return;
	q = db_ask(&store->db, SQL_all_named, "t", slice_of(key));
	if (q != NULL)
		fill(page, store, q);
}

void
all_rooms_list(struct store *store, const struct frame *request,
	       struct frame *answer)
{
	const struct frame_list_rooms *asked = &request->list_rooms;
	struct room_page page;
	sqlite3_stmt *q;

	if (!room_page_begin(&page, store, PAGE_ROOMS))
		return;
	if (asked->name.n > 0) {
		fill_named(&page, store, asked->name);
	} else {
		q = db_ask(&store->db, SQL_all_rooms, "i",
			   (int64_t)asked->after);
		if (q != NULL)
			fill(&page, store, q);
	}
	room_page_answer(&page, answer);
}

void
all_rooms_create(struct store *store, const struct frame *request,
		 struct frame *answer)
{
	const struct frame_create_room *wish = &request->create_room;

	rooms_create(store, request, answer);
	if (wish->by.n > 0 && answer->kind == FRAME_rooms)
		log_info("room_created", KS("room", wish->name),
			 KU("id", &wish->room), KS("by", wish->by));
}
