/* SPDX-License-Identifier: MIT */
/* presence/people.h - who the users and guests are that have connections.
 *
 * One record each, shared by all that refer to it: their connections, and the
 * rooms that they are in.
 */
#ifndef PARLEY_PRESENCE_PEOPLE_H
#define PARLEY_PRESENCE_PEOPLE_H

#include "proto/slice.h"
#include "proto/table.h"
#include "proto/uuid.h"

struct person {
	struct uuid user;
	uint64_t number; /* 0: a guest */
	uint32_t references;
	uint16_t name_bytes;
	uint16_t name_room; /* a longer one is elsewhere: see person_name() */
	char name[];
};

struct people {
	struct table all;
};

/* Makes it nobody. What has no one needs no end. */
void people_init(struct people *people);

/* Finds or makes the record and takes a reference. A new name (at most 65535
 * bytes) of a known user replaces the old one. Copies all. NULL with errno
 * ENOMEM. */
struct person *people_take(struct people *people, const struct uuid *user,
			   uint64_t number, struct slice name);

/* One more reference to a record that one has. Returns it. */
struct person *people_share(struct person *person);

/* Gives a reference back; with the last one the record goes. */
void people_release(struct people *people, struct person *person);

/* Without a reference; or NULL. */
struct person *people_find(const struct people *people,
			   const struct uuid *user);

/* Borrowed until the name changes, or the person goes. */
struct slice person_name(const struct person *person);

size_t people_count(const struct people *people);

#endif
