/* SPDX-License-Identifier: MIT */
/* presence/connections.h - the client connections of each gateway.
 *
 * A gateway numbers its connections itself and tells of each. What it tells of
 * a connection is turned into stays in rooms and into names; when the
 * connection closes, or the gateway is lost with all of them, the stays pass on
 * to the grace. A gateway that starts, or comes back, tells everything anew.
 *
 * A guest is somebody for one connection only: no grace when that closes. When
 * the gateway is lost guests are held as all others, names too: if it was but
 * the link, the same guests come again; if another epoch of that gateway comes,
 * they will not.
 */
#ifndef PARLEY_PRESENCE_CONNECTIONS_H
#define PARLEY_PRESENCE_CONNECTIONS_H

#include "proto/frame.h"

#include "presence/claims.h"
#include "presence/grace.h"
#include "presence/people.h"
#include "presence/rooms.h"
#include "presence/typing.h"

struct connections;
struct gateway;
struct connection;

/* Hears that the name which a connection had bound in a room is somebody
 * else's now; `gateway` is up in that epoch. */
typedef void connections_unbound_fn(void *self, const char *gateway,
				    uint64_t epoch, uint64_t number,
				    const struct uuid *room);

/* What connections act on; all of it stays the caller's. */
struct connections_parts {
	struct people *people;
	struct rooms *rooms;
	struct claims *claims;
	struct grace *grace;
	struct typing *typing;
	connections_unbound_fn *tell_unbound;
	void *self;
};

/* NULL with errno ENOMEM. */
struct connections *connections_new(const struct connections_parts *parts);

/* Closes all. Frees and sets *connections to NULL; NULL is fine. */
void connections_free(struct connections **connections, uint64_t now_ms);

/* A gateway begins to tell; connections that one of this name had are lost, and
 * if that was in another epoch its guests go at once. 0, or -1 with errno
 * ENOMEM. */
int connections_gateway_up(struct connections *connections, const char *name,
			   uint64_t epoch, uint64_t now_ms);

/* The gateway is lost, and its connections with it, unless a later start of it
 * has come up meanwhile. */
void connections_gateway_down(struct connections *connections, const char *name,
			      uint64_t epoch, uint64_t now_ms);

/* The gateway that is up by that name, in that epoch; or NULL. */
struct gateway *connections_find_gateway(const struct connections *connections,
					 const char *name, uint64_t epoch);

/* A connection has begun; one of that number that is known is replaced: it is
 * lost if it was the same user's, else closed. 0, or -1 with errno ENOMEM: then
 * it is in fewer rooms than it says, or unknown. */
int connections_open(struct connections *connections, struct gateway *gateway,
		     const struct frame_opened *opened, uint64_t now_ms);

/* The connection of a number, or NULL. */
struct connection *connections_find(const struct gateway *gateway,
				    uint64_t number);

/* The connection has ended, and with it what it had bound. */
void connections_close(struct connections *connections, struct gateway *gateway,
		       struct connection *connection, uint64_t now_ms);

/* The connection is in one more room, or is there as something else. 0, or -1
 * with errno ENOMEM. */
int connections_enter(struct connections *connections,
		      struct connection *connection, const struct uuid *room,
		      bool visit);

/* The connection is in that room no more, and has no name bound there; harmless
 * if it was not. */
void connections_exit(struct connections *connections,
		      struct connection *connection, const struct uuid *room,
		      uint64_t now_ms);

/* The user of this connection types in a room. 0, or -1 with errno ENOMEM, or
 * ENOENT if the connection is not in that room. */
int connections_type(struct connections *connections,
		     struct connection *connection, const struct uuid *room,
		     uint64_t now_ms);

/* The connection wants a name in a room; see claims_bind(). Whose name it was
 * has it no more: who was held is gone at once, who lives is told. */
enum claims_verdict connections_bind(struct connections *connections,
				     const struct gateway *gateway,
				     struct connection *connection,
				     const struct frame_bind *wish,
				     uint64_t unix_ms);

/* The user of the connection; valid as long as it is. */
const struct uuid *connection_user(const struct connection *connection);

size_t connections_count(const struct connections *connections);
size_t connections_gateways(const struct connections *connections);

#endif
