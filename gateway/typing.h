/* SPDX-License-Identifier: MIT */
/* gateway/typing.h - who was told to be typing, so that it always ends: by
 * presence's word, by the message itself, or because presence is new.
 */
#ifndef PARLEY_GATEWAY_TYPING_H
#define PARLEY_GATEWAY_TYPING_H

#include "gateway/gateway.h"
#include "proto/frame.h"

struct seat;

/* Presence says that a user types, or no longer does. */
void typing_hear(struct room *room, const struct frame_typing *typing);

/* The user's typing is over, if there was any: true. */
bool typing_end(struct room *room, const struct uuid *user);

/* The user said something: that ends it too, and presence is told by whoever
 * has a connection of the user. */
void typing_end_by_message(struct room *room, const struct uuid *user);

/* Tells a new seat who is typing, so that it does not hear only of the end. */
void typing_tell_open(const struct seat *seat);

/* Ends all of it: presence, which would have told the end, is gone. */
void typing_end_all(struct gateway *gateway);

/* A client types, or no longer does. */
void typing_tell(struct client *client, const struct room *room, bool on);

#endif
