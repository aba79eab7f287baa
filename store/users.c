/* SPDX-License-Identifier: MIT */
/* store/users.c - see users.h. */
#include "store/users.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM          1
#define uthash_nonfatal_oom(entry) ((entry)->lost = true)
#include <uthash.h>

struct entry {
	struct user user;
	bool lost; /* there was no memory to remember it */
	UT_hash_handle hh;
};

struct users {
	struct entry *entries; /* oldest first */
};

struct users *
users_new(void)
{
	return calloc(1, sizeof(struct users));
}

void
users_forget(struct users *users, size_t kept)
{
	struct entry *entry;

	while (HASH_COUNT(users->entries) > kept) {
		entry = users->entries;
		HASH_DEL(users->entries, entry);
		free((char *)entry->user.name);
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

static bool
set_name(struct user *user, int64_t name_no, struct slice name)
{
	char *copy = malloc(name.n + 1);

	if (copy == NULL)
		return false;
	if (name.n > 0)
		memcpy(copy, name.at, name.n);
	copy[name.n] = '\0';
	free((char *)user->name);
	user->name = copy;
	user->name_bytes = name.n;
	user->name_no = name_no;
	return true;
}

/* Copies what it is given. */
static struct user *
remember(struct store *store, const struct user *user, struct slice name)
{
	struct entry *entry = calloc(1, sizeof *entry);

	if (entry == NULL)
		goto fail;
	entry->user = *user;
	entry->user.name = NULL;
	if (!set_name(&entry->user, user->name_no, name))
		goto fail;
	HASH_ADD(hh, store->users->entries, user.id, sizeof entry->user.id,
		 entry);
	if (!entry->lost)
		return &entry->user;
	free((char *)entry->user.name);
fail:
	free(entry);
	db_note(&store->db, SQLITE_NOMEM);
	return NULL;
}

static struct user *
look_up(struct store *store, const struct uuid *id)
{
	struct user user = { .id = *id };
	struct user *found = NULL;
	struct entry *entry;
	struct slice name;
	sqlite3_stmt *q;

	HASH_FIND(hh, store->users->entries, id, sizeof *id, entry);
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

static struct user *
add_user(struct store *store, const struct uuid *id, uint64_t number)
{
	struct user user = { .id = *id, .number = (int64_t)number };

	if (!db_run(&store->db, SQL_add_user, "ui", id, user.number))
		return NULL;
	user.user_no = sqlite3_last_insert_rowid(store->db.handle);
	return remember(store, &user, (struct slice){ "", 0 });
}

/* 0: trouble. */
static int64_t
name_number(struct store *store, int64_t user_no, struct slice name)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_find_name, "it", user_no, name);
	int64_t name_no = 0;

	if (db_row(db, q))
		name_no = sqlite3_column_int64(q, 0);
	db_end(q);
	if (name_no == 0 && db_run(db, SQL_add_name, "it", user_no, name))
		name_no = sqlite3_last_insert_rowid(db->handle);
	return name_no;
}

const struct user *
users_get(struct store *store, const struct uuid *id, uint64_t number,
	  struct slice name)
{
	struct user *user = look_up(store, id);
	struct slice had;
	int64_t name_no;

	if (user == NULL && store->db.trouble == 0)
		user = add_user(store, id, number);
	if (user == NULL)
		return NULL;
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
