/* SPDX-License-Identifier: MIT */
/* gateway/dialect.h - what a chat protocol must say to be spoken here.
 *
 * A dialect is one struct in one file of dialects/, and one row in dialect.c.
 * Nothing outside dialects/ knows which one a connection speaks. What happens
 * in a room comes as a `struct event` and is encoded once for each dialect (and
 * variant of it) that is present, whatever the number of its connections.
 */
#ifndef PARLEY_GATEWAY_DIALECT_H
#define PARLEY_GATEWAY_DIALECT_H

#include "gateway/client.h"
#include "gateway/http.h"
#include "gateway/outbox.h"
#include "gateway/rooms.h"
#include "proto/frame.h"

#define DIALECTS_MAX 8
#define VARIANTS_MAX 2

enum event_kind {
	EVENT_MESSAGE,  /* `message` was said */
	EVENT_EDITED,   /* `message` has a new text */
	EVENT_ERASED,   /* `message_id` was taken back */
	EVENT_JOINED,   /* `person` is a member or visitor now */
	EVENT_LEFT,     /* `person` no longer is */
	EVENT_TYPING,   /* `person` types, or no longer does: `on` */
	EVENT_PRESENCE, /* the room's roster has changed */
	EVENT_CAME,     /* `person` is online in the room now */
	EVENT_WENT,     /* `person` no longer is */
};

struct event {
	enum event_kind kind;
	const struct room *room;
	const struct frame_message *message;
	const struct uuid *message_id;
	uint64_t seq; /* of the message; 0: the event is not about one */
	const struct frame_person *person;
	const struct user
	    *asker;              /* whom a roster must not leave out; or NULL */
	struct slice request_id; /* JSON, where this answers a request */
	bool on;
};

struct dialect {
	const char *name; /* as subprotocol, path and in PARLEY_LISTEN */

	/* Looks at the upgrade's request: sets the client's variant and what
	 * else the query asks for. */
	void (*on_request)(struct client *client,
			   const struct http_request *request);

	/* The connection stands; the user's memberships are known. Either may
	 * be NULL. */
	void (*on_open)(struct client *client);
	void (*on_ready)(struct client *client);

	/* A seat that was behind hears the room live now; may be NULL. */
	void (*on_caught_up)(struct client *client, struct seat *seat);

	/* Text is UTF-8. */
	void (*on_text)(struct client *client, struct slice text);
	void (*on_binary)(struct client *client, struct slice bytes);

	/* The last call; may be NULL. */
	void (*on_close)(struct client *client);

	/* A WebSocket frame that tells the event, held once; NULL if the
	 * dialect has no words for it, or without memory. */
	struct parcel *(*encode)(const struct event *event, unsigned variant);
};

extern const struct dialect dialect_campfire;

/* NULL if there is none of that name. */
const struct dialect *dialect_find(struct slice name);

/* The place of a dialect in the table, below DIALECTS_MAX. */
size_t dialect_place(const struct dialect *dialect);

/* Which dialect an upgrade is for: the subprotocol, else the path, else the
 * listener, else `/ws` and `/` as on a plain listener. NULL: not found.
 * *echo is the subprotocol to name in the answer; empty: none. */
const struct dialect *dialect_choose(const struct http_request *request,
				     const struct dialect *listener_dialect,
				     struct slice *echo);

#endif
