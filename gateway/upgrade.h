/* SPDX-License-Identifier: MIT */
/* gateway/upgrade.h - from an HTTP request to a WebSocket connection.
 */
#ifndef PARLEY_GATEWAY_UPGRADE_H
#define PARLEY_GATEWAY_UPGRADE_H

struct connection;

/* Answers the connection's request, which asks for an upgrade: 101, or an error
 * before anything is upgraded. Never an upgrade that is closed afterwards. */
void upgrade_begin(struct connection *connection);

#endif
