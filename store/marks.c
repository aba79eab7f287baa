/* SPDX-License-Identifier: MIT */
/* store/marks.c - up to where a user has seen a room: see members.h. */
#include "store/members.h"
#include "store/messages.h"
#include "store/users.h"

/* How far a mark goes on over the user's own messages at once. It may stop
 * early: then a few of them come again, and nothing is lost. */
#define OWN_AHEAD 1000

static bool
set_mark(struct store *store, int64_t user_no, int64_t room_no, int64_t seq)
{
	return db_run(&store->db, SQL_set_mark, "iii", user_no, room_no, seq);
}

void
members_saw_own(struct store *store, int64_t user_no, const struct room *room,
		const struct membership *m, int64_t seq)
{
	if (m->seen_seq == seq - 1)
		set_mark(store, user_no, room->room_no, seq);
}

/* The last one of the user's own messages that follow `seq` without a gap. */
static int64_t
skip_own(struct store *store, int64_t user_no, const struct room *room,
	 int64_t seq)
{
	int64_t end =
	    room->head - seq > OWN_AHEAD ? seq + OWN_AHEAD : room->head;
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_next_of_others, "iiii", room->room_no,
				 seq, end, user_no);

	if (db_row(db, q))
		end = sqlite3_column_int64(q, 0) - 1;
	db_end(q);
	return end;
}

static void
tell_marked(struct store *store, const struct room *room, int64_t seq,
	    struct frame *answer)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_at_seq, "ii", room->room_no, seq);

	*answer = (struct frame){ .kind = FRAME_marked };
	answer->marked.room = room->id;
	answer->marked.seq = (uint64_t)seq;
	if (db_row(db, q))
		answer->marked.message =
		    message_id_make(&store->key, sqlite3_column_int64(q, 0),
				    sqlite3_column_int64(q, 1));
	db_end(q);
}

void
members_mark(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_mark *mark = &request->mark;
	struct message_row row;
	struct membership m;
	const struct user *user = users_find(store, &mark->user);
	const struct room *room = NULL;
	int64_t seq;

	if (messages_find(store, &mark->message, &row))
		room = rooms_find(store, &row.message.room);
	if (room == NULL) {
		refuse(answer, ERROR_message_not_found, "no such message");
		return;
	}
	if (user == NULL ||
	    !members_find(store, user->user_no, room->room_no, &m)) {
		if (room->kind == ROOM_PUBLIC)
			members_refuse(room, answer);
		else
			refuse(answer, ERROR_message_not_found,
			       "no such message");
		return;
	}
	seq = (int64_t)row.message.seq;
	if (seq < m.seen_seq)
		seq = m.seen_seq;
	seq = skip_own(store, user->user_no, room, seq);
	if (seq == m.seen_seq ||
	    set_mark(store, user->user_no, room->room_no, seq))
		tell_marked(store, room, seq, answer);
}
