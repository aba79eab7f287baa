/* SPDX-License-Identifier: MIT */
/* presence/connections.c - gateways by name, their connections by number, and
 * the stays of each connection in a small array.
 */
#include "presence/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct connection {
	uint64_t number;
	uint64_t serial; /* no other one ever has it, in whatever gateway */
	struct person *person;
	struct stay *stays;
	size_t n;
	size_t room;
	bool has_typed;
	UT_hash_handle hh;
};

struct gateway {
	char *name;
	uint64_t epoch;
	struct connection *connections;
	UT_hash_handle hh;
};

struct connections {
	struct connections_parts parts;
	struct gateway *gateways;
	uint64_t last_serial;
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

static void
close_all(struct connections *connections, struct gateway *gateway,
	  uint64_t now_ms)
{
	struct connection *connection, *next;

	HASH_ITER (hh, gateway->connections, connection, next) {
		connections_close(connections, gateway, connection, now_ms);
	}
}

static void
remove_gateway(struct connections *connections, struct gateway *gateway,
	       uint64_t now_ms)
{
	close_all(connections, gateway, now_ms);
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
		close_all(connections, gateway, now_ms);
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
	struct connection *connection;

	HASH_FIND(hh, gateway->connections, &number, sizeof(number),
		  connection);
	return connection;
}

static struct connection *
add_connection(struct connections *connections, struct gateway *gateway,
	       const struct frame_opened *opened)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return NULL;
	connection->number = opened->connection;
	connection->person =
	    people_take(connections->parts.people, &opened->user,
			opened->user_number, opened->user_name);
	if (connection->person == NULL) {
		free(connection);
		return NULL;
	}
	HASH_ADD(hh, gateway->connections, number, sizeof(connection->number),
		 connection);
	if (connection->hh.tbl == NULL) {
		people_release(connections->parts.people, connection->person);
		free(connection);
		errno = ENOMEM;
		return NULL;
	}
	connection->serial = ++connections->last_serial;
	connections->count++;
	return connection;
}

/* The connection's stay in a room, or NULL. */
static struct stay *
find_stay(const struct connections *connections,
	  const struct connection *connection, const struct uuid *room)
{
	const struct occupant *occupant =
	    rooms_find(connections->parts.rooms, room, connection->person);

	if (occupant == NULL || !occupant_is_live(occupant))
		return NULL;
	for (size_t i = 0; i < connection->n; i++)
		if (connection->stays[i].occupant == occupant)
			return &connection->stays[i];
	return NULL;
}

static int
reserve_stays(struct connection *connection, size_t n)
{
	size_t room = connection->room == 0 ? 1 : connection->room;
	struct stay *stays;

	while (room < n)
		room *= 2;
	if (room == connection->room)
		return 0;
	stays = reallocarray(connection->stays, room, sizeof(*stays));
	if (stays == NULL)
		return -1;
	connection->stays = stays;
	connection->room = room;
	return 0;
}

int
connections_enter(struct connections *connections,
		  struct connection *connection, const struct uuid *room,
		  bool visit)
{
	struct rooms *rooms = connections->parts.rooms;
	struct stay *known = find_stay(connections, connection, room);
	struct stay stay;

	if (known != NULL && known->visit == visit)
		return 0;
	if (known == NULL && reserve_stays(connection, connection->n + 1) != 0)
		return -1;
	if (rooms_begin_stay(rooms, room, connection->person, visit, &stay) !=
	    0)
		return -1;
	if (known == NULL) {
		connection->stays[connection->n++] = stay;
		return 0;
	}
	rooms_end_stay(rooms, known);
	*known = stay;
	return 0;
}

int
connections_open(struct connections *connections, struct gateway *gateway,
		 const struct frame_opened *opened, uint64_t now_ms)
{
	struct connection *connection =
	    connections_find(gateway, opened->connection);

	if (connection != NULL)
		connections_close(connections, gateway, connection, now_ms);
	connection = add_connection(connections, gateway, opened);
	if (connection == NULL ||
	    reserve_stays(connection, opened->rooms.n) != 0)
		return -1;
	for (size_t i = 0; i < opened->rooms.n; i++)
		if (connections_enter(connections, connection,
				      &opened->rooms.at[i], false) != 0)
			return -1;
	return 0;
}

static void
stop_typing(struct connections *connections,
	    const struct connection *connection, const struct uuid *room,
	    uint64_t now_ms)
{
	if (connection->has_typed)
		typing_leave(connections->parts.typing, room,
			     &connection->person->user, connection->serial,
			     now_ms);
}

void
connections_close(struct connections *connections, struct gateway *gateway,
		  struct connection *connection, uint64_t now_ms)
{
	for (size_t i = 0; i < connection->n; i++)
		stop_typing(connections, connection,
			    stay_room(&connection->stays[i]), now_ms);
	grace_add(connections->parts.grace, connection->stays, connection->n,
		  now_ms);
	HASH_DELETE(hh, gateway->connections, connection);
	people_release(connections->parts.people, connection->person);
	connections->count--;
	free(connection);
}

void
connections_exit(struct connections *connections, struct connection *connection,
		 const struct uuid *room, uint64_t now_ms)
{
	struct stay *stay = find_stay(connections, connection, room);

	if (stay == NULL)
		return;
	stop_typing(connections, connection, room, now_ms);
	rooms_end_stay(connections->parts.rooms, stay);
	*stay = connection->stays[--connection->n];
}

int
connections_type(struct connections *connections, struct connection *connection,
		 const struct uuid *room, uint64_t now_ms)
{
	if (find_stay(connections, connection, room) == NULL) {
		errno = ENOENT;
		return -1;
	}
	connection->has_typed = true;
	return typing_begin(connections->parts.typing, room,
			    &connection->person->user, connection->serial,
			    now_ms);
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
