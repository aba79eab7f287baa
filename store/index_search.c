/* SPDX-License-Identifier: MIT */
/* store/index_search.c - answers searches: see index.h.
 *
 * The index only proposes: each message is read from chat.db again, where its
 * text is the newest and its room must be one of the user's now.
 */
#include "store/index.h"
#include "store/index_internal.h"
#include "store/messages.h"
#include "store/query.h"

#include <time.h>

#define SEARCH_MS 2000

/* A user with more rooms hears of most messages anyway: then all rooms are
 * searched, and those of others passed over. */
#define ROOMS_NAMED 500

uint64_t
index_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int64_t
user_number(struct index *index, const struct uuid *id)
{
	sqlite3_stmt *q = db_ask(&index->chat, CHAT_user, "u", id);
	int64_t user_no = 0;

	if (db_row(&index->chat, q))
		user_no = sqlite3_column_int64(q, 0);
	db_end(q);
	return user_no;
}

/* Restricts the query to one room; false after a refusal. */
static bool
name_room(struct index *index, int64_t user_no, const struct uuid *id,
	  struct buffer *query, struct frame *answer)
{
	sqlite3_stmt *q = db_ask(&index->chat, CHAT_room, "iu", user_no, id);
	bool member = false;

	refuse(answer, ERROR_room_not_found, "no such room");
	if (db_row(&index->chat, q)) {
		member = sqlite3_column_int(q, 2) != 0;
		if (!member && sqlite3_column_int(q, 1) == ROOM_PUBLIC)
			refuse(answer, ERROR_not_a_member,
			       "not a member of the room");
		if (member &&
		    buffer_printf(query, " AND room : r%lld",
				  (long long)sqlite3_column_int64(q, 0)) != 0)
			db_note(&index->chat, SQLITE_NOMEM);
	}
	db_end(q);
	return member;
}

/* Restricts the query to the rooms of the user, if they are few enough. */
static void
name_rooms(struct index *index, int64_t user_no, struct buffer *query)
{
	sqlite3_stmt *q = db_ask(&index->chat, CHAT_rooms, "ii", user_no,
				 (int64_t)ROOMS_NAMED + 1);
	size_t before = query->n;
	int n = 0, failed = 0;

	while (failed == 0 && db_row(&index->chat, q))
		failed = buffer_printf(query, "%sr%lld",
				       n++ == 0 ? " AND room : (" : " OR ",
				       (long long)sqlite3_column_int64(q, 0));
	db_end(q);
	if (n > 0 && failed == 0)
		failed = buffer_append_text(query, ")");
	if (failed != 0)
		db_note(&index->chat, SQLITE_NOMEM);
	if (n > ROOMS_NAMED)
		query->n = before;
}

/* One message, if the user may see it. */
static bool
read_hit(struct index *index, int64_t number, int64_t user_no,
	 struct arena *arena, struct frame_message *message)
{
	struct db *db = &index->chat;
	sqlite3_stmt *q = db_ask(db, CHAT_message, "ii", number, user_no);
	struct message_row row;
	bool there = db_row(db, q);

	if (there) {
		messages_read(&row, &index->key, db, q, arena);
		*message = row.message;
	}
	db_end(q);
	return there;
}

static void
collect(struct index *index, const struct buffer *query, int64_t user_no,
	size_t limit, struct arena *arena, struct frame *answer)
{
	struct slice match = { (const char *)query->bytes, query->n };
	struct frame_message *found;
	size_t n = 0, bytes = 0;
	sqlite3_stmt *q;

	found = arena_array(arena, limit, sizeof *found);
	if (found == NULL) {
		db_note(&index->chat, SQLITE_NOMEM);
		return;
	}
	q = db_ask(&index->words, WORDS_find, "t", match);
	while (n < limit && db_row(&index->words, q)) {
		if (!read_hit(index, sqlite3_column_int64(q, 0), user_no, arena,
			      &found[n]))
			continue;
		bytes += messages_bytes(&found[n]);
		if (n > 0 && bytes > ANSWER_BYTES)
			break;
		n++;
	}
	db_end(q);
	*answer = (struct frame){ .kind = FRAME_found };
	answer->found.messages = (frame_list){ found, n };
}

static void
search_rooms(struct index *index, const struct frame_search *search,
	     struct buffer *query, struct arena *arena, struct frame *answer)
{
	int64_t user_no = user_number(index, &search->user);

	if (!uuid_is_nil(&search->room)) {
		if (!name_room(index, user_no, &search->room, query, answer))
			return;
	} else {
		name_rooms(index, user_no, query);
	}
	collect(index, query, user_no, search->limit, arena, answer);
}

void
index_search(struct index *index, const struct frame_search *search,
	     struct arena *arena, struct frame *answer)
{
	struct buffer query = { 0 };
	int words = -1;

	index->until_ms = index_clock_ms() + SEARCH_MS;
	if (buffer_append_text(&query, "text : (") == 0)
		words = query_write(search->query, &query);
	if (words == 0) {
		refuse(answer, ERROR_invalid, "there is no word to search for");
		answer->refused.field = slice_of("query");
	} else if (words > 0 && buffer_append_text(&query, ")") == 0 &&
		   index->words.handle != NULL) {
		search_rooms(index, search, &query, arena, answer);
	} else {
		index->chat.trouble = SQLITE_NOMEM;
	}
	if (index->words.trouble != 0 || index->chat.trouble != 0)
		refuse(answer, ERROR_unavailable,
		       "the search failed or took too long");
	index->words.trouble = 0;
	index->chat.trouble = 0;
	index->until_ms = 0;
	buffer_fini(&query);
}
