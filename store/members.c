/* SPDX-License-Identifier: MIT */
/* store/members.c - see members.h. */
#include "store/members.h"

#include "store/invites.h"
#include "store/sanctions.h"
#include "store/users.h"

bool
members_find(struct store *store, int64_t user_no, int64_t room_no,
	     struct membership *m)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_find_member, "ii", user_no, room_no);
	bool there = db_row(db, q);

	*m = (struct membership){ 0 };
	if (there) {
		m->joined_seq = sqlite3_column_int64(q, 0);
		m->seen_seq = sqlite3_column_int64(q, 1);
		m->change = sqlite3_column_int64(q, 2);
		m->role = (enum role)sqlite3_column_int(q, 3);
	}
	db_end(q);
	return there;
}

bool
members_has(struct store *store, const struct uuid *id, int64_t room_no)
{
	const struct user *user = users_find(store, id);
	struct membership m;

	return user != NULL && members_find(store, user->user_no, room_no, &m);
}

bool
members_add(struct store *store, int64_t user_no, int64_t room_no,
	    int64_t joined_seq, int64_t change, enum role role)
{
	return db_run(&store->db, SQL_add_member, "iiiiii", user_no, room_no,
		      joined_seq, (int64_t)store->now_ms, change,
		      (int64_t)role);
}

bool
members_drop(struct store *store, int64_t user_no, struct room *room)
{
	return rooms_add_change(store, room, CHANGE_LEAVE, 0, user_no) &&
	       db_run(&store->db, SQL_drop_member, "ii", user_no,
		      room->room_no);
}

void
members_refuse(const struct room *room, struct frame *answer)
{
	if (room != NULL && room->kind == ROOM_PUBLIC)
		refuse(answer, ERROR_not_a_member, "not a member of the room");
	else
		refuse(answer, ERROR_room_not_found, "no such room");
}

void
members_refuse_user(struct store *store, const struct room *room,
		    const struct uuid *user, struct frame *answer)
{
	const struct user *u = users_find(store, user);

	if (u == NULL || room == NULL || room->kind != ROOM_PUBLIC ||
	    !sanctions_refuse_banned(store, room, u->user_no, answer))
		members_refuse(room, answer);
}

/* Until when, as frames tell it; 0: may speak. */
static uint64_t
muted_until(struct store *store, const struct room *room,
	    const struct uuid *user)
{
	const struct user *u = users_find(store, user);
	int64_t until_ms;

	if (u == NULL ||
	    !sanctions_find(store, room, u->user_no, SANCTION_MUTE, &until_ms))
		return 0;
	return until_ms == 0 ? MUTED_FOR_EVER : (uint64_t)until_ms;
}

static void
tell_joined(struct store *store, const struct frame_join *join,
	    const struct room *room, const struct membership *m, bool fresh,
	    struct frame *answer)
{
	*answer = (struct frame){ .kind = FRAME_joined };
	answer->joined = (struct frame_joined){
		.room = join->room,
		.kind = room->kind,
		.user = join->user,
		.user_number = join->user_number,
		.user_name = join->user_name,
		.seq = (uint64_t)m->joined_seq,
		.change = (uint64_t)m->change,
		.muted = muted_until(store, room, &join->user),
		.fresh = fresh,
	};
}

static bool
begin_membership(struct store *store, const struct frame_join *join,
		 struct room *room, struct membership *m)
{
	const struct user *user;

	user =
	    users_get(store, &join->user, join->user_number, join->user_name);
	if (user == NULL ||
	    !rooms_add_change(store, room, CHANGE_JOIN, 0, user->user_no))
		return false;
	*m = (struct membership){ room->head, room->head, room->change,
				  ROLE_MEMBER };
	return members_add(store, user->user_no, room->room_no, m->joined_seq,
			   m->change, m->role);
}

void
members_admit(struct store *store, const struct frame_join *join,
	      struct room *room, struct frame *answer)
{
	const struct user *user = users_find(store, &join->user);
	int64_t user_no = user == NULL ? 0 : user->user_no;
	struct membership m;

	if (members_find(store, user_no, room->room_no, &m)) {
		tell_joined(store, join, room, &m, false, answer);
		return;
	}
	if (sanctions_refuse_banned(store, room, user_no, answer))
		return;
	if (room->archived_at != 0) {
		refuse(answer, ERROR_archived, "the room is archived");
		return;
	}
	if (join->user_number == 0) {
		refuse(answer, ERROR_not_allowed, "guests are no members");
		return;
	}
	if (begin_membership(store, join, room, &m))
		tell_joined(store, join, room, &m, true, answer);
}

/* Whether somebody who is no member may know of the room. */
static bool
is_open_to(struct store *store, const struct room *room, struct slice code)
{
	return room->kind == ROOM_PUBLIC || invites_open(store, room, code);
}

void
members_join(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_join *join = &request->join;
	struct room *room = rooms_find(store, &join->room);

	if (room == NULL || (!members_has(store, &join->user, room->room_no) &&
			     !is_open_to(store, room, join->code)))
		refuse(answer, ERROR_room_not_found, "no such room");
	else
		members_admit(store, join, room, answer);
}

static int64_t
last_leave(struct store *store, int64_t user_no, int64_t room_no)
{
	return db_number(&store->db, SQL_last_leave, "ii", room_no, user_no);
}

static void
tell_left(const struct frame_leave *leave, int64_t change, bool fresh,
	  struct frame *answer)
{
	*answer = (struct frame){ .kind = FRAME_left };
	answer->left = (struct frame_left){
		.room = leave->room,
		.user = leave->user,
		.change = (uint64_t)change,
		.fresh = fresh,
	};
}

void
members_leave(struct store *store, const struct frame *request,
	      struct frame *answer)
{
	const struct frame_leave *leave = &request->leave;
	const struct user *user = users_find(store, &leave->user);
	struct room *room = rooms_find(store, &leave->room);
	int64_t user_no = user == NULL ? 0 : user->user_no;
	struct membership m;
	bool member;

	if (room == NULL) {
		refuse(answer, ERROR_room_not_found, "no such room");
		return;
	}
	member = members_find(store, user_no, room->room_no, &m);
	if (!member) {
		int64_t change = last_leave(store, user_no, room->room_no);

		if (room->kind == ROOM_PUBLIC || change > 0)
			tell_left(leave, change, false, answer);
		else
			refuse(answer, ERROR_room_not_found, "no such room");
		return;
	}
	if (room->kind == ROOM_DIRECT) {
		refuse(answer, ERROR_not_allowed,
		       "a direct room cannot be left");
		return;
	}
	if (members_drop(store, user_no, room))
		tell_left(leave, room->change, true, answer);
}
