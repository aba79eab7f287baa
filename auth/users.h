/* SPDX-License-Identifier: MIT */
/* auth/users.h - who there is: ids, numbers, names, password hashes.
 *
 * A look-up is some microseconds of SQLite's page cache. Nothing is kept beside
 * it: several processes may share one database, and none tells an old name.
 */
#ifndef PARLEY_AUTH_USERS_H
#define PARLEY_AUTH_USERS_H

#include "auth/database.h"
#include "auth/passwords.h"
#include "proto/names.h"

#define EMAIL_BYTES_MAX 254

struct user {
	uint64_t number;
	struct uuid id;
	char name[NAME_MAX_BYTES + 1];
	char email_key[EMAIL_BYTES_MAX + 1]; /* empty: none */
	char password[PASSWORD_HASH_BYTES];  /* empty: cannot log in */
	bool disabled;
};

/* What a new user brings; what is empty, 0 or nil is made here or not known. */
struct new_user {
	struct uuid id;
	uint64_t number;
	struct slice name;
	struct slice email;
	struct slice password; /* encoded hash */
	struct slice full_name;
	uint64_t age;
	struct slice date_of_birth;
	struct slice gender;
	struct slice phone_number;
};

/* False if there is none, or if the database failed: it remembers. */
bool users_find_id(struct database *db, const struct uuid *id,
		   struct user *user);
bool users_find_number(struct database *db, uint64_t number, struct user *user);
bool users_find_name(struct database *db, struct slice name, struct user *user);
bool users_find_email(struct database *db, struct slice email,
		      struct user *user);

/* What e-mail addresses are compared by. False if `email` is longer than
 * EMAIL_BYTES_MAX. */
bool users_email_key(struct slice email, char into[EMAIL_BYTES_MAX + 1]);

/* A name like `wish` that nobody has: itself, or with a number behind it. False
 * if there is none, or the database failed. */
bool users_make_name(struct database *db, struct slice wish,
		     char into[NAME_MAX_BYTES + 1]);

/* Adds a user; without a name it is `user-NUMBER`. The caller has looked
 * whether id, number, name and e-mail are free, in the same transaction. False
 * if the database failed. */
bool users_add(struct database *db, const struct new_user *fresh,
	       uint64_t now_ms, struct user *user);

/* Gives the user another, valid name. False if somebody else has it, or the
 * database failed. */
bool users_rename(struct database *db, struct user *user, struct slice name);

void users_set_password(struct database *db, uint64_t number, const char *hash);

#endif
