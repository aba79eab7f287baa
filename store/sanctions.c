/* SPDX-License-Identifier: MIT */
/* store/sanctions.c - see sanctions.h. */
#include "store/sanctions.h"

/* As sanctions_find(); *reason (which may be NULL) lasts as long as the store's
 * arena, and is set only where the user is under it. */
static bool
find_with_reason(struct store *store, const struct room *room, int64_t user_no,
		 enum sanction kind, int64_t *until_ms, struct slice *reason)
{
	struct db *db = &store->db;
	sqlite3_stmt *q;
	int64_t until = 0;
	bool is_under;

	if (user_no == 0 || (room->sanctioned & rooms_user_bit(user_no)) == 0)
		return false;
	q = db_ask(db, SQL_find_sanction, "iii", room->room_no, (int64_t)kind,
		   user_no);
	is_under = db_row(db, q);
	if (is_under) {
		until = sqlite3_column_int64(q, 0);
		is_under = until == 0 || until > (int64_t)store->now_ms;
	}
	if (is_under && reason != NULL)
		*reason = db_text(db, q, 1, &store->arena);
	db_end(q);
	if (until_ms != NULL)
		*until_ms = until;
	return is_under;
}

bool
sanctions_find(struct store *store, const struct room *room, int64_t user_no,
	       enum sanction kind, int64_t *until_ms)
{
	return find_with_reason(store, room, user_no, kind, until_ms, NULL);
}

void
sanctions_note_ban(struct store *store, const struct room *room,
		   int64_t user_no, struct frame_room_info *info)
{
	int64_t until_ms;

	info->banned = find_with_reason(store, room, user_no, SANCTION_BAN,
					&until_ms, &info->ban_reason);
	if (info->banned)
		info->banned_until = (uint64_t)until_ms;
}

static bool
judge_room(struct store *store, struct room *room)
{
	rooms_load_sanctioned(store, room);
	rooms_judge(room);
	return store->db.trouble == 0;
}

bool
sanctions_add(struct store *store, struct room *room, int64_t user_no,
	      enum sanction kind, const struct frame_moderate *wish,
	      int64_t actor_no)
{
	return db_run(&store->db, SQL_drop_over, "ii", room->room_no,
		      (int64_t)store->now_ms) &&
	       db_run(&store->db, SQL_add_sanction, "iiiinii", room->room_no,
		      (int64_t)kind, user_no, (int64_t)wish->until,
		      wish->reason, actor_no, (int64_t)store->now_ms) &&
	       judge_room(store, room);
}

bool
sanctions_drop(struct store *store, struct room *room, int64_t user_no,
	       enum sanction kind)
{
	return db_run(&store->db, SQL_drop_sanction, "iii", room->room_no,
		      (int64_t)kind, user_no) &&
	       judge_room(store, room);
}

/* --- What they keep from */

bool
sanctions_refuse_banned(struct store *store, const struct room *room,
			int64_t user_no, struct frame *answer)
{
	int64_t until_ms;

	if (!sanctions_find(store, room, user_no, SANCTION_BAN, &until_ms))
		return false;
	refuse_until(store, answer, ERROR_banned,
		     "you are banned from this room", until_ms);
	return true;
}

static bool
refuse_muted(struct store *store, const struct room *room, int64_t user_no,
	     struct frame *answer)
{
	int64_t until_ms;

	if (!sanctions_find(store, room, user_no, SANCTION_MUTE, &until_ms))
		return false;
	refuse_until(store, answer, ERROR_muted, "you are muted in this room",
		     until_ms);
	return true;
}

static bool
refuse_archived(const struct room *room, struct frame *answer)
{
	if (room->archived_at == 0)
		return false;
	refuse(answer, ERROR_archived, "the room is archived");
	return true;
}

/* When the user may speak again, ms since 1970. A clock that was set back makes
 * nobody wait for longer than the room is slow. */
static int64_t
next_turn(struct store *store, const struct room *room, int64_t user_no)
{
	int64_t now_ms = (int64_t)store->now_ms;
	int64_t at_ms =
	    db_number(&store->db, SQL_find_slow, "ii", room->room_no, user_no);

	if (at_ms == 0)
		return 0;
	return (at_ms < now_ms ? at_ms : now_ms) + room->slow_s * 1000;
}

static bool
refuse_too_soon(struct store *store, const struct room *room, int64_t user_no,
		struct frame *answer)
{
	int64_t next_ms = next_turn(store, room, user_no);

	if (next_ms > (int64_t)store->now_ms) {
		refuse_until(store, answer, ERROR_slow_mode,
			     "the room is slow; wait a little", next_ms);
		return true;
	}
	return !db_run(&store->db, SQL_set_slow, "iii", room->room_no, user_no,
		       (int64_t)store->now_ms);
}

bool
sanctions_refuse_post(struct store *store, const struct room *room,
		      int64_t user_no, enum role role, struct frame *answer)
{
	return refuse_archived(room, answer) ||
	       sanctions_refuse_banned(store, room, user_no, answer) ||
	       refuse_muted(store, room, user_no, answer) ||
	       (room->slow_s > 0 && role < ROLE_MODERATOR &&
		refuse_too_soon(store, room, user_no, answer));
}

bool
sanctions_refuse_change(struct store *store, const struct room *room,
			const struct standing *who, struct frame *answer)
{
	if (who->role == ROLE_ADMINISTRATION)
		return false;
	return refuse_archived(room, answer) ||
	       refuse_muted(store, room, who->user_no, answer);
}

/* --- get_bans */

/* Keys, ids and numbers of a packed ban. */
#define BAN_FRAME_BYTES 160

static void
read_ban(struct frame_ban *ban, struct store *store, sqlite3_stmt *q)
{
	struct db *db = &store->db;

	*ban = (struct frame_ban){
		.user = db_uuid(q, 1),
		.user_number = (uint64_t)sqlite3_column_int64(q, 2),
		.user_name = db_text(db, q, 3, &store->arena),
		.until = (uint64_t)sqlite3_column_int64(q, 4),
		.reason = db_text(db, q, 5, &store->arena),
		.at = (uint64_t)sqlite3_column_int64(q, 6),
		.actor = db_uuid(q, 7),
		.actor_name = db_text(db, q, 8, &store->arena),
	};
}

/* Takes rows while they fit; *next is where the page after it begins. */
static void
fill_bans(struct store *store, sqlite3_stmt *q, struct frame_ban *bans,
	  uint64_t limit, struct frame_bans *page)
{
	size_t n = 0, bytes = 0;
	int64_t last = 0;

	while (db_row(&store->db, q)) {
		if (n == limit) {
			page->next = (uint64_t)last;
			break;
		}
		read_ban(&bans[n], store, q);
		bytes += BAN_FRAME_BYTES + bans[n].user_name.n +
			 bans[n].reason.n + bans[n].actor_name.n;
		if (bytes > ANSWER_BYTES) {
			page->next = (uint64_t)last;
			break;
		}
		n++;
		last = sqlite3_column_int64(q, 0);
	}
	db_end(q);
	page->bans = (frame_list){ bans, n };
}

void
sanctions_get_bans(struct store *store, const struct frame *request,
		   struct frame *answer)
{
	const struct frame_get_bans *wish = &request->get_bans;
	struct frame_ban *bans;
	struct standing who;
	const struct room *room =
	    roles_enter(store, &wish->room, &wish->user, DEED_LIST_BANS,
			ROLE_NONE, &who, answer);

	if (room == NULL)
		return;
	bans = arena_array(&store->arena, wish->limit, sizeof *bans);
	if (bans == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	*answer = (struct frame){ .kind = FRAME_bans };
	answer->bans.room = room->id;
	fill_bans(store,
		  db_ask(&store->db, SQL_list_sanctions, "iiiii", room->room_no,
			 (int64_t)(wish->mutes ? SANCTION_MUTE : SANCTION_BAN),
			 (int64_t)wish->after, (int64_t)store->now_ms,
			 (int64_t)wish->limit + 1),
		  bans, wish->limit, &answer->bans);
}
