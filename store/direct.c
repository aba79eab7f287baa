/* SPDX-License-Identifier: MIT */
/* store/direct.c - the one room that two users share: see rooms.h. */
#include "store/members.h"
#include "store/rooms.h"
#include "store/users.h"

struct pair {
	int64_t one, other; /* one < other */
};

static struct pair
pair_of(int64_t a, int64_t b)
{
	return a < b ? (struct pair){ a, b } : (struct pair){ b, a };
}

bool
rooms_find_direct(struct store *store, int64_t user_no, int64_t peer_no,
		  struct uuid *room)
{
	struct pair pair = pair_of(user_no, peer_no);
	struct db *db = &store->db;
	sqlite3_stmt *q =
	    db_ask(db, SQL_find_direct, "ii", pair.one, pair.other);
	bool there = db_row(db, q);

	if (there)
		*room = db_uuid(q, 0);
	db_end(q);
	return there;
}

static bool
add_direct(struct store *store, struct pair pair, const struct uuid *id)
{
	char join_key[JOIN_KEY_BYTES];
	int64_t room_no;

	random_bytes(join_key, sizeof join_key);
	if (!db_run(&store->db, SQL_add_direct, "uibii", id,
		    (int64_t)store->now_ms,
		    (struct slice){ join_key, sizeof join_key }, pair.one,
		    pair.other))
		return false;
	room_no = sqlite3_last_insert_rowid(store->db.handle);
	return members_add(store, pair.one, room_no, 0, 0, ROLE_MEMBER) &&
	       members_add(store, pair.other, room_no, 0, 0, ROLE_MEMBER);
}

static void
tell_direct(const struct frame_open_direct *wish, const struct uuid *room,
	    bool fresh, uint64_t head, struct frame *answer)
{
	*answer = (struct frame){ .kind = FRAME_direct };
	answer->direct = (struct frame_direct){
		.room = *room,
		.seq = head,
		.user = wish->user,
		.user_number = wish->user_number,
		.user_name = wish->user_name,
		.peer = wish->peer,
		.peer_number = wish->peer_number,
		.peer_name = wish->peer_name,
		.fresh = fresh,
	};
}

void
rooms_open_direct(struct store *store, const struct frame *request,
		  struct frame *answer)
{
	const struct frame_open_direct *wish = &request->open_direct;
	const struct user *user, *peer;
	struct uuid id = wish->room;
	const struct room *room;
	bool fresh;

	if (uuid_equal(&wish->user, &wish->peer)) {
		refuse(answer, ERROR_not_allowed, "that is yourself");
		return;
	}
	if (wish->user_number == 0 || wish->peer_number == 0) {
		refuse(answer, ERROR_not_allowed, "guests are no members");
		return;
	}
	user =
	    users_get(store, &wish->user, wish->user_number, wish->user_name);
	peer =
	    users_get(store, &wish->peer, wish->peer_number, wish->peer_name);
	if (user == NULL || peer == NULL)
		return;
	fresh = !rooms_find_direct(store, user->user_no, peer->user_no, &id);
	room = rooms_find(store, &id);
	if (fresh && room != NULL) {
		refuse(answer, ERROR_taken, "that id belongs to a room");
		return;
	}
	if (fresh &&
	    !add_direct(store, pair_of(user->user_no, peer->user_no), &id))
		return;
	tell_direct(wish, &id, fresh, room == NULL ? 0 : (uint64_t)room->head,
		    answer);
}
