/* SPDX-License-Identifier: MIT */
/* store/moderation.c - what is done to users: see moderation.h; to rooms:
 * room_settings.c.
 */
#include "store/moderation.h"

#include "store/deeds.h"
#include "store/roles.h"
#include "store/sanctions.h"

/* One thing that is done to one user. */
struct deed_case {
	const struct frame_moderate *wish;
	struct room *room;
	struct standing actor;
	struct standing target;
	bool is_done; /* it made a change of the room */
};

static bool
refuse_deed(struct frame *answer, const char *why)
{
	refuse(answer, ERROR_not_allowed, why);
	return false;
}

/* --- What has become of the user */

/* What has changed nothing has no number, and is no news to anybody. */
static void
tell(struct store *store, const struct deed_case *c, enum role role, bool ended,
     struct frame *answer)
{
	const struct frame_moderate *wish = c->wish;
	const struct user *user = users_find(store, &wish->user);
	struct frame_moderated *told = &answer->moderated;

	*answer = (struct frame){ .kind = FRAME_moderated };
	*told = (struct frame_moderated){
		.room = wish->room,
		.change = c->is_done ? (uint64_t)c->room->change : 0,
		.actor = wish->actor,
		.action = wish->action,
		.user = wish->user,
		.user_number = wish->user_number,
		.user_name = wish->user_name,
		.role = role > ROLE_OWNER ? ROLE_NONE : role,
		.until = wish->until,
		.reason = wish->reason,
		.ended = ended,
	};
	if (user != NULL) {
		told->user_number = (uint64_t)user->number;
		told->user_name =
		    (struct slice){ user->name, user->name_bytes };
	}
	if (c->is_done)
		deeds_add(store, c->room, wish, c->actor.user_no, told);
}

static bool
note_standing(struct store *store, struct deed_case *c)
{
	c->is_done = true;
	return rooms_add_change(store, c->room, CHANGE_STANDING, 0,
				c->target.user_no);
}

/* Ends the membership, if there is one. */
static bool
remove_user(struct store *store, struct deed_case *c)
{
	if (c->target.role == ROLE_NONE)
		return note_standing(store, c);
	c->is_done = true;
	return members_drop(store, c->target.user_no, c->room);
}

/* The store must have a row of whom it is to remember. False: trouble. */
static bool
know_target(struct store *store, struct deed_case *c)
{
	const struct frame_moderate *wish = c->wish;

	c->target.user =
	    users_get(store, &wish->user, wish->user_number, wish->user_name);
	if (c->target.user == NULL)
		return false;
	c->target.user_no = c->target.user->user_no;
	return true;
}

/* A guest is nobody that could be known again. */
static bool
get_target(struct store *store, struct deed_case *c, struct frame *answer)
{
	if (c->wish->user_number == 0 &&
	    (c->target.user == NULL || c->target.user->number == 0))
		return refuse_deed(answer, "guests can be kicked alone");
	return know_target(store, c);
}

/* --- The deeds */

static bool
has_other_owner(struct store *store, const struct deed_case *c)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_other_owner, "ii", c->room->room_no,
				 c->target.user_no);
	bool there = db_row(db, q);

	db_end(q);
	return there;
}

static void
give_role(struct store *store, struct deed_case *c, struct frame *answer)
{
	enum role role = (enum role)c->wish->role;

	if (role == ROLE_NONE) {
		refuse_field(answer, "role", "owner, moderator or member");
		return;
	}
	if (c->target.role == ROLE_NONE) {
		refuse(answer, ERROR_user_not_found,
		       "that user is not a member of the room");
		return;
	}
	if (c->actor.role != ROLE_ADMINISTRATION &&
	    c->target.role == ROLE_OWNER && role < ROLE_OWNER &&
	    !has_other_owner(store, c)) {
		refuse_deed(answer, "make somebody else an owner first");
		return;
	}
	if (role == c->target.role ||
	    (note_standing(store, c) &&
	     db_run(&store->db, SQL_set_role, "iii", c->target.user_no,
		    c->room->room_no, (int64_t)role)))
		tell(store, c, role, false, answer);
}

static void
kick(struct store *store, struct deed_case *c, struct frame *answer)
{
	if (know_target(store, c) && remove_user(store, c))
		tell(store, c, ROLE_NONE, c->target.role != ROLE_NONE, answer);
}

static void
ban(struct store *store, struct deed_case *c, struct frame *answer)
{
	if (get_target(store, c, answer) &&
	    sanctions_add(store, c->room, c->target.user_no, SANCTION_BAN,
			  c->wish, c->actor.user_no) &&
	    remove_user(store, c))
		tell(store, c, ROLE_NONE, c->target.role != ROLE_NONE, answer);
}

static void
mute(struct store *store, struct deed_case *c, struct frame *answer)
{
	if (get_target(store, c, answer) &&
	    sanctions_add(store, c->room, c->target.user_no, SANCTION_MUTE,
			  c->wish, c->actor.user_no) &&
	    note_standing(store, c))
		tell(store, c, c->target.role, false, answer);
}

static void
lift(struct store *store, struct deed_case *c, enum sanction kind,
     struct frame *answer)
{
	if (sanctions_drop(store, c->room, c->target.user_no, kind) &&
	    note_standing(store, c))
		tell(store, c, c->target.role, false, answer);
}

static void
unban(struct store *store, struct deed_case *c, struct frame *answer)
{
	lift(store, c, SANCTION_BAN, answer);
}

static void
unmute(struct store *store, struct deed_case *c, struct frame *answer)
{
	lift(store, c, SANCTION_MUTE, answer);
}

static void
add(struct store *store, struct deed_case *c, struct frame *answer)
{
	const struct frame_join join = {
		.room = c->wish->room,
		.user = c->wish->user,
		.user_number = c->wish->user_number,
		.user_name = c->wish->user_name,
	};

	members_admit(store, &join, c->room, answer);
	if (answer->kind == FRAME_refused &&
	    error_find(answer->refused.code) == ERROR_banned)
		answer->refused.text =
		    slice_of("that user is banned from the room");
}

static void (*const deeds[])(struct store *, struct deed_case *,
			     struct frame *) = {
	[DEED_ROLE] = give_role, [DEED_KICK] = kick, [DEED_BAN] = ban,
	[DEED_UNBAN] = unban,    [DEED_MUTE] = mute, [DEED_UNMUTE] = unmute,
	[DEED_ADD] = add,
};

/* One may step down by oneself. */
static bool
steps_down(const struct deed_case *c)
{
	return c->wish->action == DEED_ROLE &&
	       uuid_equal(&c->wish->actor, &c->wish->user) &&
	       c->wish->role != ROLE_NONE && c->wish->role <= c->actor.role;
}

void
moderation_moderate(struct store *store, const struct frame *request,
		    struct frame *answer)
{
	const struct frame_moderate *wish = &request->moderate;
	enum deed deed = (enum deed)wish->action;
	struct deed_case c = { .wish = wish };

	c.room = rooms_find(store, &wish->room);
	if (c.room != NULL && deeds_find(store, c.room, wish, answer))
		return;
	/* Whoever is allowed the least of it may know who is there. */
	c.room = roles_enter(store, &wish->room, &wish->actor,
			     DEED_LIST_MEMBERS, ROLE_NONE, &c.actor, answer);
	if (c.room == NULL)
		return;
	roles_look_up(store, &wish->user, c.room, &c.target);
	if (roles_may(c.actor.role, deed, c.target.role) || steps_down(&c))
		deeds[deed](store, &c, answer);
	else
		refuse_deed(answer, "your role does not allow that");
}

/* --- get_members */

static void
fill_members(struct store *store, sqlite3_stmt *q, struct frame_member *members,
	     uint64_t limit, struct frame_members *page)
{
	struct db *db = &store->db;
	size_t n = 0;
	int64_t last = 0;

	while (db_row(db, q)) {
		if (n == limit) {
			page->next = (uint64_t)last;
			break;
		}
		members[n++] = (struct frame_member){
			.user = db_uuid(q, 1),
			.user_number = (uint64_t)sqlite3_column_int64(q, 2),
			.user_name = db_text(db, q, 3, &store->arena),
			.role = (uint64_t)sqlite3_column_int64(q, 4),
			.joined_at = (uint64_t)sqlite3_column_int64(q, 5),
		};
		last = sqlite3_column_int64(q, 0);
	}
	db_end(q);
	page->members = (frame_list){ members, n };
}

void
moderation_get_members(struct store *store, const struct frame *request,
		       struct frame *answer)
{
	const struct frame_get_members *wish = &request->get_members;
	struct frame_member *members;
	struct standing who;
	const struct room *room =
	    roles_enter(store, &wish->room, &wish->user, DEED_LIST_MEMBERS,
			ROLE_NONE, &who, answer);

	if (room == NULL)
		return;
	members = arena_array(&store->arena, wish->limit, sizeof *members);
	if (members == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	*answer = (struct frame){ .kind = FRAME_members };
	answer->members.room = room->id;
	fill_members(store,
		     db_ask(&store->db, SQL_list_people, "iii", room->room_no,
			    (int64_t)wish->after, (int64_t)wish->limit + 1),
		     members, wish->limit, &answer->members);
}

/* --- check_visits */

static bool
may_visit(struct store *store, const struct room *room, const struct uuid *id)
{
	struct standing who;

	roles_look_up(store, id, room, &who);
	return who.role != ROLE_NONE ||
	       (room->kind == ROOM_PUBLIC &&
		!sanctions_find(store, room, who.user_no, SANCTION_BAN, NULL));
}

void
moderation_check_visits(struct store *store, const struct frame *request,
			struct frame *answer)
{
	const struct frame_check_visits *wish = &request->check_visits;
	const struct room *room = rooms_find(store, &wish->room);
	struct uuid *over;
	size_t n = 0;

	if (room == NULL || room->kind == ROOM_SEALED) {
		members_refuse(NULL, answer);
		return;
	}
	over = arena_array(&store->arena, wish->users.n, sizeof *over);
	if (over == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	for (size_t i = 0; i < wish->users.n; i++)
		if (!may_visit(store, room, &wish->users.at[i]))
			over[n++] = wish->users.at[i];
	*answer = (struct frame){ .kind = FRAME_visits_over };
	answer->visits_over.room = room->id;
	answer->visits_over.users = (frame_UUIDS){ over, n };
	answer->visits_over.closed = room->kind != ROOM_PUBLIC;
}
