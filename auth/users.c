/* SPDX-License-Identifier: MIT */
/* auth/users.c - rows of users. */
#include "auth/users.h"

#include "proto/utf8.h"

#include <stdio.h>

/* Numbers behind a name are tried one by one so far, then at random. */
#define NUMBERED_TRIES 100
#define RANDOM_TRIES   20

/* So much of a wish leaves room for the longest number. */
#define WISH_BYTES_MAX 48

static void
copy_text(char *into, size_t room, struct slice text)
{
	size_t n = text.n < room ? text.n : room - 1;

	if (n > 0)
		memcpy(into, text.at, n);
	into[n] = '\0';
}

/* Ends the statement. */
static bool
read_user(struct database *db, sqlite3_stmt *q, struct user *user)
{
	bool found = database_row(db, q);

	if (found) {
		user->number = database_number(q, 0);
		user->id = database_uuid(q, 1);
		copy_text(user->name, sizeof user->name, database_text(q, 2));
		copy_text(user->email_key, sizeof user->email_key,
			  database_text(q, 3));
		copy_text(user->password, sizeof user->password,
			  database_text(q, 4));
		user->disabled = database_number(q, 5) != 0;
	}
	database_end(q);
	return found;
}

bool
users_find_id(struct database *db, const struct uuid *id, struct user *user)
{
	return read_user(db, database_ask(db, ASK_user_by_id, "u", id), user);
}

bool
users_find_number(struct database *db, uint64_t number, struct user *user)
{
	return read_user(db, database_ask(db, ASK_user_by_number, "i", number),
			 user);
}

bool
users_find_name(struct database *db, struct slice name, struct user *user)
{
	char key[NAME_KEY_BYTES];

	return name_key(name, key) &&
	       read_user(db,
			 database_ask(db, ASK_user_by_name, "t", slice_of(key)),
			 user);
}

bool
users_find_email(struct database *db, struct slice email, struct user *user)
{
	char key[EMAIL_BYTES_MAX + 1];

	return users_email_key(email, key) &&
	       read_user(
		   db, database_ask(db, ASK_user_by_email, "t", slice_of(key)),
		   user);
}

bool
users_email_key(struct slice email, char into[EMAIL_BYTES_MAX + 1])
{
	if (email.n > EMAIL_BYTES_MAX)
		return false;
	for (size_t i = 0; i < email.n; i++) {
		char c = email.at[i];

		into[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	into[email.n] = '\0';
	return true;
}

/* --- Names */

static bool
is_free_name(struct database *db, const char *name)
{
	struct user user;

	return name_is_valid(slice_of(name)) &&
	       !users_find_name(db, slice_of(name), &user) &&
	       !database_has_failed(db);
}

static bool
try_number(struct database *db, struct slice wish, unsigned number,
	   char into[NAME_MAX_BYTES + 1])
{
	snprintf(into, NAME_MAX_BYTES + 1, "%.*s%u", (int)wish.n, wish.at,
		 number);
	return is_free_name(db, into);
}

bool
users_make_name(struct database *db, struct slice wish,
		char into[NAME_MAX_BYTES + 1])
{
	unsigned number;

	wish.n = utf8_cut(wish.at, wish.n, WISH_BYTES_MAX);
	if (!name_is_valid(wish))
		wish = slice_of("user");
	copy_text(into, NAME_MAX_BYTES + 1, wish);
	if (is_free_name(db, into))
		return true;
	for (number = 2; number < NUMBERED_TRIES; number++)
		if (try_number(db, wish, number, into))
			return true;
	for (int i = 0; i < RANDOM_TRIES; i++) {
		random_bytes(&number, sizeof number);
		if (try_number(db, wish, number, into))
			return true;
	}
	return false;
}

/* --- Adding and changing */

/* 0 if the database failed. */
static uint64_t
take_number(struct database *db)
{
	sqlite3_stmt *q = database_ask(db, ASK_number_free, "");
	uint64_t number = 0;

	if (database_row(db, q))
		number = database_number(q, 0);
	database_end(q);
	if (number == 0 || !database_run(db, ASK_number_mark, "i", number + 1))
		return 0;
	return number;
}

/* What is missing of id, number and name. */
static bool
complete(struct database *db, const struct new_user *fresh, struct user *user)
{
	char wish[32];

	memset(user, 0, sizeof *user);
	user->id = fresh->id;
	if (uuid_is_nil(&user->id))
		uuid_make_v4(&user->id);
	user->number = fresh->number != 0 ? fresh->number : take_number(db);
	if (user->number == 0)
		return false;
	copy_text(user->name, sizeof user->name, fresh->name);
	copy_text(user->password, sizeof user->password, fresh->password);
	if (fresh->name.n > 0)
		return true;
	snprintf(wish, sizeof wish, "user-%llu",
		 (unsigned long long)user->number);
	return users_make_name(db, slice_of(wish), user->name);
}

bool
users_add(struct database *db, const struct new_user *fresh, uint64_t now_ms,
	  struct user *user)
{
	char key[NAME_KEY_BYTES];

	return complete(db, fresh, user) &&
	       name_key(slice_of(user->name), key) &&
	       users_email_key(fresh->email, user->email_key) &&
	       database_run(db, ASK_user_add, "iuttttttittti", user->number,
			    &user->id, slice_of(user->name), slice_of(key),
			    fresh->email, slice_of(user->email_key),
			    fresh->password, fresh->full_name, fresh->age,
			    fresh->date_of_birth, fresh->gender,
			    fresh->phone_number, now_ms);
}

bool
users_rename(struct database *db, struct user *user, struct slice name)
{
	char key[NAME_KEY_BYTES];
	struct user holder;

	if (!name_key(name, key) ||
	    (users_find_name(db, name, &holder) &&
	     holder.number != user->number) ||
	    !database_run(db, ASK_user_rename, "itt", user->number, name,
			  slice_of(key)))
		return false;
	copy_text(user->name, sizeof user->name, name);
	return true;
}

void
users_set_password(struct database *db, uint64_t number, const char *hash)
{
	database_run(db, ASK_user_password, "it", number, slice_of(hash));
}
