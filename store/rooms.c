/* SPDX-License-Identifier: MIT */
/* store/rooms.c - see rooms.h. */
#include "store/rooms.h"

#include "proto/names.h"
#include "proto/table.h"
#include "store/listings.h"
#include "store/members.h"
#include "store/users.h"

#include <stdlib.h>

struct rooms {
	struct table entries;
	size_t cursor; /* where one was forgotten last */
};

struct rooms *
rooms_new(void)
{
	struct rooms *rooms = calloc(1, sizeof *rooms);

	if (rooms != NULL)
		rooms->entries = TABLE_OF(struct room, id);
	return rooms;
}

void
rooms_forget(struct rooms *rooms, size_t kept)
{
	struct room *room;

	while (table_count(&rooms->entries) > kept) {
		room = table_any(&rooms->entries, &rooms->cursor);
		table_remove(&rooms->entries, room);
		free(room);
	}
}

void
rooms_free(struct rooms **rooms)
{
	if (*rooms == NULL)
		return;
	rooms_forget(*rooms, 0);
	free(*rooms);
	*rooms = NULL;
}

static struct room *
remember(struct store *store, const struct room *room)
{
	struct room *entry = malloc(sizeof *entry);

	if (entry != NULL) {
		*entry = *room;
		if (table_add(&store->rooms->entries, entry) == 0)
			return entry;
	}
	free(entry);
	db_note(&store->db, SQLITE_NOMEM);
	return NULL;
}

void
rooms_judge(struct room *room)
{
	room->is_ordinary = room->sanctioned == 0 && room->slow_s == 0 &&
			    room->archived_at == 0;
}

uint64_t
rooms_user_bit(int64_t user_no)
{
	return UINT64_C(1) << ((uint64_t)user_no % 64);
}

/* Ends early where so many are that all bits are set. */
void
rooms_load_sanctioned(struct store *store, struct room *room)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_sanctioned, "i", room->room_no);

	room->sanctioned = 0;
	while (room->sanctioned != UINT64_MAX && db_row(db, q))
		room->sanctioned |= rooms_user_bit(sqlite3_column_int64(q, 0));
	db_end(q);
}

static bool
load(struct store *store, struct room *room)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_find_room, "u", &room->id);
	bool there = db_row(db, q);

	if (there) {
		room->room_no = sqlite3_column_int64(q, 0);
		room->kind = (enum room_kind)sqlite3_column_int(q, 1);
		room->head = sqlite3_column_int64(q, 2);
		room->change = sqlite3_column_int64(q, 3);
		room->by_invite = sqlite3_column_int(q, 4) != 0;
		room->slow_s = sqlite3_column_int64(q, 5);
		room->archived_at = sqlite3_column_int64(q, 6);
	}
	db_end(q);
	if (!there)
		return false;
	rooms_load_sanctioned(store, room);
	rooms_judge(room);
	if (room->head == 0)
		return db->trouble == 0;
	room->last_at =
	    db_number(db, SQL_last_at, "ii", room->room_no, room->head);
	return db->trouble == 0;
}

struct room *
rooms_find(struct store *store, const struct uuid *id)
{
	struct room room = { .id = *id };
	struct room *entry = table_find(&store->rooms->entries, id);

	if (entry != NULL)
		return entry;
	return load(store, &room) ? remember(store, &room) : NULL;
}

bool
rooms_add_change(struct store *store, struct room *room, enum change_kind kind,
		 int64_t number, int64_t user_no)
{
	if (!db_run(&store->db, SQL_add_change, "iiiiii", room->room_no,
		    room->change + 1, (int64_t)kind, number, user_no,
		    (int64_t)store->now_ms))
		return false;
	room->change++;
	return true;
}

int64_t
rooms_last_changed(struct store *store, const struct room *room)
{
	return db_number(&store->db, SQL_last_room_change, "i", room->room_no);
}

static void
answer_with_room(struct store *store, const struct frame_create_room *wish,
		 struct frame *answer)
{
	struct frame_room_info *info;

	info = listings_room(store, &wish->user, &wish->room);
	if (info == NULL) {
		refuse(answer, ERROR_room_not_found, "no such room");
		return;
	}
	*answer = (struct frame){ .kind = FRAME_rooms };
	answer->rooms.rooms = (frame_list){ info, 1 };
}

bool
rooms_is_taken(struct store *store, const char *key)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_room_named, "t", slice_of(key));
	bool taken = db_row(db, q);

	db_end(q);
	return taken;
}

static void
add_room(struct store *store, const struct frame_create_room *wish,
	 const char *key)
{
	char join_key[JOIN_KEY_BYTES];
	const struct user *maker;
	int64_t room_no;

	random_bytes(join_key, sizeof join_key);
	if (!db_run(&store->db, SQL_add_room, "uitnnibi", &wish->room,
		    (int64_t)wish->kind, wish->name, slice_of(key),
		    wish->description, (int64_t)store->now_ms,
		    (struct slice){ join_key, sizeof join_key },
		    (int64_t)(wish->visibility == VISIBLE_BY_INVITE)))
		return;
	room_no = sqlite3_last_insert_rowid(store->db.handle);
	if (uuid_is_nil(&wish->user))
		return;
	maker =
	    users_get(store, &wish->user, wish->user_number, wish->user_name);
	if (maker != NULL)
		members_add(store, maker->user_no, room_no, 0, 0, ROLE_OWNER);
}

/* Whether such a room can be; false after a refusal. Writes the key by which it
 * is found: none for a sealed one. */
static bool
check_wish(const struct frame_create_room *wish, char key[NAME_KEY_BYTES],
	   struct frame *answer)
{
	if (wish->kind == ROOM_DIRECT)
		return refuse_field(answer, "kind",
				    "direct rooms are opened, not made");
	if (wish->visibility != 0 &&
	    (wish->visibility == VISIBLE_PUBLIC) != (wish->kind == ROOM_PUBLIC))
		return refuse_field(answer, "visibility",
				    "does not fit the room's kind");
	if (!name_key(wish->name, key))
		return refuse_field(answer, "name",
				    "a name has 1 to 64 printable characters");
	if (wish->kind == ROOM_SEALED)
		key[0] = '\0';
	if (uuid_is_nil(&wish->user))
		return true;
	if (wish->kind == ROOM_SEALED)
		return refuse_field(answer, "user",
				    "a sealed room has no members");
	if (wish->user_number != 0)
		return true;
	refuse(answer, ERROR_not_allowed, "guests are no members");
	return false;
}

void
rooms_create(struct store *store, const struct frame *request,
	     struct frame *answer)
{
	const struct frame_create_room *wish = &request->create_room;
	const struct room *there = rooms_find(store, &wish->room);
	char key[NAME_KEY_BYTES];

	if (!check_wish(wish, key, answer))
		return;
	if (there != NULL && there->kind != wish->kind) {
		refuse(answer, ERROR_taken, "that id belongs to a room");
		return;
	}
	if (there == NULL) {
		if (key[0] != '\0' && rooms_is_taken(store, key)) {
			refuse(answer, ERROR_taken, "that name is taken");
			answer->refused.field = slice_of("name");
			return;
		}
		if (store->db.trouble == 0)
			add_room(store, wish, key);
	}
	answer_with_room(store, wish, answer);
}

void
rooms_get_heads(struct store *store, const struct frame *request,
		struct frame *answer)
{
	const frame_UUIDS *ids = &request->get_heads.rooms;
	struct frame_position *heads;
	const struct room *room;

	heads = arena_array(&store->arena, ids->n, sizeof *heads);
	if (heads == NULL) {
		db_note(&store->db, SQLITE_NOMEM);
		return;
	}
	for (size_t i = 0; i < ids->n; i++) {
		heads[i].room = ids->at[i];
		room = rooms_find(store, &ids->at[i]);
		if (room == NULL)
			continue;
		heads[i].known = true;
		heads[i].seq = (uint64_t)room->head;
		heads[i].change = (uint64_t)room->change;
	}
	*answer = (struct frame){ .kind = FRAME_heads };
	answer->heads.rooms = (frame_list){ heads, ids->n };
}
