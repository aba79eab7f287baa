/* SPDX-License-Identifier: MIT */
/* presence/people.h - who the users and guests are that have connections.
 *
 * One record each, shared by all that refer to it: their connections, and the
 * rooms that they are in.
 */
#ifndef PARLEY_PRESENCE_PEOPLE_H
#define PARLEY_PRESENCE_PEOPLE_H

#include "proto/slice.h"
#include "proto/uuid.h"

#include "proto/hash.h"

struct person {
	struct uuid user;
	uint64_t number; /* 0: a guest */
	struct slice name;
	size_t references;
	UT_hash_handle hh;
};

/* All zero is nobody. */
struct people {
	struct person *all;
};

/* Finds or makes the record and takes a reference. A new name of a known user
 * replaces the old one. Copies all. NULL with errno ENOMEM. */
struct person *people_take(struct people *people, const struct uuid *user,
			   uint64_t number, struct slice name);

/* One more reference to a record that one has. Returns it. */
struct person *people_share(struct person *person);

/* Gives a reference back; with the last one the record goes. */
void people_release(struct people *people, struct person *person);

/* Without a reference; or NULL. */
struct person *people_find(const struct people *people,
			   const struct uuid *user);

size_t people_count(const struct people *people);

#endif
