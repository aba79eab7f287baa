/* SPDX-License-Identifier: MIT */
/* store/deeds.c - see deeds.h. */
#include "store/deeds.h"

bool
deeds_add(struct store *store, const struct room *room,
	  const struct frame_moderate *wish, int64_t actor_no,
	  const struct frame_moderated *told)
{
	return db_run(&store->db, SQL_add_deed, "iiuiiinii", room->room_no,
		      room->change, &wish->nonce, (int64_t)wish->action,
		      (int64_t)told->role, (int64_t)wish->until, wish->reason,
		      actor_no, (int64_t)told->ended);
}

void
deeds_read(struct store *store, sqlite3_stmt *q, int column,
	   struct frame_change *change)
{
	change->action = (uint64_t)sqlite3_column_int64(q, column);
	change->actor = db_uuid(q, column + 1);
	change->role = (uint64_t)sqlite3_column_int64(q, column + 2);
	change->until = (uint64_t)sqlite3_column_int64(q, column + 3);
	change->reason = db_text(&store->db, q, column + 4, &store->arena);
	change->ended = sqlite3_column_int(q, column + 5) != 0;
}

static void
read_moderated(struct store *store, sqlite3_stmt *q, const struct room *room,
	       struct frame_moderated *told)
{
	struct frame_change change = { 0 };

	deeds_read(store, q, 4, &change);
	*told = (struct frame_moderated){
		.room = room->id,
		.change = (uint64_t)sqlite3_column_int64(q, 0),
		.actor = change.actor,
		.action = change.action,
		.user = db_uuid(q, 1),
		.user_number = (uint64_t)sqlite3_column_int64(q, 2),
		.user_name = db_text(&store->db, q, 3, &store->arena),
		.role = change.role,
		.until = change.until,
		.reason = change.reason,
		.ended = change.ended,
	};
}

bool
deeds_find(struct store *store, const struct room *room,
	   const struct frame_moderate *wish, struct frame *answer)
{
	struct db *db = &store->db;
	sqlite3_stmt *q;
	bool there;

	if (uuid_is_nil(&wish->nonce))
		return false;
	q = db_ask(db, SQL_find_deed, "iu", room->room_no, &wish->nonce);
	there = db_row(db, q);
	if (there) {
		*answer = (struct frame){ .kind = FRAME_moderated };
		read_moderated(store, q, room, &answer->moderated);
	}
	db_end(q);
	return there;
}
