/* SPDX-License-Identifier: MIT */
/* gateway/crowd.h - who gets a place when many come.
 *
 * A connection stands in line until it has sent a whole request, and again when
 * that is answered. Those in line may take half of the descriptors; where they
 * would take more, or where none is left, the one goes that waits longest at
 * the address with the longest line. So a flood displaces itself first, and
 * never whoever is being answered or has a WebSocket.
 */
#ifndef PARLEY_GATEWAY_CROWD_H
#define PARLEY_GATEWAY_CROWD_H

#include "gateway/connection.h"

/* Before a connection is taken: whether there is a place for it, if need be one
 * that somebody in line had to give up. */
bool crowd_make_room(struct gateway *gateway);

/* Ends a connection in line. False if nobody is. */
bool crowd_evict(struct gateway *gateway);

/* Counts a new connection for its address and lets it stand in line. Where its
 * address has too many it is marked `is_excess`: to be answered by 503. False
 * if there are too many even of those, or no memory; nothing is counted then.
 */
bool crowd_enter(struct connection *connection);

/* It has a request in hand: nobody may displace it. And: it has none. */
void crowd_serve(struct connection *connection);
void crowd_wait(struct connection *connection);

/* It may become a WebSocket. Behind a proxy that is trusted, the client's own
 * address counts from here on, too: false if it has too many, or without
 * memory. */
bool crowd_forward(struct connection *connection);

/* It becomes one: that address alone counts, and it stands in no line. */
void crowd_settle(struct connection *connection);

/* It ends: what it counted for is given back. */
void crowd_leave(struct connection *connection);

#endif
