/* SPDX-License-Identifier: MIT */
/* store/invites.c - see invites.h. */
#include "store/invites.h"

#include "store/roles.h"

#include <openssl/sha.h>

static struct slice
digest(struct slice code, unsigned char into[SHA256_DIGEST_LENGTH])
{
	SHA256((const unsigned char *)code.at, code.n, into);
	return (struct slice){ (const char *)into, SHA256_DIGEST_LENGTH };
}

bool
invites_open(struct store *store, const struct room *room, struct slice code)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct db *db = &store->db;
	sqlite3_stmt *q;
	int64_t until_ms = 0;
	bool there;

	if (!room->by_invite || room->kind != ROOM_PRIVATE || code.n == 0)
		return false;
	q = db_ask(db, SQL_find_invite, "ib", room->room_no,
		   digest(code, hash));
	there = db_row(db, q);
	if (there)
		until_ms = sqlite3_column_int64(q, 0);
	db_end(q);
	return there && (until_ms == 0 || until_ms > (int64_t)store->now_ms);
}

/* Whether there is room for one more, or for the same once more. */
static bool
fits(struct store *store, const struct room *room, const struct uuid *invite)
{
	struct db *db = &store->db;
	sqlite3_stmt *q;
	bool fitting = false;

	if (!db_run(db, SQL_drop_invites_over, "ii", room->room_no,
		    (int64_t)store->now_ms))
		return false;
	q = db_ask(db, SQL_count_invites, "iu", room->room_no, invite);
	if (db_row(db, q))
		fitting = sqlite3_column_int64(q, 0) < INVITES_MAX;
	db_end(q);
	return fitting;
}

void
invites_make(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_invite *wish = &request->invite;
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct standing who;
	const struct room *room =
	    roles_enter(store, &wish->room, &wish->actor, DEED_INVITE,
			ROLE_NONE, &who, answer);

	if (room == NULL)
		return;
	if (!fits(store, room, &wish->invite)) {
		refuse(answer, ERROR_not_allowed,
		       "the room has too many invites; revoke some");
		return;
	}
	if (!db_run(&store->db, SQL_add_invite, "iubiii", room->room_no,
		    &wish->invite, digest(wish->code, hash),
		    (int64_t)wish->until, who.user_no, (int64_t)store->now_ms))
		return;
	*answer = (struct frame){ .kind = FRAME_invited };
	answer->invited = (struct frame_invited){
		.room = wish->room,
		.invite = wish->invite,
		.code = wish->code,
		.until = wish->until,
	};
}

void
invites_revoke(struct store *store, const struct frame *request,
	       struct frame *answer)
{
	const struct frame_revoke_invite *wish = &request->revoke_invite;
	struct standing who;
	const struct room *room =
	    roles_enter(store, &wish->room, &wish->actor, DEED_INVITE,
			ROLE_NONE, &who, answer);

	if (room != NULL && db_run(&store->db, SQL_drop_invite, "iu",
				   room->room_no, &wish->invite))
		*answer = (struct frame){ .kind = FRAME_done };
}

void
invites_list(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_get_invites *wish = &request->get_invites;
	struct db *db = &store->db;
	struct frame_invite_info *list;
	struct standing who;
	sqlite3_stmt *q;
	size_t n = 0;
	const struct room *room =
	    roles_enter(store, &wish->room, &wish->user, DEED_INVITE, ROLE_NONE,
			&who, answer);

	if (room == NULL)
		return;
	list = arena_array(&store->arena, INVITES_MAX, sizeof *list);
	if (list == NULL) {
		db_note(db, SQLITE_NOMEM);
		return;
	}
	q = db_ask(db, SQL_list_invites, "ii", room->room_no,
		   (int64_t)store->now_ms);
	for (; n < INVITES_MAX && db_row(db, q); n++)
		list[n] = (struct frame_invite_info){
			.invite = db_uuid(q, 0),
			.until = (uint64_t)sqlite3_column_int64(q, 1),
			.at = (uint64_t)sqlite3_column_int64(q, 2),
			.actor = db_uuid(q, 3),
			.actor_name = db_text(db, q, 4, &store->arena),
		};
	db_end(q);
	*answer = (struct frame){ .kind = FRAME_invites };
	answer->invites.room = room->id;
	answer->invites.invites = (frame_list){ list, n };
}
