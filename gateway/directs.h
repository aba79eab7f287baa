/* SPDX-License-Identifier: MIT */
/* gateway/directs.h - finding another user, and the room of two. */
#ifndef PARLEY_GATEWAY_DIRECTS_H
#define PARLEY_GATEWAY_DIRECTS_H

#include "gateway/asks.h"

/* One of the three. */
struct user_wish {
	struct uuid id;
	uint64_t number;
	struct slice name;
};

/* Asks auth for a user: the answer is `users` with one element, or refused
 * (user_not_found, unavailable ...). */
void directs_find_user(struct client *client, const struct user_wish *wish,
		       ask_handler *on_found, void *context);

/* Finds the user and opens the direct room with them: the answer is `direct`,
 * or refused (user_not_found; not_allowed: that is oneself; unavailable). The
 * connections of both here have their seats then. */
void directs_open(struct client *client, const struct user_wish *wish,
		  ask_handler *on_open, void *context);

/* A direct room was opened: seats both of its users where they are here. */
void directs_seat(struct gateway *gateway, const struct frame_direct *direct);

#endif
