/* SPDX-License-Identifier: MIT */
/* store/history.c - pages of a room's messages: see messages.h. */
#include "store/members.h"
#include "store/messages.h"

struct page {
	struct frame_message *messages;
	size_t n;
	size_t bytes;
};

/* Takes rows while they fit; one always does. */
static void
fill(struct page *page, struct store *store, sqlite3_stmt *q)
{
	struct db *db = &store->db;
	struct message_row row;

	while (db_row(db, q)) {
		messages_read(&row, &store->key, db, q, &store->arena);
		page->bytes += messages_bytes(&row.message);
		if (page->n > 0 && page->bytes > ANSWER_BYTES)
			break;
		page->messages[page->n++] = row.message;
	}
	db_end(q);
}

static void
turn_around(struct page *page)
{
	struct frame_message swap;

	for (size_t i = 0, k = page->n; i + 1 < k; i++) {
		swap = page->messages[i];
		page->messages[i] = page->messages[--k];
		page->messages[k] = swap;
	}
}

static void
read_page(struct page *page, struct store *store, const struct room *room,
	  const struct frame_get_history *wish)
{
	int64_t before = wish->before == 0 ? INT64_MAX : (int64_t)wish->before;

	page->messages =
	    arena_array(&store->arena, wish->limit, sizeof *page->messages);
	if (page->messages == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	if (wish->forward) {
		fill(page, store,
		     db_ask(&store->db, SQL_history_after, "iii", room->room_no,
			    (int64_t)wish->after, (int64_t)wish->limit));
		return;
	}
	fill(page, store,
	     db_ask(&store->db, SQL_history_before, "iii", room->room_no,
		    before, (int64_t)wish->limit));
	turn_around(page);
}

/* Sequence numbers have no holes, so both ends of a page tell what is beyond.
 */
static bool
has_more(const struct page *page, const struct room *room, bool forward)
{
	if (page->n == 0)
		return false;
	if (forward)
		return page->messages[page->n - 1].seq < (uint64_t)room->head;
	return page->messages[0].seq > 1;
}

void
messages_get_history(struct store *store, const struct frame *request,
		     struct frame *answer)
{
	const struct frame_get_history *wish = &request->get_history;
	const struct room *room = rooms_find(store, &wish->room);
	struct page page = { 0 };

	if (room == NULL || (!uuid_is_nil(&wish->user) &&
			     !members_has(store, &wish->user, room->room_no))) {
		members_refuse_user(store, room, &wish->user, answer);
		return;
	}
	read_page(&page, store, room, wish);
	*answer = (struct frame){ .kind = FRAME_history };
	answer->history.room = room->id;
	answer->history.messages = (frame_list){ page.messages, page.n };
	answer->history.more = has_more(&page, room, wish->forward);
	answer->history.head = (uint64_t)room->head;
}
