/* SPDX-License-Identifier: MIT */
/* store/users.c - see users.h. */
#include "store/users.h"

#include "proto/table.h"

#include <stdlib.h>

struct entry {
	struct user user; /* its name is `first_name`, or was allocated */
	char first_name[];
};

struct users {
	struct table entries;
	size_t cursor; /* where somebody was forgotten last */
};

struct users *
users_new(void)
{
	struct users *users = calloc(1, sizeof *users);

	if (users != NULL)
		users->entries = TABLE_OF(struct entry, user.id);
	return users;
}

static void
free_name(struct entry *entry)
{
	if (entry->user.name != entry->first_name)
		free((char *)entry->user.name);
}

void
users_forget(struct users *users, size_t kept)
{
	struct entry *entry;

	while (table_count(&users->entries) > kept) {
		entry = table_any(&users->entries, &users->cursor);
		table_remove(&users->entries, entry);
		free_name(entry);
		free(entry);
	}
}

void
users_free(struct users **users)
{
	if (*users == NULL)
		return;
	users_forget(*users, 0);
	free(*users);
	*users = NULL;
}

static void
copy_name(char *into, struct slice name)
{
	if (name.n > 0)
		memcpy(into, name.at, name.n);
	into[name.n] = '\0';
}

static bool
set_name(struct user *user, int64_t name_no, struct slice name)
{
	char *copy = malloc(name.n + 1);

	if (copy == NULL)
		return false;
	copy_name(copy, name);
	free_name((struct entry *)user);
	user->name = copy;
	user->name_bytes = (uint32_t)name.n;
	user->name_no = name_no;
	return true;
}

/* Copies what it is given. */
static struct user *
remember(struct store *store, const struct user *user, struct slice name)
{
	struct entry *entry = malloc(sizeof *entry + name.n + 1);

	if (entry != NULL) {
		entry->user = *user;
		entry->user.name = entry->first_name;
		entry->user.name_bytes = (uint32_t)name.n;
		copy_name(entry->first_name, name);
		if (table_add(&store->users->entries, entry) == 0)
			return &entry->user;
	}
	free(entry);
	db_note(&store->db, SQLITE_NOMEM);
	return NULL;
}

static struct user *
look_up(struct store *store, const struct uuid *id)
{
	struct user user = { .id = *id };
	struct user *found = NULL;
	struct entry *entry = table_find(&store->users->entries, id);
	struct slice name;
	sqlite3_stmt *q;

	if (entry != NULL)
		return &entry->user;
	q = db_ask(&store->db, SQL_find_user, "u", id);
	if (db_row(&store->db, q)) {
		user.user_no = sqlite3_column_int64(q, 0);
		user.number = sqlite3_column_int64(q, 1);
		user.name_no = sqlite3_column_int64(q, 2);
		name.at = (const char *)sqlite3_column_text(q, 3);
		name.n = (size_t)sqlite3_column_bytes(q, 3);
		found = remember(store, &user, name);
	}
	db_end(q);
	return found;
}

const struct user *
users_find(struct store *store, const struct uuid *id)
{
	return look_up(store, id);
}

/* 0: trouble. */
static int64_t
name_number(struct store *store, int64_t user_no, struct slice name)
{
	struct db *db = &store->db;
	int64_t name_no = db_number(db, SQL_find_name, "it", user_no, name);

	if (name_no == 0 && db_run(db, SQL_add_name, "it", user_no, name))
		name_no = sqlite3_last_insert_rowid(db->handle);
	return name_no;
}

static struct user *
add_user(struct store *store, const struct uuid *id, uint64_t number,
	 struct slice name)
{
	struct user user = { .id = *id, .number = (int64_t)number };
	struct db *db = &store->db;

	if (!db_run(db, SQL_add_user, "ui", id, user.number))
		return NULL;
	user.user_no = sqlite3_last_insert_rowid(db->handle);
	if (name.n > 0)
		user.name_no = name_number(store, user.user_no, name);
	if (db->trouble != 0 ||
	    (name.n > 0 && !db_run(db, SQL_set_user, "iii", user.user_no,
				   user.number, user.name_no)))
		return NULL;
	return remember(store, &user, name);
}

const struct user *
users_get(struct store *store, const struct uuid *id, uint64_t number,
	  struct slice name)
{
	struct user *user = look_up(store, id);
	struct slice had;
	int64_t name_no;

	if (user == NULL)
		return store->db.trouble == 0
			   ? add_user(store, id, number, name)
			   : NULL;
	had = (struct slice){ user->name, user->name_bytes };
	name_no = user->name_no;
	if (number == 0)
		number = (uint64_t)user->number;
	if (name.n == 0 || slice_equal(name, had))
		name = had;
	else
		name_no = name_number(store, user->user_no, name);
	if (name_no == user->name_no && (int64_t)number == user->number)
		return user;
	if (!db_run(&store->db, SQL_set_user, "iii", user->user_no,
		    (int64_t)number, name_no))
		return NULL;
	user->number = (int64_t)number;
	if (name.at != user->name && !set_name(user, name_no, name)) {
		db_note(&store->db, SQLITE_NOMEM);
		return NULL;
	}
	return user;
}
