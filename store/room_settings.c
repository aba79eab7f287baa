/* SPDX-License-Identifier: MIT */
/* store/room_settings.c - a room's name, description, visibility, pace, and
 * whether it is archived: see moderation.h.
 */
#include "store/listings.h"
#include "store/moderation.h"
#include "store/roles.h"

#include "proto/names.h"

enum {
	WHAT_NAME = 1,
	WHAT_DESCRIPTION = 2,
	WHAT_VISIBILITY = 4,
	WHAT_SLOW = 8,
	WHAT_ARCHIVED = 16,
};

/* A moderator may slow the room down, and nothing else. */
static enum deed
deed_of(const struct frame_change_room *wish)
{
	return wish->what == WHAT_SLOW ? DEED_SLOW : DEED_CHANGE;
}

/* Whether the new name is one, and free; false after a refusal. */
static bool
check_name(struct store *store, const struct frame_change_room *wish,
	   const struct frame_room_info *now, struct frame *answer)
{
	char key[NAME_KEY_BYTES], had[NAME_KEY_BYTES];

	if (!name_key(wish->name, key))
		return refuse_field(answer, "name",
				    "a name has 1 to 64 printable characters");
	if (name_key(now->name, had) && strcmp(key, had) == 0)
		return true;
	if (!rooms_is_taken(store, key))
		return store->db.trouble == 0;
	refuse(answer, ERROR_taken, "that name is taken");
	answer->refused.field = slice_of("name");
	return false;
}

/* *next is the room as it is to be. */
static bool
apply(struct store *store, const struct frame_change_room *wish,
      struct frame_room_info *next, struct frame *answer)
{
	if ((wish->what & WHAT_NAME) != 0) {
		if (!check_name(store, wish, next, answer))
			return false;
		next->name = wish->name;
	}
	if ((wish->what & WHAT_DESCRIPTION) != 0)
		next->description = wish->description;
	if ((wish->what & WHAT_VISIBILITY) != 0) {
		if (wish->visibility == 0)
			return refuse_field(answer, "visibility",
					    "public, private or invite");
		next->visibility = wish->visibility;
	}
	if ((wish->what & WHAT_SLOW) != 0)
		next->slow_s = wish->slow_s;
	if ((wish->what & WHAT_ARCHIVED) != 0 &&
	    wish->archived != (next->archived_at != 0))
		next->archived_at = wish->archived ? store->now_ms : 0;
	next->kind =
	    next->visibility == VISIBLE_PUBLIC ? ROOM_PUBLIC : ROOM_PRIVATE;
	return true;
}

static bool
is_same(const struct frame_room_info *a, const struct frame_room_info *b)
{
	return slice_equal(a->name, b->name) &&
	       slice_equal(a->description, b->description) &&
	       a->visibility == b->visibility && a->slow_s == b->slow_s &&
	       a->archived_at == b->archived_at;
}

/* A room that was not slow owes nobody a wait. */
static bool
keep(struct store *store, struct room *room, int64_t user_no,
     const struct frame_room_info *next)
{
	bool by_invite = next->visibility == VISIBLE_BY_INVITE;
	char key[NAME_KEY_BYTES];

	if (!name_key(next->name, key) ||
	    !rooms_add_change(store, room, CHANGE_ROOM, 0, user_no) ||
	    !db_run(&store->db, SQL_set_room, "iittniii", room->room_no,
		    (int64_t)next->kind, next->name, slice_of(key),
		    next->description, (int64_t)by_invite,
		    (int64_t)next->slow_s, (int64_t)next->archived_at) ||
	    (next->slow_s == 0 &&
	     !db_run(&store->db, SQL_drop_slow, "i", room->room_no)))
		return false;
	room->kind = (enum room_kind)next->kind;
	room->by_invite = by_invite;
	room->slow_s = (int64_t)next->slow_s;
	room->archived_at = (int64_t)next->archived_at;
	rooms_judge(room);
	return true;
}

static void
tell(struct store *store, const struct frame_change_room *wish,
     const struct room *room, const struct frame_room_info *info,
     struct frame *answer)
{
	int64_t room_change = rooms_last_changed(store, room);

	*answer = (struct frame){ .kind = FRAME_room_changed };
	answer->room_changed.room = room->id;
	answer->room_changed.change = (uint64_t)room_change;
	answer->room_changed.actor = wish->actor;
	answer->room_changed.rooms = (frame_list){ info, 1 };
}

void
moderation_change_room(struct store *store, const struct frame *request,
		       struct frame *answer)
{
	static const struct uuid nobody;
	const struct frame_change_room *wish = &request->change_room;
	struct frame_room_info *info, was;
	struct standing who;
	struct room *room = roles_enter(store, &wish->room, &wish->actor,
					deed_of(wish), ROLE_NONE, &who, answer);

	if (room == NULL)
		return;
	info = listings_room(store, &nobody, &wish->room);
	if (info == NULL)
		return;
	was = *info;
	if (apply(store, wish, info, answer) &&
	    (is_same(&was, info) || keep(store, room, who.user_no, info)))
		tell(store, wish, room, info, answer);
}
