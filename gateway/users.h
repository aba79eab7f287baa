/* SPDX-License-Identifier: MIT */
/* gateway/users.h - the users with a connection at this gateway.
 *
 * The router is told of each, so that what concerns a user (a membership begun
 * on another device, say) comes here; then the store is asked for the user's
 * memberships. In this order, so that nothing falls in between.
 */
#ifndef PARLEY_GATEWAY_USERS_H
#define PARLEY_GATEWAY_USERS_H

#include "gateway/gateway.h"
#include "proto/frame.h"

struct user {
	struct uuid id;
	uint64_t number;
	char *name;          /* owned; empty: a guest as yet without one */
	char short_name[16]; /* where the name is, if there is room */
	struct client *clients;
	uint32_t loads;      /* how often memberships were asked for */
	bool is_loading : 1; /* an answer is on its way */
	bool load_again : 1; /* and will be out of date */
	bool is_waiting : 1; /* in gateway->to_announce */
	struct user *next_waiting;
};

struct user *users_find(struct gateway *gateway, const struct uuid *id);

/* The user, made if need be, with the name that auth tells now; one without
 * clients must get one in this turn. NULL with errno ENOMEM. */
struct user *users_get(struct gateway *gateway,
		       const struct frame_verified *who);

/* Adds a client to its user. 0, or -1 with errno ENOMEM. */
int users_add(struct gateway *gateway, struct client *client,
	      const struct frame_verified *who);

/* The client is another one's from now on. */
void users_move(struct gateway *gateway, struct client *client,
		struct user *user);

/* The client has gone; a user without one is forgotten. */
void users_remove(struct gateway *gateway, struct client *client);

/* Reads the memberships of the client's user and seats those who lack one. */
void users_load(struct gateway *gateway, struct client *client);

/* The same for all clients of a user whose memberships may have changed. */
void users_load_again(struct gateway *gateway, struct user *user);

/* Tells the router of all users again, and reads their memberships again. */
void users_announce_all(struct gateway *gateway);

/* The end of a turn: tells the router of new users. */
void users_turn(struct gateway *gateway);

/* Seats all connections of a user in a room of which the user is a member, as
 * ones who have heard everything up to `missed`, or up to `now` where missed
 * messages are not told. */
void users_seat(struct gateway *gateway, const struct uuid *user,
		const struct uuid *room, unsigned kind, uint64_t missed,
		uint64_t now);

/* The same for a membership that has begun, or was there. */
void users_join(struct gateway *gateway, const struct frame_joined *joined);

/* What is being read of the user's memberships, if anything is, is out of date
 * already: it is read once more. */
void users_read_again(struct gateway *gateway, const struct uuid *user);

/* The membership has ended: the user's connections leave their seats. */
void users_unseat(struct gateway *gateway, const struct uuid *user,
		  const struct uuid *room);

#endif
