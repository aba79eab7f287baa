/* SPDX-License-Identifier: MIT */
/* gateway/unfinished.h - what messages and requests that have begun and are not
 * whole hold in memory, over all connections.
 *
 * Each one is bounded in bytes and in time; but many together could hold all
 * memory that there is. So they share a bound, and where it is passed the one
 * that has waited longest is closed: who is slow gives way to who is not.
 */
#ifndef PARLEY_GATEWAY_UNFINISHED_H
#define PARLEY_GATEWAY_UNFINISHED_H

#include <stdint.h>

struct connection;

/* What one message or request has; to be embedded. */
struct unfinished {
	uint64_t since_ms; /* 0: it is whole, as far as was noticed */
	uint32_t bytes;    /* that count */
};

/* A connection has been heard: it may hold more or less than before. May close
 * it, or others: with 1013, or 503 where it is a request's body that comes. */
void unfinished_note(struct connection *connection);

/* Gives back what the connection holds. It is not heard again. */
void unfinished_release(struct connection *connection);

#endif
