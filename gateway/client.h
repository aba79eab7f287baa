/* SPDX-License-Identifier: MIT */
/* gateway/client.h - one WebSocket connection as a participant in the chat:
 * who it is, which dialect it speaks, which rooms it hears.
 */
#ifndef PARLEY_GATEWAY_CLIENT_H
#define PARLEY_GATEWAY_CLIENT_H

#include "gateway/gateway.h"
#include "gateway/outbox.h"
#include "gateway/rooms.h"
#include "gateway/users.h"
#include "proto/frame.h"

struct dialect;
struct event;

/* What few clients have. */
struct particulars {
	struct uuid former;      /* who it was before; or nil */
	struct uuid rate_id;     /* whose rate its messages count for; nil: its
				  * own */
	struct uuid bound_room;  /* where a guest's name is bound; or nil */
	uint64_t bound_since_ms; /* unix time */
	struct uuid *sessions;   /* of further tokens */
	uint8_t session_count;
	bool typing_waits; /* what it typed before its rooms were known */
	bool typing_on;
	struct uuid typing_room;
};

struct client {
	struct connection *connection;
	const struct dialect *dialect;
	struct user *user;               /* a guest's has the number 0 */
	struct particulars *particulars; /* NULL: it has none of them */
	void *own;                       /* the dialect's */
	struct client *next;             /* of the same user */
	union {
		struct seat *only_seat;
		struct seat **seats; /* where there is or was more than one */
	};
	struct uuid session;
	uint32_t seat_count;
	uint32_t behind_count; /* seats that are not live */
	uint32_t expires_at;   /* seconds since 1970; 0: with its session */
	uint32_t opened_ms;    /* lower bits of loop_now_ms() */
	uint32_t inflated;     /* bytes of its messages, in this second */
	uint16_t asks;         /* requests of it that wait for an answer */
	uint16_t visits_pending;
	uint8_t holds;         /* see client_hold() */
	uint8_t variant : 1;   /* of the dialect */
	bool has_seats : 1;    /* see above */
	bool is_ready : 1;     /* the memberships are known */
	bool is_waiting : 1;   /* for them; until then it is not heard */
	bool resumes : 1;      /* was opened to resume: nothing comes twice */
	bool is_held : 1;      /* and hears no room before it has asked to */
	bool is_reading : 1;   /* a page of catch-up is on its way */
	bool is_resting : 1;   /* one was refused: none is asked for this
				* second */
	bool is_announced : 1; /* presence was told of it */
	bool comes_late : 1;   /* presence is told once it hears what it
				* visits, so that it hears of its own coming */
	bool is_closing : 1;
};

/* A client for a connection that is about to be upgraded; not yet anywhere.
 * `who` NULL: a guest, as yet without a name. NULL with errno ENOMEM. */
struct client *client_new(struct connection *connection,
			  const struct dialect *dialect,
			  const struct frame_verified *who);

/* The gateway that it is at. */
struct gateway *client_gateway(const struct client *client);

/* Becomes somebody else: leaves all rooms, and hears on_ready once the rooms of
 * the new user are known. 0, or -1 with errno ENOMEM: nothing has changed. */
int client_become(struct client *client, const struct frame_verified *who);

/* Becomes a guest, a new one each time; an empty name: one that presence is not
 * told of. The same results; on_ready comes before it returns. */
int client_become_guest(struct client *client, struct slice name);

bool client_is_guest(const struct client *client);

/* The client's particulars, made if need be. NULL with errno ENOMEM. */
struct particulars *client_particulars(struct client *client);

/* The room in which its name is bound; nil: in none. */
struct uuid client_bound_room(const struct client *client);

/* One of its seats, `i` below seat_count. */
struct seat *client_seat(const struct client *client, uint32_t i);

/* Leaves everything and frees it. */
void client_free(struct client *client);

/* The upgrade is done: it joins the user's other connections. */
void client_open(struct client *client);

/* The client of a connection, or NULL if it is gone. */
struct client *client_find(struct gateway *gateway, uint64_t connection);
uint64_t client_id(const struct client *client);

/* The presence daemon that knows the client's user. */
struct peer *client_presence(const struct client *client);

/* What came from it. */
void client_hear_text(struct client *client, struct slice text);
void client_hear_binary(struct client *client, struct slice bytes);

/* The user's memberships are known now. */
void client_ready(struct client *client);

/* Its outbox got shorter: catch-up may go on. */
void client_drained(struct client *client);

/* Once a second: ends what has waited too long. */
void client_sweep(struct client *client);

/* Stops hearing the client until each hold is released: what it says must wait
 * for something. */
void client_hold(struct client *client);
void client_release(struct client *client);

/* Whether its rate has room for one more message, which then counts. */
bool client_may_speak(struct client *client);

/* Sends a parcel and lets go of it; NULL is fine. */
void client_send(struct client *client, struct parcel *parcel);

/* The same for what the client waits for: NULL, for want of memory, ends its
 * connection. */
void client_send_answer(struct client *client, struct parcel *parcel);

/* Tells this client alone of an event, as an answer, if its dialect has words
 * for it. */
void client_send_event(struct client *client, const struct event *event);

/* A request of it goes to a daemon, and was answered. A client of which many
 * wait, or whose daemon has no room, is not heard in between. */
void client_ask_begin(struct client *client, const struct peer *peer);
void client_ask_end(struct client *client);

/* Calls `act` for each client that is not about to go. */
void clients_each(struct gateway *gateway,
		  void (*act)(struct client *client, void *context),
		  void *context);

/* Reads on from those that were paused for want of room. */
void clients_resume(struct gateway *gateway);

#endif
