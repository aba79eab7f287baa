/* SPDX-License-Identifier: MIT */
/* store/messages.c - see messages.h; histories are in history.c. */
#include "store/messages.h"

#include "store/members.h"
#include "store/roles.h"
#include "store/sanctions.h"
#include "store/users.h"

/* Keys, ids and numbers of a packed message. */
#define MESSAGE_FRAME_BYTES 320

void
messages_read(struct message_row *row, const struct message_key *key,
	      struct db *db, sqlite3_stmt *q, struct arena *arena)
{
	struct frame_message *m = &row->message;
	int64_t number = sqlite3_column_int64(q, 2);
	int64_t at_ms = sqlite3_column_int64(q, 3);

	*row = (struct message_row){
		.change = sqlite3_column_int64(q, 11),
		.room_no = sqlite3_column_int64(q, 12),
		.user_no = sqlite3_column_int64(q, 13),
	};
	m->room = db_uuid(q, 0);
	m->seq = (uint64_t)sqlite3_column_int64(q, 1);
	m->message = message_id_make(key, number, at_ms);
	m->number = (uint64_t)number;
	m->at = (uint64_t)at_ms;
	m->user = db_uuid(q, 4);
	m->user_number = (uint64_t)sqlite3_column_int64(q, 5);
	m->user_name = db_text(db, q, 6, arena);
	m->nonce = db_uuid(q, 7);
	m->text = db_text(db, q, 8, arena);
	m->edited_at = (uint64_t)sqlite3_column_int64(q, 9);
	m->deleted = sqlite3_column_int(q, 10) != 0;
}

size_t
messages_bytes(const struct frame_message *message)
{
	return MESSAGE_FRAME_BYTES + message->user_name.n + message->text.n;
}

bool
messages_find(struct store *store, const struct uuid *id,
	      struct message_row *row)
{
	struct db *db = &store->db;
	sqlite3_stmt *q;
	bool there;

	q = db_ask(db, SQL_get_message, "i", message_id_number(id));
	there = db_row(db, q);
	if (there)
		messages_read(row, &store->key, db, q, &store->arena);
	db_end(q);
	return there && uuid_equal(&row->message.message, id);
}

/* A nonce that its author has used, in whatever room, names that message. */
static bool
answer_known(struct store *store, const struct user *user,
	     const struct uuid *nonce, struct frame *answer)
{
	struct db *db = &store->db;
	struct message_row row;
	sqlite3_stmt *q;
	bool known;

	q = db_ask(db, SQL_known_nonce, "iu", user->user_no, nonce);
	known = db_row(db, q);
	if (known) {
		messages_read(&row, &store->key, db, q, &store->arena);
		*answer = (struct frame){ .kind = FRAME_message };
		answer->message = row.message;
		answer->message.duplicate = true;
		store->duplicates++;
	}
	db_end(q);
	return known;
}

int64_t
messages_last(struct store *store)
{
	sqlite3_stmt *q;

	if (store->last_number == -1) {
		q = db_ask(&store->db, SQL_counts, "");
		if (db_row(&store->db, q))
			store->last_number = sqlite3_column_int64(q, 0);
		db_end(q);
	}
	return store->last_number;
}

static bool
next_number(struct store *store, int64_t *number)
{
	*number = messages_last(store) + 1;
	return *number != 0;
}

static void
append(struct store *store, const struct frame_post *post, struct room *room,
       const struct user *user, struct frame *answer)
{
	struct frame_message *m = &answer->message;
	int64_t number, at_ms = (int64_t)store->now_ms;

	if (!next_number(store, &number))
		return;
	if (at_ms < room->last_at)
		at_ms = room->last_at;
	if (!db_try(&store->db, SQL_add_message, "iiiiiuti", room->room_no,
		    room->head + 1, number, user->user_no, user->name_no,
		    &post->nonce, post->text, at_ms)) {
		refuse(answer, ERROR_unavailable, "the message was not kept");
		return;
	}
	room->head++;
	room->last_at = at_ms;
	store->last_number = number;
	*answer = (struct frame){ .kind = FRAME_message };
	m->room = room->id;
	m->seq = (uint64_t)room->head;
	m->message = message_id_make(&store->key, number, at_ms);
	m->number = (uint64_t)number;
	m->user = post->user;
	m->user_number = (uint64_t)user->number;
	m->user_name = post->user_name;
	m->nonce = post->nonce;
	m->text = post->text;
	m->at = (uint64_t)at_ms;
	m->since = post->since;
}

/* Whether one may speak in the room without being a member. */
static bool
admits_visits(const struct room *room)
{
	return room->kind == ROOM_PUBLIC || room->kind == ROOM_SEALED;
}

void
messages_post(struct store *store, const struct frame *request,
	      struct frame *answer)
{
	const struct frame_post *post = &request->post;
	const struct user *user = users_find(store, &post->user);
	struct membership m = { 0 };
	struct room *room;
	bool member;

	if (user != NULL && answer_known(store, user, &post->nonce, answer))
		return;
	room = rooms_find(store, &post->room);
	member = user != NULL && room != NULL &&
		 members_find(store, user->user_no, room->room_no, &m);
	if (room == NULL ||
	    (!member && !(post->visit && admits_visits(room)))) {
		members_refuse_user(store, room, &post->user, answer);
		return;
	}
	user =
	    users_get(store, &post->user, post->user_number, post->user_name);
	if (user == NULL ||
	    (!room->is_ordinary &&
	     sanctions_refuse_post(store, room, user->user_no, m.role, answer)))
		return;
	append(store, post, room, user, answer);
	if (member && answer->kind == FRAME_message)
		members_saw_own(store, user->user_no, room, &m, room->head);
}

/* The message's room, if `user` (nil: administration) may read it and is not
 * hindered from changing what is there; else NULL after a refusal. */
static struct room *
find_changeable(struct store *store, const struct uuid *message,
		const struct uuid *user, struct message_row *row,
		struct standing *who, struct frame *answer)
{
	struct room *room = NULL;

	if (messages_find(store, message, row))
		room = rooms_find(store, &row->message.room);
	if (room == NULL ||
	    (roles_look_up(store, user, room, who), who->role == ROLE_NONE)) {
		refuse(answer, ERROR_message_not_found, "no such message");
		return NULL;
	}
	if (!room->is_ordinary &&
	    sanctions_refuse_change(store, room, who, answer))
		return NULL;
	return room;
}

static bool
is_own(const struct message_row *row, const struct uuid *user)
{
	return uuid_equal(&row->message.user, user);
}

static bool
refuse_foreign(struct frame *answer)
{
	refuse(answer, ERROR_not_allowed, "not the author");
	return false;
}

/* What others wrote is taken back by who is above them. */
static bool
may_erase(struct store *store, const struct room *room,
	  const struct message_row *row, const struct standing *who,
	  const struct uuid *user, struct frame *answer)
{
	struct standing author;

	if (is_own(row, user))
		return true;
	roles_look_up(store, &row->message.user, room, &author);
	return roles_may(who->role, DEED_ERASE, author.role) ||
	       refuse_foreign(answer);
}

static bool
edit_row(struct store *store, struct room *room, struct message_row *row,
	 struct slice text)
{
	struct frame_message *m = &row->message;

	if (!rooms_add_change(store, room, CHANGE_EDIT, (int64_t)m->number,
			      row->user_no))
		return false;
	row->change = room->change;
	m->text = text;
	m->edited_at = store->now_ms;
	return db_run(&store->db, SQL_edit_message, "iitii", room->room_no,
		      (int64_t)m->seq, text, (int64_t)m->edited_at,
		      row->change);
}

void
messages_edit(struct store *store, const struct frame *request,
	      struct frame *answer)
{
	const struct frame_edit *edit = &request->edit;
	struct frame_message *now;
	struct message_row row;
	struct standing who;
	struct room *room;

	room = find_changeable(store, &edit->message, &edit->user, &row, &who,
			       answer);
	if (room == NULL ||
	    (!is_own(&row, &edit->user) && !refuse_foreign(answer)))
		return;
	if (row.message.deleted) {
		refuse(answer, ERROR_message_not_found, "no such message");
		return;
	}
	if ((row.change == 0 || !slice_equal(row.message.text, edit->text)) &&
	    !edit_row(store, room, &row, edit->text))
		return;
	now = arena_get(&store->arena, sizeof *now);
	if (now == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	*now = row.message;
	*answer = (struct frame){ .kind = FRAME_edited };
	answer->edited.room = room->id;
	answer->edited.change = (uint64_t)row.change;
	answer->edited.messages = (frame_list){ now, 1 };
}

static bool
erase_row(struct store *store, struct room *room, struct message_row *row)
{
	if (!rooms_add_change(store, room, CHANGE_ERASE,
			      (int64_t)row->message.number, row->user_no))
		return false;
	row->change = room->change;
	return db_run(&store->db, SQL_erase_message, "iii", room->room_no,
		      (int64_t)row->message.seq, row->change);
}

void
messages_erase(struct store *store, const struct frame *request,
	       struct frame *answer)
{
	const struct frame_erase *erase = &request->erase;
	struct message_row row;
	struct standing who;
	struct room *room;

	room = find_changeable(store, &erase->message, &erase->user, &row, &who,
			       answer);
	if (room == NULL ||
	    !may_erase(store, room, &row, &who, &erase->user, answer))
		return;
	if (!row.message.deleted && !erase_row(store, room, &row))
		return;
	*answer = (struct frame){ .kind = FRAME_erased };
	answer->erased.room = room->id;
	answer->erased.change = (uint64_t)row.change;
	answer->erased.message = erase->message;
	answer->erased.seq = row.message.seq;
}
