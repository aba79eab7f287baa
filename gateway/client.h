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

struct client {
	struct gateway *gateway;
	struct connection *connection;
	const struct dialect *dialect;
	struct user *user;
	struct uuid session;
	uint64_t expires_at; /* seconds since 1970; 0: with its session */
	uint64_t opened_ms;
	uint8_t variant;   /* of the dialect */
	bool is_ready;     /* the memberships are known */
	bool is_waiting;   /* for them; until then it is not heard */
	bool resumes;      /* was opened to resume: nothing comes twice */
	bool is_held;      /* and hears no room before it has asked to */
	bool is_reading;   /* a page of catch-up is on its way */
	bool is_announced; /* presence was told of it */
	bool is_closing;
	bool typing_waits; /* what it typed before its rooms were known */
	bool typing_on;
	struct uuid typing_room;
	uint16_t asks; /* requests of it that wait for an answer */
	uint32_t seat_count;
	uint32_t behind_count; /* seats that are not live */
	struct seat **seats;
	void *own;                  /* the dialect's */
	struct client *prev, *next; /* of the same user */
};

/* A client for a connection that is about to be upgraded; not yet anywhere.
 * NULL with errno ENOMEM. */
struct client *client_new(struct connection *connection,
			  const struct dialect *dialect,
			  const struct frame_verified *who);

/* Leaves everything and frees it. */
void client_free(struct client *client);

/* The upgrade is done: it joins the user's other connections. */
void client_open(struct client *client);

/* The client of a connection, or NULL if it is gone. */
struct client *client_find(struct gateway *gateway, uint64_t connection);
uint64_t client_id(const struct client *client);

/* What came from it. */
void client_hear_text(struct client *client, struct slice text);
void client_hear_binary(struct client *client, struct slice bytes);

/* The user's memberships are known now. */
void client_ready(struct client *client);

/* Its outbox got shorter: catch-up may go on. */
void client_drained(struct client *client);

/* Once a second: whether its token is still good. */
void client_sweep(struct client *client);

/* Sends a parcel and lets go of it; NULL is fine. */
void client_send(struct client *client, struct parcel *parcel);
void client_send_answer(struct client *client, struct parcel *parcel);

/* A request of it goes to a daemon, and was answered. A client of which many
 * wait, or whose daemon has no room, is not heard in between. */
void client_ask_begin(struct client *client, const struct peer *peer);
void client_ask_end(struct client *client);

/* Auth has ended these sessions. */
void clients_revoke(struct gateway *gateway, const frame_UUIDS *sessions);

/* Asks auth whether all sessions that are open here still stand. */
void clients_check_sessions(struct gateway *gateway, struct peer *auth);

/* Tells presence of all connections, after it was away. */
void clients_announce(struct gateway *gateway);

/* Reads on from those that were paused for want of room. */
void clients_resume(struct gateway *gateway);

#endif
