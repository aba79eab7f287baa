/* SPDX-License-Identifier: MIT */
/* store/users.h - who is known to the database, and by which name.
 *
 * Accounts belong to `auth`; here a user is the author or member that a frame
 * named, with the number and the name that came with it. Remembers the ones
 * last asked for.
 */
#ifndef PARLEY_STORE_USERS_H
#define PARLEY_STORE_USERS_H

#include "store/store.h"

#define USERS_KEPT 65536

struct user {
	struct uuid id;
	int64_t user_no;
	int64_t number;  /* 0: a guest */
	int64_t name_no; /* of the name it has now; 0: none was ever heard */
	const char *name;
	uint32_t name_bytes;
};

struct users *users_new(void);
void users_free(struct users **users);

/* Forgets some until `kept` are left. */
void users_forget(struct users *users, size_t kept);

/* The user, valid until users_forget(); NULL if there is none, or trouble. */
const struct user *users_find(struct store *store, const struct uuid *id);

/* As users_find(), but makes the user if need be and takes over a number and a
 * name that are new. An empty name or number 0 changes nothing. NULL: trouble.
 * Writes. */
const struct user *users_get(struct store *store, const struct uuid *id,
			     uint64_t number, struct slice name);

#endif
