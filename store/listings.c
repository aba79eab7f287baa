/* SPDX-License-Identifier: MIT */
/* store/listings.c - see listings.h. */
#include "store/listings.h"

#include "proto/names.h"
#include "store/room_page.h"
#include "store/rooms.h"
#include "store/sanctions.h"
#include "store/users.h"

#define PAGE_ROOMS 1000

/* Counting stops a page of unread figures here, so that it cannot hold up the
 * posts behind it. */
#define PAGE_UNREAD 50000

#define ROOM_COLUMNS_N 19 /* see statements.def */

static int64_t
number_of(struct store *store, const struct uuid *id)
{
	const struct user *user = users_find(store, id);

	return user == NULL ? 0 : user->user_no;
}

static uint64_t
visibility_of(int64_t kind, bool by_invite)
{
	if (kind == ROOM_PUBLIC)
		return VISIBLE_PUBLIC;
	if (kind != ROOM_PRIVATE)
		return 0;
	return by_invite ? VISIBLE_BY_INVITE : VISIBLE_PRIVATE;
}

/* The column is null where there is no mute, 0 where it has no end. */
static uint64_t
read_mute(struct store *store, sqlite3_stmt *q, int column)
{
	uint64_t until = (uint64_t)sqlite3_column_int64(q, column);

	if (sqlite3_column_type(q, column) == SQLITE_NULL)
		return 0;
	if (until == 0)
		return MUTED_FOR_EVER;
	return until > store->now_ms ? until : 0;
}

/* A row of ROOM_COLUMNS (statements.def). */
static void
read_room(struct frame_room_info *info, struct store *store, sqlite3_stmt *q)
{
	struct db *db = &store->db;

	*info = (struct frame_room_info){
		.room = db_uuid(q, 1),
		.kind = (uint64_t)sqlite3_column_int64(q, 2),
		.name = db_text(db, q, 3, &store->arena),
		.description = db_text(db, q, 4, &store->arena),
		.created_at = (uint64_t)sqlite3_column_int64(q, 5),
		.member = sqlite3_column_int(q, 6) != 0,
		.joined_seq = (uint64_t)sqlite3_column_int64(q, 7),
		.seen_seq = (uint64_t)sqlite3_column_int64(q, 8),
		.head_seq = (uint64_t)sqlite3_column_int64(q, 9),
		.peer = db_uuid(q, 10),
		.peer_number = (uint64_t)sqlite3_column_int64(q, 11),
		.peer_name = db_text(db, q, 12, &store->arena),
		.visibility = visibility_of(sqlite3_column_int64(q, 2),
					    sqlite3_column_int(q, 13) != 0),
		.slow_s = (uint64_t)sqlite3_column_int64(q, 14),
		.archived_at = (uint64_t)sqlite3_column_int64(q, 15),
		.role = (uint64_t)sqlite3_column_int64(q, 16),
		.joined = (uint64_t)sqlite3_column_int64(q, 17),
		.muted = read_mute(store, q, 18),
	};
}

static void
read_unread(struct frame_room_info *info, struct store *store, sqlite3_stmt *q)
{
	int64_t number = sqlite3_column_int64(q, ROOM_COLUMNS_N + 1);

	info->unread = (uint64_t)sqlite3_column_int64(q, ROOM_COLUMNS_N);
	if (number > 0)
		info->seen_message = message_id_make(
		    &store->key, number,
		    sqlite3_column_int64(q, ROOM_COLUMNS_N + 2));
}

/* Takes rows while they fit. */
static void
fill(struct room_page *page, struct store *store, sqlite3_stmt *q)
{
	bool with_unread = sqlite3_column_count(q) > ROOM_COLUMNS_N;
	struct frame_room_info info;
	uint64_t unread = 0;

	while (db_row(&store->db, q)) {
		page->more = unread >= PAGE_UNREAD;
		if (page->more)
			break;
		read_room(&info, store, q);
		if (with_unread)
			read_unread(&info, store, q);
		if (!room_page_add(page, &info, sqlite3_column_int64(q, 0)))
			break;
		unread += info.unread;
	}
	db_end(q);
}

static void
answer_page(struct store *store, enum statement which, const struct uuid *user,
	    uint64_t after, struct frame *answer)
{
	struct room_page page;
	sqlite3_stmt *q;

	if (!room_page_begin(&page, store, PAGE_ROOMS))
		return;
	q = db_ask(&store->db, which, "ii", number_of(store, user),
		   (int64_t)after);
	if (q != NULL)
		fill(&page, store, q);
	room_page_answer(&page, answer);
}

void
listings_get_memberships(struct store *store, const struct frame *request,
			 struct frame *answer)
{
	answer_page(store, SQL_list_members, &request->get_memberships.user,
		    request->get_memberships.after, answer);
}

void
listings_get_rooms(struct store *store, const struct frame *request,
		   struct frame *answer)
{
	answer_page(store,
		    request->get_rooms.archived ? SQL_list_archived
						: SQL_list_rooms,
		    &request->get_rooms.user, request->get_rooms.after, answer);
}

void
listings_get_unread(struct store *store, const struct frame *request,
		    struct frame *answer)
{
	answer_page(store, SQL_list_unread, &request->get_unread.user,
		    request->get_unread.after, answer);
}

struct frame_room_info *
listings_room(struct store *store, const struct uuid *user,
	      const struct uuid *room)
{
	struct frame_room_info *info;
	struct db *db = &store->db;
	sqlite3_stmt *q;

	info = arena_get(&store->arena, sizeof *info);
	if (info == NULL) {
		db_note(db, SQLITE_NOMEM);
		return NULL;
	}
	q = db_ask(db, SQL_one_room, "iu", number_of(store, user), room);
	if (db_row(db, q))
		read_room(info, store, q);
	else
		info = NULL;
	db_end(q);
	return info;
}

static bool
find_by_name(struct store *store, struct slice name, struct uuid *room)
{
	char key[NAME_KEY_BYTES];
	struct db *db = &store->db;
	sqlite3_stmt *q;
	bool there;

	if (!name_key(name, key))
		return false;
	q = db_ask(db, SQL_room_named, "t", slice_of(key));
	there = db_row(db, q);
	if (there)
		*room = db_uuid(q, 0);
	db_end(q);
	return there;
}

static bool
find_by_peer(struct store *store, const struct frame_get_room *wish,
	     struct uuid *room)
{
	const struct user *user = users_find(store, &wish->user);
	const struct user *peer = users_find(store, &wish->peer);

	return user != NULL && peer != NULL &&
	       rooms_find_direct(store, user->user_no, peer->user_no, room);
}

static bool
find_wished(struct store *store, const struct frame_get_room *wish,
	    struct uuid *room)
{
	*room = wish->room;
	if (!uuid_is_nil(&wish->room))
		return true;
	if (!uuid_is_nil(&wish->peer))
		return find_by_peer(store, wish, room);
	return find_by_name(store, wish->name, room);
}

/* What who wants to visit must know. */
static void
note_standing(struct store *store, const struct uuid *user,
	      struct frame_room_info *info)
{
	const struct room *room = rooms_find(store, &info->room);

	if (room == NULL)
		return;
	info->change = (uint64_t)room->change;
	sanctions_note_ban(store, room, number_of(store, user), info);
}

static bool
may_see(const struct frame_room_info *info, bool sealed)
{
	if (sealed || info->kind == ROOM_SEALED)
		return sealed && info->kind == ROOM_SEALED;
	return info->kind == ROOM_PUBLIC || info->member;
}

void
listings_get_room(struct store *store, const struct frame *request,
		  struct frame *answer)
{
	const struct frame_get_room *wish = &request->get_room;
	struct frame_room_info *info = NULL;
	struct uuid room;

	if (find_wished(store, wish, &room))
		info = listings_room(store, &wish->user, &room);
	if (info == NULL || !may_see(info, wish->sealed)) {
		refuse(answer, ERROR_room_not_found, "no such room");
		return;
	}
	note_standing(store, &wish->user, info);
	*answer = (struct frame){ .kind = FRAME_rooms };
	answer->rooms.rooms = (frame_list){ info, 1 };
}
