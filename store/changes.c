/* SPDX-License-Identifier: MIT */
/* store/changes.c - see changes.h.
 *
 * Of a message only the present text is kept. So of several changes of one
 * message the last one is told, at its own place, and the others are passed
 * over. Likewise the room is told once, as it is, beside its newest change.
 */
#include "store/changes.h"

#include "store/deeds.h"
#include "store/listings.h"
#include "store/members.h"
#include "store/messages.h"

/* Keys, ids and numbers of a packed change. */
#define CHANGE_FRAME_BYTES 256

/* A packed room, whatever it is called. */
#define ROOM_FRAME_BYTES 2048

struct page {
	struct frame_change *changes;
	size_t n;
	struct frame_message *messages;
	size_t messages_n;
	int64_t room_change; /* the newest by which the room changed */
	bool tells_room;     /* it is on this page */
	size_t bytes;
	uint64_t upto;
};

/* Reads a row of SQL_changes_after; *number is its message's, or 0. Whether the
 * change still stands. */
static bool
read_row(struct frame_change *change, int64_t *number, struct store *store,
	 sqlite3_stmt *q, int64_t room_change)
{
	int64_t no = sqlite3_column_int64(q, 0);

	*number = sqlite3_column_int64(q, 5);
	*change = (struct frame_change){
		.change = (uint64_t)no,
		.kind = (uint64_t)sqlite3_column_int64(q, 1),
		.at = (uint64_t)sqlite3_column_int64(q, 9),
		.user = db_uuid(q, 2),
		.user_number = (uint64_t)sqlite3_column_int64(q, 3),
		.user_name = db_text(&store->db, q, 4, &store->arena),
	};
	deeds_read(store, q, 10, change);
	if (change->kind == CHANGE_ROOM)
		return no == room_change;
	if (*number == 0)
		return true;
	change->message =
	    message_id_make(&store->key, *number, sqlite3_column_int64(q, 7));
	change->seq = (uint64_t)sqlite3_column_int64(q, 6);
	return sqlite3_column_int64(q, 8) == no;
}

static size_t
bytes_of(const struct frame_change *change)
{
	size_t bytes =
	    CHANGE_FRAME_BYTES + change->user_name.n + change->reason.n;

	return change->kind == CHANGE_ROOM ? bytes + ROOM_FRAME_BYTES : bytes;
}

/* Whether the row is told or passed over: otherwise the page is full. */
static bool
take(struct page *page, struct store *store, sqlite3_stmt *q)
{
	struct frame_change change;
	struct message_row row;
	size_t bytes;
	int64_t number;
	bool edited,
	    stands = read_row(&change, &number, store, q, page->room_change);

	edited = stands && change.kind == CHANGE_EDIT;
	if (edited && !messages_find(store, &change.message, &row))
		return false;
	bytes = stands ? bytes_of(&change) : 0;
	bytes += edited ? messages_bytes(&row.message) : 0;
	if (page->n > 0 && page->bytes + bytes > ANSWER_BYTES)
		return false;
	page->bytes += bytes;
	if (stands)
		page->changes[page->n++] = change;
	if (edited)
		page->messages[page->messages_n++] = row.message;
	page->tells_room |= stands && change.kind == CHANGE_ROOM;
	page->upto = change.change;
	return true;
}

static void
read_page(struct page *page, struct store *store, const struct room *room,
	  const struct frame_get_changes *wish)
{
	struct db *db = &store->db;
	sqlite3_stmt *q;

	page->changes =
	    arena_array(&store->arena, wish->limit, sizeof *page->changes);
	page->messages =
	    arena_array(&store->arena, wish->limit, sizeof *page->messages);
	if (page->changes == NULL || page->messages == NULL) {
		db_note(db, SQLITE_NOMEM);
		return;
	}
	page->room_change = rooms_last_changed(store, room);
	q = db_ask(db, SQL_changes_after, "iii", room->room_no,
		   (int64_t)wish->after, (int64_t)wish->limit);
	while (db_row(db, q) && take(page, store, q))
		;
	db_end(q);
}

void
changes_get(struct store *store, const struct frame *request,
	    struct frame *answer)
{
	const struct frame_get_changes *wish = &request->get_changes;
	const struct room *room = rooms_find(store, &wish->room);
	static const struct uuid nobody;
	const struct frame_room_info *info = NULL;
	struct page page = { 0 };

	if (room == NULL) {
		members_refuse(room, answer);
		return;
	}
	read_page(&page, store, room, wish);
	if (page.tells_room)
		info = listings_room(store, &nobody, &wish->room);
	*answer = (struct frame){ .kind = FRAME_changes };
	answer->changes.room = room->id;
	answer->changes.changes = (frame_list){ page.changes, page.n };
	answer->changes.messages =
	    (frame_list){ page.messages, page.messages_n };
	answer->changes.rooms = (frame_list){ info, info != NULL };
	answer->changes.upto = page.upto;
}
