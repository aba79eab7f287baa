/* SPDX-License-Identifier: MIT */
/* presence/connection.c - a connection's place is the room of which it is a
 * member, or an extent with any stays and with names.
 */
#include "presence/connection.h"

#include <stdlib.h>

/* The lowest bit of a place that is an extent: no address has it. */
#define IS_EXTENT ((uintptr_t)1)

struct extent {
	struct names *names; /* NULL: it never had any */
	uint32_t n;
	uint32_t room;
	struct stay stays[];
};

/* NULL: it has none. */
static struct extent *
extent_of(const struct connection *connection)
{
	if ((connection->place & IS_EXTENT) == 0)
		return NULL;
	return (struct extent *)(connection->place & ~IS_EXTENT);
}

/* The only room of one without an extent; or NULL. */
static struct room *
only_room(const struct connection *connection)
{
	return (struct room *)connection->place;
}

struct connection *
connection_new(struct person *person, uint64_t number)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return NULL;
	connection->person = person;
	connection->number = number;
	return connection;
}

void
connection_free(struct connection *connection)
{
	struct extent *extent;

	if (connection == NULL)
		return;
	extent = extent_of(connection);
	if (extent != NULL)
		free(extent->names);
	free(extent);
	free(connection);
}

size_t
connection_stay_count(const struct connection *connection)
{
	const struct extent *extent = extent_of(connection);

	return extent == NULL ? only_room(connection) != NULL : extent->n;
}

struct stay
connection_stay(const struct connection *connection, size_t i)
{
	const struct extent *extent = extent_of(connection);

	if (extent == NULL)
		return (struct stay){ .room = only_room(connection) };
	return extent->stays[i];
}

/* Gives it an extent for so many stays, or a wider one. */
static struct extent *
extend(struct connection *connection, size_t n)
{
	struct extent *old = extent_of(connection), *extent;
	size_t room = old == NULL ? 1 : old->room;

	while (room < n)
		room *= 2;
	if (old != NULL && room == old->room)
		return old;
	extent = realloc(old, sizeof(*extent) + room * sizeof(*extent->stays));
	if (extent == NULL)
		return NULL;
	if (old == NULL) {
		extent->names = NULL;
		extent->n = (uint32_t)connection_stay_count(connection);
		extent->stays[0] = connection_stay(connection, 0);
	}
	extent->room = (uint32_t)room;
	connection->place = (uintptr_t)extent | IS_EXTENT;
	return extent;
}

int
connection_reserve(struct connection *connection, size_t n, bool visit)
{
	if (extent_of(connection) == NULL && n <= 1 && !visit)
		return 0;
	return extend(connection, n) == NULL ? -1 : 0;
}

void
connection_set_stay(struct connection *connection, size_t i, struct stay stay)
{
	struct extent *extent = extent_of(connection);

	if (extent == NULL) {
		connection->place = (uintptr_t)stay.room;
		return;
	}
	extent->stays[i] = stay;
	if (i == extent->n)
		extent->n++;
}

void
connection_remove_stay(struct connection *connection, size_t i)
{
	struct extent *extent = extent_of(connection);

	if (extent == NULL)
		connection->place = 0;
	else
		extent->stays[i] = extent->stays[--extent->n];
}

struct claimant *
connection_claimant(const struct connection *connection)
{
	struct extent *extent = extent_of(connection);

	if (extent == NULL || extent->names == NULL)
		return NULL;
	return &extent->names->claimant;
}

struct claimant *
connection_make_claimant(struct connection *connection,
			 const struct gateway *gateway)
{
	struct extent *extent = extend(connection, 1);

	if (extent == NULL)
		return NULL;
	if (extent->names == NULL)
		extent->names = calloc(1, sizeof(*extent->names));
	if (extent->names == NULL)
		return NULL;
	extent->names->claimant.person = connection->person;
	extent->names->gateway = gateway;
	extent->names->number = connection->number;
	return &extent->names->claimant;
}
