/* SPDX-License-Identifier: MIT */
/* presence/grace.h - what connections leave behind: their stays and names.
 *
 * They count for a while longer, so that a brief reconnect is not heard of:
 * when it is over, the new connection's stays have long begun. The grace is the
 * same for all, so the list is in order by itself.
 */
#ifndef PARLEY_PRESENCE_GRACE_H
#define PARLEY_PRESENCE_GRACE_H

#include "presence/claims.h"
#include "presence/connection.h"
#include "presence/rooms.h"

#define GRACE_MS 3000

/* Connections whose stays are dropped in one turn. */
#define GRACE_TURN_CONNECTIONS 2000

struct grace;

/* What it acts on; all of it stays the caller's. */
struct grace_parts {
	struct people *people;
	struct rooms *rooms;
	struct claims *claims;
};

/* A connection that has ended, and of which gateway it was. */
struct leavings {
	const struct connection *connection;
	const char *gateway;
	uint64_t epoch;
};

/* NULL with errno ENOMEM. `grace_ms` is how long. */
struct grace *grace_new(const struct grace_parts *parts, uint64_t grace_ms);

/* Ends all that is held. Frees and sets *grace to NULL; NULL is fine. */
void grace_free(struct grace **grace);

/* Holds for a while what is left of a connection: its stays and its names; if
 * there are none, there is nothing to hold. Takes these and the reference to
 * the person, not the connection itself. Without memory it ends at once. */
void grace_hold(struct grace *grace, const struct leavings *leavings,
		uint64_t now_ms);

/* Ends now what is held for a claimant that is_held. */
void grace_end(struct grace *grace, struct claimant *claimant);

/* The guests that a gateway of that name had in another epoch will not come
 * again: they are due now. */
void grace_end_guests(struct grace *grace, const char *gateway, uint64_t epoch);

/* Ends what is due. */
void grace_turn(struct grace *grace, uint64_t now_ms);

/* When grace_turn() has something to do; ROOMS_NEVER: nothing. */
uint64_t grace_due_ms(const struct grace *grace);

/* Closed connections that are held. */
size_t grace_count(const struct grace *grace);

#endif
