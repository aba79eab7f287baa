/* SPDX-License-Identifier: MIT */
/* router/router.h - what the router's files share: its state and its figures.
 */
#ifndef PARLEY_ROUTER_ROUTER_H
#define PARLEY_ROUTER_ROUTER_H

#include "proto/daemon.h"
#include "proto/quiet.h"
#include "router/audience.h"

struct relayed;

struct router_figures {
#include "proto/metrics_fields.h"

#include "router/metrics.def"
};

struct router {
	struct bus *bus;
	struct loop *loop;
	struct audience rooms;
	struct audience users;
	struct relayed *relayed; /* requests that the store has in hand */
	struct quiet comings; /* and goings of listeners: over if hardly any */
	struct router_figures count;
};

/* publish.c: who hears an event. Each listener gets it once, numbered. */
void publish_to_room(struct router *router, const struct uuid *room,
		     struct frame *event);
void publish_to_user(struct router *router, const struct uuid *user,
		     struct frame *event);
void publish_to_room_and_user(struct router *router, const struct uuid *room,
			      const struct uuid *user, struct frame *event);

/* Tells whoever must hear it about something that the store has done. */
void publish_outcome(struct router *router, const struct frame *outcome);

/* relay.c: passes a request on to the store, and its answer back to who asked,
 * behind the event that it makes. */
void relay_to_store(struct router *router, struct peer *from,
		    const struct frame *request);

/* Asks the store for the heads of the rooms that a gateway subscribed, and
 * answers it. */
void relay_heads(struct router *router, struct peer *from,
		 const struct frame *subscribe);

/* How many requests the store has in hand. */
uint64_t relay_count(const struct router *router);

/* Nobody waits any longer for what `gateway` asked. */
void relay_forget(struct router *router, const struct peer *gateway);

#endif
