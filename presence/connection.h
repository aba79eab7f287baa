/* SPDX-License-Identifier: MIT */
/* presence/connection.h - what is kept of one connection: its stays, its names.
 *
 * Nearly every connection is a member of one room and has no name in any: so
 * little is kept of it. More is kept of one that is more.
 */
#ifndef PARLEY_PRESENCE_CONNECTION_H
#define PARLEY_PRESENCE_CONNECTION_H

#include "presence/claims.h"
#include "presence/people.h"
#include "presence/rooms.h"

struct connection {
	struct person *person;
	uint64_t number;
	uintptr_t place; /* a room, or more than that: see connection.c */
};

struct gateway;

/* The names that a connection has bound, and where it is told of their loss. */
struct names {
	struct claimant claimant;
	const struct gateway *gateway;
	uint64_t number;
};

/* In no room and without names. The reference to the person stays the caller's
 * to give back. NULL with errno ENOMEM. */
struct connection *connection_new(struct person *person, uint64_t number);

/* Frees its memory alone: stays, names and the person are somebody else's by
 * then. NULL is fine. */
void connection_free(struct connection *connection);

/* How many stays it has, and one of them by its place. */
size_t connection_stay_count(const struct connection *connection);
struct stay connection_stay(const struct connection *connection, size_t i);

/* Makes sure that it can have `n` stays, of which one is of this kind. 0, or -1
 * with errno ENOMEM. */
int connection_reserve(struct connection *connection, size_t n, bool visit);

/* Sets a stay, or adds it if `i` is how many there are. There must be room. */
void connection_set_stay(struct connection *connection, size_t i,
			 struct stay stay);

/* The last one comes into its place. */
void connection_remove_stay(struct connection *connection, size_t i);

/* Who has its names; NULL if it never had one. */
struct claimant *connection_claimant(const struct connection *connection);

/* The same, made if need be. NULL with errno ENOMEM. */
struct claimant *connection_make_claimant(struct connection *connection,
					  const struct gateway *gateway);

#endif
