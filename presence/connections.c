/* SPDX-License-Identifier: MIT */
/* presence/connections.c - gateways by name, their connections by number, and
 * the stays of each connection in a small array.
 */
#include "presence/connections.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct connection {
	uint64_t number;
	uint64_t serial; /* no other one ever has it, in whatever gateway */
	struct gateway *gateway;
	struct claimant claimant;
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
stop_typing(struct connections *connections,
	    const struct connection *connection, const struct uuid *room,
	    uint64_t now_ms)
{
	if (connection->has_typed)
		typing_leave(connections->parts.typing, room,
			     &connection->claimant.person->user,
			     connection->serial, now_ms);
}

/* Ends one stay of the connection by the will of who is there. */
static void
end_stay(struct connections *connections, struct connection *connection,
	 struct stay *stay, uint64_t now_ms)
{
	stop_typing(connections, connection, stay_room(stay), now_ms);
	rooms_end_stay(connections->parts.rooms, stay);
	*stay = connection->stays[--connection->n];
}

/* The connection is no more; what is left of it is held. */
static void
lose_connection(struct connections *connections, struct connection *connection,
		uint64_t now_ms)
{
	struct gateway *gateway = connection->gateway;
	const struct leavings leavings = { &connection->claimant,
					   connection->stays, connection->n,
					   gateway->name, gateway->epoch };

	for (size_t i = 0; i < connection->n; i++)
		stop_typing(connections, connection,
			    stay_room(&connection->stays[i]), now_ms);
	grace_hold(connections->parts.grace, &leavings, now_ms);
	HASH_DELETE(hh, gateway->connections, connection);
	connections->count--;
	free(connection);
}

void
connections_close(struct connections *connections,
		  struct connection *connection, uint64_t now_ms)
{
	bool is_guest = connection->claimant.person->number == 0;

	claims_release_all(connections->parts.claims, &connection->claimant);
	while (is_guest && connection->n > 0)
		end_stay(connections, connection,
			 &connection->stays[connection->n - 1], now_ms);
	lose_connection(connections, connection, now_ms);
}

static void
lose_all(struct connections *connections, struct gateway *gateway,
	 uint64_t now_ms)
{
	struct connection *connection, *next;

	HASH_ITER (hh, gateway->connections, connection, next) {
		lose_connection(connections, connection, now_ms);
	}
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
	connection->gateway = gateway;
	connection->claimant.person =
	    people_take(connections->parts.people, &opened->user,
			opened->user_number, opened->user_name);
	if (connection->claimant.person == NULL) {
		free(connection);
		return NULL;
	}
	HASH_ADD(hh, gateway->connections, number, sizeof(connection->number),
		 connection);
	if (connection->hh.tbl == NULL) {
		people_release(connections->parts.people,
			       connection->claimant.person);
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
	const struct occupant *occupant = rooms_find(
	    connections->parts.rooms, room, connection->claimant.person);

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
	if (rooms_begin_stay(rooms, room, connection->claimant.person, visit,
			     &stay) != 0)
		return -1;
	if (known == NULL) {
		connection->stays[connection->n++] = stay;
		return 0;
	}
	rooms_end_stay(rooms, known);
	*known = stay;
	return 0;
}

static void
replace_connection(struct connections *connections,
		   struct connection *connection, const struct uuid *by,
		   uint64_t now_ms)
{
	if (uuid_equal(connection_user(connection), by))
		lose_connection(connections, connection, now_ms);
	else
		connections_close(connections, connection, now_ms);
}

int
connections_open(struct connections *connections, struct gateway *gateway,
		 const struct frame_opened *opened, uint64_t now_ms)
{
	struct connection *connection =
	    connections_find(gateway, opened->connection);

	if (connection != NULL)
		replace_connection(connections, connection, &opened->user,
				   now_ms);
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

void
connections_exit(struct connections *connections, struct connection *connection,
		 const struct uuid *room, uint64_t now_ms)
{
	struct stay *stay = find_stay(connections, connection, room);

	claims_release(connections->parts.claims, &connection->claimant, room);
	if (stay != NULL)
		end_stay(connections, connection, stay, now_ms);
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
			    &connection->claimant.person->user,
			    connection->serial, now_ms);
}

static void
dismiss(struct connections *connections, struct claimant *claimant,
	const struct uuid *room)
{
	const struct connections_parts *parts = &connections->parts;
	const struct connection *connection;

	if (claimant->is_held) {
		grace_end(parts->grace, claimant);
		return;
	}
	connection =
	    (const struct connection *)((char *)claimant -
					offsetof(struct connection, claimant));
	parts->tell_unbound(parts->self, connection->gateway->name,
			    connection->gateway->epoch, connection->number,
			    room);
}

enum claims_verdict
connections_bind(struct connections *connections, struct connection *connection,
		 const struct frame_bind *wish, uint64_t unix_ms)
{
	struct claimant *loser;
	enum claims_verdict verdict =
	    claims_bind(connections->parts.claims, &connection->claimant, wish,
			unix_ms, &loser);

	if (loser != NULL)
		dismiss(connections, loser, &wish->room);
	return verdict;
}

const struct uuid *
connection_user(const struct connection *connection)
{
	return &connection->claimant.person->user;
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
