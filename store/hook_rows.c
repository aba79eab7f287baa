/* SPDX-License-Identifier: MIT */
/* store/hook_rows.c - see hook_rows.h. */
#include "store/hook_rows.h"

/* Keys, ids and numbers of a packed hook_info. */
#define HOOK_FRAME_BYTES 320

/* A row of HOOK_COLUMNS (statements.def). */
static void
read_row(struct store *store, sqlite3_stmt *q, struct frame_hook_info *info)
{
	struct db *db = &store->db;
	struct arena *arena = &store->arena;

	*info = (struct frame_hook_info){
		.hook = db_uuid(q, 0),
		.room = db_uuid(q, 1),
		.room_name = db_text(db, q, 2, arena),
		.url = db_text(db, q, 3, arena),
		.secret = db_text(db, q, 4, arena),
		.events = (uint64_t)sqlite3_column_int64(q, 5),
		.seq = (uint64_t)sqlite3_column_int64(q, 6),
		.change = (uint64_t)sqlite3_column_int64(q, 7),
		.at = (uint64_t)sqlite3_column_int64(q, 8),
		.actor = db_uuid(q, 9),
		.actor_name = db_text(db, q, 10, arena),
		.failures = (uint64_t)sqlite3_column_int64(q, 11),
		.retry_at = (uint64_t)sqlite3_column_int64(q, 12),
		.last_error = db_text(db, q, 13, arena),
		.paused = sqlite3_column_int(q, 14) != 0,
		.failing_since = (uint64_t)sqlite3_column_int64(q, 15),
	};
}

bool
hook_rows_find(struct store *store, const struct uuid *hook,
	       struct frame_hook_info *info)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_find_hook, "u", hook);
	bool there = db_row(db, q);

	if (there)
		read_row(store, q, info);
	db_end(q);
	return there && db->trouble == 0;
}

static size_t
bytes_of(const struct frame_hook_info *info)
{
	return HOOK_FRAME_BYTES + info->room_name.n + info->url.n +
	       info->secret.n + info->actor_name.n + info->last_error.n;
}

size_t
hook_rows_list(struct store *store, const struct room *room,
	       const struct uuid *after, struct frame_hook_info *infos,
	       size_t limit, bool *more)
{
	struct db *db = &store->db;
	struct frame_hook_info info;
	int64_t wanted = (int64_t)limit + 1;
	sqlite3_stmt *q = room == NULL
			      ? db_ask(db, SQL_all_hooks, "ui", after, wanted)
			      : db_ask(db, SQL_room_hooks, "iui", room->room_no,
				       after, wanted);
	size_t n = 0, bytes = 0;

	*more = false;
	while (!*more && db_row(db, q)) {
		read_row(store, q, &info);
		bytes += bytes_of(&info);
		*more = n == limit || (n > 0 && bytes > ANSWER_BYTES);
		if (!*more)
			infos[n++] = info;
	}
	db_end(q);
	return n;
}

size_t
hook_rows_count(struct store *store, const struct room *room)
{
	return (size_t)db_number(&store->db, SQL_count_hooks, "i",
				 room->room_no);
}

bool
hook_rows_add(struct store *store, const struct room *room, int64_t actor_no,
	      const struct frame_hook_info *info)
{
	return db_run(&store->db, SQL_add_hook, "uittiiiii", &info->hook,
		      room->room_no, info->url, info->secret,
		      (int64_t)info->events, (int64_t)info->seq,
		      (int64_t)info->change, actor_no, (int64_t)info->at) &&
	       hook_news_add(store, &info->hook);
}

bool
hook_rows_set(struct store *store, const struct frame_hook_info *info)
{
	return db_run(&store->db, SQL_set_hook, "uttiiiiinii", &info->hook,
		      info->url, info->secret, (int64_t)info->events,
		      (int64_t)info->seq, (int64_t)info->change,
		      (int64_t)info->failures, (int64_t)info->retry_at,
		      info->last_error, (int64_t)info->paused,
		      (int64_t)info->failing_since) &&
	       hook_news_add(store, &info->hook);
}
