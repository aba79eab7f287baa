/* SPDX-License-Identifier: MIT */
/* presence/connections.c - gateways by name, their connections by number. */
#include "presence/connections.h"

#include "proto/hash.h"

#include "presence/connection.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct gateway {
	char *name;
	uint64_t epoch;
	struct table connections;
	UT_hash_handle hh;
};

struct connections {
	struct connections_parts parts;
	struct gateway *gateways;
	size_t count;
};

struct connections *
connections_new(const struct connections_parts *parts)
{
	struct connections *connections = calloc(1, sizeof(*connections));

	if (connections != NULL)
		connections->parts = *parts;
	return connections;
}

static struct gateway *
find_gateway(const struct connections *connections, const char *name)
{
	struct gateway *gateway;

	HASH_FIND_STR(connections->gateways, name, gateway);
	return gateway;
}

static struct gateway *
add_gateway(struct connections *connections, const char *name)
{
	struct gateway *gateway = calloc(1, sizeof(*gateway));

	if (gateway == NULL)
		return NULL;
	gateway->connections = TABLE_OF(struct connection, number);
	gateway->name = strdup(name);
	if (gateway->name != NULL) {
		HASH_ADD_KEYPTR(hh, connections->gateways, gateway->name,
				strlen(gateway->name), gateway);
		if (gateway->hh.tbl != NULL)
			return gateway;
	}
	free(gateway->name);
	free(gateway);
	errno = ENOMEM;
	return NULL;
}

/* Its place among the stays, or how many they are. */
static size_t
find_stay(const struct connections *connections,
	  const struct connection *connection, const struct uuid *id)
{
	const struct room *room =
	    rooms_find_live(connections->parts.rooms, id, connection->person);
	size_t i = 0, n = connection_stay_count(connection);

	if (room == NULL)
		return n;
	while (i < n && connection_stay(connection, i).room != room)
		i++;
	return i;
}

/* Typing knows a connection by its address. */
static uint64_t
typing_number(const struct connection *connection)
{
	return (uint64_t)(uintptr_t)connection;
}

static void
stop_typing(struct connections *connections,
	    const struct connection *connection, const struct stay *stay,
	    uint64_t now_ms)
{
	typing_leave(connections->parts.typing, stay_room(stay),
		     &connection->person->user, typing_number(connection),
		     now_ms);
}

/* Ends one stay of the connection by the will of who is there. */
static void
end_stay(struct connections *connections, struct connection *connection,
	 size_t i, uint64_t now_ms)
{
	struct stay stay = connection_stay(connection, i);

	stop_typing(connections, connection, &stay, now_ms);
	rooms_end_stay(connections->parts.rooms, connection->person, &stay);
	connection_remove_stay(connection, i);
}

/* The connection is no more; what is left of it is held. */
static void
lose_connection(struct connections *connections, struct gateway *gateway,
		struct connection *connection, uint64_t now_ms)
{
	const struct leavings leavings = { connection, gateway->name,
					   gateway->epoch };
	size_t n = connection_stay_count(connection);
	struct stay stay;

	for (size_t i = 0; i < n; i++) {
		stay = connection_stay(connection, i);
		stop_typing(connections, connection, &stay, now_ms);
	}
	grace_hold(connections->parts.grace, &leavings, now_ms);
	table_remove(&gateway->connections, connection);
	connections->count--;
	connection_free(connection);
}

void
connections_close(struct connections *connections, struct gateway *gateway,
		  struct connection *connection, uint64_t now_ms)
{
	struct claimant *claimant = connection_claimant(connection);
	bool is_guest = connection->person->number == 0;
	size_t n = connection_stay_count(connection);

	if (claimant != NULL)
		claims_release_all(connections->parts.claims, claimant);
	while (is_guest && n > 0)
		end_stay(connections, connection, --n, now_ms);
	lose_connection(connections, gateway, connection, now_ms);
}

static void
lose_all(struct connections *connections, struct gateway *gateway,
	 uint64_t now_ms)
{
	struct connection *connection;
	size_t cursor = 0;

	while ((connection = table_next(&gateway->connections, &cursor)) !=
	       NULL)
		lose_connection(connections, gateway, connection, now_ms);
}

static void
remove_gateway(struct connections *connections, struct gateway *gateway,
	       uint64_t now_ms)
{
	lose_all(connections, gateway, now_ms);
	HASH_DELETE(hh, connections->gateways, gateway);
	free(gateway->name);
	free(gateway);
}

void
connections_free(struct connections **connections, uint64_t now_ms)
{
	struct gateway *gateway, *next;

	if (*connections == NULL)
		return;
	HASH_ITER (hh, (*connections)->gateways, gateway, next) {
		remove_gateway(*connections, gateway, now_ms);
	}
	free(*connections);
	*connections = NULL;
}

int
connections_gateway_up(struct connections *connections, const char *name,
		       uint64_t epoch, uint64_t now_ms)
{
	struct gateway *gateway = find_gateway(connections, name);

	if (gateway == NULL)
		gateway = add_gateway(connections, name);
	else
		lose_all(connections, gateway, now_ms);
	grace_end_guests(connections->parts.grace, name, epoch);
	if (gateway == NULL)
		return -1;
	gateway->epoch = epoch;
	return 0;
}

void
connections_gateway_down(struct connections *connections, const char *name,
			 uint64_t epoch, uint64_t now_ms)
{
	struct gateway *gateway =
	    connections_find_gateway(connections, name, epoch);

	if (gateway != NULL)
		remove_gateway(connections, gateway, now_ms);
}

struct gateway *
connections_find_gateway(const struct connections *connections,
			 const char *name, uint64_t epoch)
{
	struct gateway *gateway = find_gateway(connections, name);

	return gateway != NULL && gateway->epoch == epoch ? gateway : NULL;
}

struct connection *
connections_find(const struct gateway *gateway, uint64_t number)
{
	return table_find(&gateway->connections, &number);
}

static struct connection *
add_connection(struct connections *connections, struct gateway *gateway,
	       const struct frame_opened *opened)
{
	struct people *people = connections->parts.people;
	struct connection *connection;
	struct person *person = people_take(
	    people, &opened->user, opened->user_number, opened->user_name);

	if (person == NULL)
		return NULL;
	connection = connection_new(person, opened->connection);
	if (connection == NULL ||
	    table_add(&gateway->connections, connection) != 0) {
		connection_free(connection);
		people_release(people, person);
		errno = ENOMEM;
		return NULL;
	}
	connections->count++;
	return connection;
}

int
connections_enter(struct connections *connections,
		  struct connection *connection, const struct uuid *room,
		  bool visit)
{
	struct rooms *rooms = connections->parts.rooms;
	size_t n = connection_stay_count(connection);
	size_t i = find_stay(connections, connection, room);
	struct stay stay, known = { 0 };

	if (i < n)
		known = connection_stay(connection, i);
	if (i < n && known.visit == visit)
		return 0;
	if (connection_reserve(connection, i < n ? n : n + 1, visit) != 0 ||
	    rooms_begin_stay(rooms, room, connection->person, visit, &stay) !=
		0)
		return -1;
	if (i < n)
		rooms_end_stay(rooms, connection->person, &known);
	connection_set_stay(connection, i, stay);
	return 0;
}

static void
replace_connection(struct connections *connections, struct gateway *gateway,
		   struct connection *connection, const struct uuid *by,
		   uint64_t now_ms)
{
	if (uuid_equal(connection_user(connection), by))
		lose_connection(connections, gateway, connection, now_ms);
	else
		connections_close(connections, gateway, connection, now_ms);
}

int
connections_open(struct connections *connections, struct gateway *gateway,
		 const struct frame_opened *opened, uint64_t now_ms)
{
	struct connection *connection =
	    connections_find(gateway, opened->connection);

	if (connection != NULL)
		replace_connection(connections, gateway, connection,
				   &opened->user, now_ms);
	connection = add_connection(connections, gateway, opened);
	if (connection == NULL ||
	    connection_reserve(connection, opened->rooms.n, false) != 0)
		return -1;
	for (size_t i = 0; i < opened->rooms.n; i++)
		if (connections_enter(connections, connection,
				      &opened->rooms.at[i], false) != 0)
			return -1;
	return 0;
}

void
connections_exit(struct connections *connections, struct connection *connection,
		 const struct uuid *room, uint64_t now_ms)
{
	struct claimant *claimant = connection_claimant(connection);
	size_t i = find_stay(connections, connection, room);

	if (claimant != NULL)
		claims_release(connections->parts.claims, claimant, room);
	if (i < connection_stay_count(connection))
		end_stay(connections, connection, i, now_ms);
}

int
connections_type(struct connections *connections, struct connection *connection,
		 const struct uuid *room, uint64_t now_ms)
{
	if (find_stay(connections, connection, room) ==
	    connection_stay_count(connection)) {
		errno = ENOENT;
		return -1;
	}
	return typing_begin(connections->parts.typing, room,
			    &connection->person->user,
			    typing_number(connection), now_ms);
}

static void
dismiss(struct connections *connections, struct claimant *claimant,
	const struct uuid *room)
{
	const struct connections_parts *parts = &connections->parts;
	const struct names *names;

	if (claimant->is_held) {
		grace_end(parts->grace, claimant);
		return;
	}
	names = (const struct names *)((char *)claimant -
				       offsetof(struct names, claimant));
	parts->tell_unbound(parts->self, names->gateway->name,
			    names->gateway->epoch, names->number, room);
}

enum claims_verdict
connections_bind(struct connections *connections, const struct gateway *gateway,
		 struct connection *connection, const struct frame_bind *wish,
		 uint64_t unix_ms)
{
	struct claimant *claimant =
	    connection_make_claimant(connection, gateway);
	struct claimant *loser;
	enum claims_verdict verdict;

	if (claimant == NULL)
		return CLAIMS_NO_MEMORY;
	verdict = claims_bind(connections->parts.claims, claimant, wish,
			      unix_ms, &loser);
	if (loser != NULL)
		dismiss(connections, loser, &wish->room);
	return verdict;
}

const struct uuid *
connection_user(const struct connection *connection)
{
	return &connection->person->user;
}

size_t
connections_count(const struct connections *connections)
{
	return connections->count;
}

size_t
connections_gateways(const struct connections *connections)
{
	return HASH_COUNT(connections->gateways);
}
