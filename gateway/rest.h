/* SPDX-License-Identifier: MIT */
/* gateway/rest.h - plain HTTP requests: which handler answers which path.
 */
#ifndef PARLEY_GATEWAY_REST_H
#define PARLEY_GATEWAY_REST_H

#include "gateway/connection.h"

/* Answers the connection's request, now or later; its head and body are in
 * connection->http. Upgrades to WebSocket do not come here. */
void rest_serve(struct connection *connection);

#endif
