/* SPDX-License-Identifier: MIT */
/* presence/connections.h - the client connections of each gateway.
 *
 * A gateway numbers its connections itself and tells of each. What it tells of
 * a connection is turned into stays in rooms; when the connection closes, or
 * the gateway is lost with all of them, the stays pass on to the grace. A
 * gateway that starts, or comes back, tells everything anew.
 */
#ifndef PARLEY_PRESENCE_CONNECTIONS_H
#define PARLEY_PRESENCE_CONNECTIONS_H

#include "proto/frame.h"

#include "presence/grace.h"
#include "presence/people.h"
#include "presence/rooms.h"
#include "presence/typing.h"

struct connections;
struct gateway;
struct connection;

/* What connections act on; all of it stays the caller's. */
struct connections_parts {
	struct people *people;
	struct rooms *rooms;
	struct grace *grace;
	struct typing *typing;
};

/* NULL with errno ENOMEM. */
struct connections *connections_new(const struct connections_parts *parts);

/* Closes all. Frees and sets *connections to NULL; NULL is fine. */
void connections_free(struct connections **connections, uint64_t now_ms);

/* A gateway begins to tell; connections that one of this name had are closed.
 * 0, or -1 with errno ENOMEM. */
int connections_gateway_up(struct connections *connections, const char *name,
			   uint64_t epoch, uint64_t now_ms);

/* The gateway is lost: closes its connections, unless a later start of it has
 * come up meanwhile. */
void connections_gateway_down(struct connections *connections, const char *name,
			      uint64_t epoch, uint64_t now_ms);

/* The gateway that is up by that name, in that epoch; or NULL. */
struct gateway *connections_find_gateway(const struct connections *connections,
					 const char *name, uint64_t epoch);

/* A connection has begun; one of that number that is known is replaced. 0, or
 * -1 with errno ENOMEM: then it is in fewer rooms than it says, or unknown. */
int connections_open(struct connections *connections, struct gateway *gateway,
		     const struct frame_opened *opened, uint64_t now_ms);

/* The connection of a number, or NULL. */
struct connection *connections_find(const struct gateway *gateway,
				    uint64_t number);

void connections_close(struct connections *connections, struct gateway *gateway,
		       struct connection *connection, uint64_t now_ms);

/* The connection is in one more room, or is there as something else. 0, or -1
 * with errno ENOMEM. */
int connections_enter(struct connections *connections,
		      struct connection *connection, const struct uuid *room,
		      bool visit);

/* The connection is in that room no more; harmless if it was not. */
void connections_exit(struct connections *connections,
		      struct connection *connection, const struct uuid *room,
		      uint64_t now_ms);

/* The user of this connection types in a room. 0, or -1 with errno ENOMEM, or
 * ENOENT if the connection is not in that room. */
int connections_type(struct connections *connections,
		     struct connection *connection, const struct uuid *room,
		     uint64_t now_ms);

/* The user of the connection; valid as long as it is. */
const struct uuid *connection_user(const struct connection *connection);

size_t connections_count(const struct connections *connections);
size_t connections_gateways(const struct connections *connections);

#endif
