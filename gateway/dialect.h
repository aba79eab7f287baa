/* SPDX-License-Identifier: MIT */
/* gateway/dialect.h - what a chat protocol must say to be spoken here.
 *
 * A dialect is one struct in one file of dialects/, and its row in
 * dialects.def. Nothing outside dialects/ knows which one a connection speaks.
 * What happens in a room comes as a `struct event` and is encoded once for each
 * dialect (and variant of it) that is present, whatever the number of its
 * connections.
 */
#ifndef PARLEY_GATEWAY_DIALECT_H
#define PARLEY_GATEWAY_DIALECT_H

#include "gateway/client.h"
#include "gateway/http.h"
#include "gateway/moderation.h"
#include "gateway/outbox.h"
#include "gateway/rooms.h"
#include "proto/frame.h"

#define DIALECTS_MAX 8
#define VARIANTS_MAX 2

enum event_kind {
	EVENT_MESSAGE,   /* `message` was said */
	EVENT_EDITED,    /* `message` has a new text */
	EVENT_ERASED,    /* `message_id` was taken back */
	EVENT_JOINED,    /* `person` is a member or visitor now */
	EVENT_LEFT,      /* `person` no longer is */
	EVENT_TYPING,    /* `person` types, or no longer does: `on` */
	EVENT_PRESENCE,  /* the room's roster has changed */
	EVENT_CAME,      /* `person` is online in the room now */
	EVENT_WENT,      /* `person` no longer is */
	EVENT_MODERATED, /* `moderated` was done to a user */
	EVENT_ROOM,      /* the room is as `info` says now */
};

struct event {
	enum event_kind kind;
	const struct room *room;
	const struct frame_message *message;
	const struct uuid *message_id;
	uint64_t seq; /* of the message; 0: the event is not about one */
	const struct frame_person *person;
	const struct frame_moderated *moderated;
	const struct frame_room_info *info;
	const struct user
	    *asker;              /* whom a roster must not leave out; or NULL */
	struct slice request_id; /* JSON, where this answers a request */
	bool on;
};

/* Who may upgrade. */
enum admission {
	ADMIT_USERS,   /* whoever shows valid credentials */
	ADMIT_IF_GOOD, /* anybody; credentials that are shown must be valid */
	ADMIT_GUESTS,  /* anybody; credentials are not looked at */
	ADMIT_NOBODY,  /* credentials are not where the dialect wants them */
};

struct dialect {
	const char *name; /* as subprotocol, path and in PARLEY_LISTEN */

	/* Missed messages are told from the user's marks on; otherwise what is
	 * said from now on. */
	bool tells_missed;

	/* Of one's own coming to a room and going, one is told like the others.
	 */
	bool tells_own_coming;

	/* NULL: ADMIT_USERS. */
	enum admission (*admission)(const struct gateway *gateway,
				    const struct http_request *request);

	/* Looks at the upgrade's request: sets the client's variant and what
	 * else the query asks for. NULL if that is fine, or words for a 400.
	 * May be NULL. */
	const char *(*on_request)(struct client *client,
				  const struct http_request *request);

	/* The connection stands; the user's memberships are known (again, after
	 * client_become()); a second has passed. Each may be NULL. */
	void (*on_open)(struct client *client);
	void (*on_ready)(struct client *client);
	void (*on_second)(struct client *client);

	/* Whether the client hears what is said in a room in which it has a
	 * seat: asked when it gets the seat or visits begin and end, and by
	 * rooms_reconsider(). NULL: it hears all. */
	bool (*hears)(const struct client *client, const struct seat *seat);

	/* A seat that was behind hears the room live now; may be NULL. */
	void (*on_caught_up)(struct client *client, struct seat *seat);

	/* The client has no seat in that room any more; may be NULL. */
	void (*on_unseated)(struct client *client, const struct uuid *room);

	/* Somebody took the client's seat away; may be NULL. */
	void (*on_removed)(struct client *client,
			   const struct removal *removal);

	/* Words to this client's user or guest that are kept nowhere; may be
	 * NULL. */
	void (*on_whisper)(struct client *client,
			   const struct frame_whisper *whisper);

	/* Text is UTF-8. */
	void (*on_text)(struct client *client, struct slice text);
	void (*on_binary)(struct client *client, struct slice bytes);

	/* The last call; may be NULL. */
	void (*on_close)(struct client *client);

	/* A WebSocket frame that tells the event, held once; NULL if the
	 * dialect has no words for it, or without memory. */
	struct parcel *(*encode)(const struct event *event, unsigned variant);
};

#define DIALECT(name) extern const struct dialect dialect_##name;
#include "gateway/dialects/dialects.def"

/* NULL if there is none of that name. */
const struct dialect *dialect_find(struct slice name);

/* As dialect->encode(); where that is NULL, errno is ENOMEM if it is for want
 * of memory. */
struct parcel *dialect_encode(const struct dialect *dialect,
			      const struct event *event, unsigned variant);

/* The one at a place in the table, where there is one. */
const struct dialect *dialect_at(size_t place);

/* The name of the one at a place; NULL: there is none. */
const char *dialect_name(size_t place);

/* The place of a dialect in the table, below DIALECTS_MAX. */
size_t dialect_place(const struct dialect *dialect);

/* Which dialect an upgrade is for: the subprotocol, else the path, else the
 * listener, else `/ws` and `/` as on a plain listener. NULL: not found.
 * *echo is the subprotocol to name in the answer; empty: none. */
const struct dialect *dialect_choose(const struct http_request *request,
				     const struct dialect *listener_dialect,
				     struct slice *echo);

#endif
