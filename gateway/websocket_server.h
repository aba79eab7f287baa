/* SPDX-License-Identifier: MIT */
/* gateway/websocket_server.h - the WebSocket half of a connection: takes frames
 * apart and hands messages to the client, answers pings and closes.
 */
#ifndef PARLEY_GATEWAY_WEBSOCKET_SERVER_H
#define PARLEY_GATEWAY_WEBSOCKET_SERVER_H

#include "gateway/connection.h"

/* Hears what the client sent; changes the bytes. */
void websocket_hear(struct connection *connection, uint8_t *bytes, size_t n);

/* Hears what came while the connection was paused. */
void websocket_go_on(struct connection *connection);

/* Sends a whole frame; the payload is copied. */
void websocket_say(struct connection *connection, enum websocket_opcode opcode,
		   struct slice payload);

#endif
