/* SPDX-License-Identifier: MIT */
/* gateway/connection_internal.h - what connection.c and connection_write.c
 * share and nobody else uses.
 */
#ifndef PARLEY_GATEWAY_CONNECTION_INTERNAL_H
#define PARLEY_GATEWAY_CONNECTION_INTERNAL_H

#include "gateway/connection.h"

/* The turn's end has work for it. */
void connection_mark_dirty(struct connection *connection);

/* The time as a connection notes it: the lower bits of loop_now_ms(). */
uint32_t connection_now_ms(const struct connection *connection);

/* Watches the socket for what the connection waits for now. */
void connection_watch(struct connection *connection);

/* Queues a parcel (held, not taken), whatever waits already. */
void connection_push(struct connection *connection, struct parcel *parcel);

/* Writes what waits, and goes on with whoever waited for that. May cut it. */
void connection_flush(struct connection *connection);

#endif
