/* SPDX-License-Identifier: MIT */
/* gateway/announce.h - tells presence which connections there are, whose they
 * are, and in which rooms.
 */
#ifndef PARLEY_GATEWAY_ANNOUNCE_H
#define PARLEY_GATEWAY_ANNOUNCE_H

#include "gateway/client.h"

/* Presence hears of the client and of its rooms; of a guest without a name it
 * does not. */
void announce_opened(struct client *client);
void announce_closed(struct client *client);

/* The same for a client that is no longer there. */
void announce_gone(struct gateway *gateway, uint64_t connection,
		   const struct uuid *user);

/* The client, of which presence has not been told, hears the room that it came
 * for: presence is told once we know who was there before. */
void announce_late(struct seat *seat);

/* The seat is there, or is there as something else; or it ends. */
void announce_entered(struct seat *seat);
void announce_exited(struct seat *seat);

/* Tells of all connections anew, after presence was away. */
void announce_all(struct gateway *gateway);

#endif
