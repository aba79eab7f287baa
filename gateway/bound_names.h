/* SPDX-License-Identifier: MIT */
/* gateway/bound_names.h - names of guests, which presence keeps apart in each
 * room.
 */
#ifndef PARLEY_GATEWAY_BOUND_NAMES_H
#define PARLEY_GATEWAY_BOUND_NAMES_H

#include "gateway/asks.h"

/* Wants the client's own name for it in a room; it keeps it until it leaves the
 * room or becomes somebody else. The answer is `done`, or refused (taken,
 * unavailable). Presence must have been told of the client: it is a guest with
 * a name. */
void bound_names_claim(struct client *client, const struct uuid *room,
		       ask_handler *on_claimed, void *context);

/* Tells presence of the claim again, after it was away. */
void bound_names_retell(struct client *client);

/* Somebody had the name before: the client is closed. */
void bound_names_yield(struct client *client);

/* The client has left the room. */
void bound_names_forget(struct client *client, const struct uuid *room);

/* Asks who has that name in a room: the answer is `users`, or refused. */
void bound_names_find(struct client *client, const struct uuid *room,
		      struct slice name, ask_handler *on_found, void *context);

#endif
