/* SPDX-License-Identifier: MIT */
/* gateway/dialects/hub.h - what the files of the hub dialect share: hub.c hears
 * requests, hub_history.c gathers histories, hub_encode.c words what is sent.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_HUB_H
#define PARLEY_GATEWAY_DIALECTS_HUB_H

#include "gateway/dialect.h"
#include "gateway/json_objects.h"

#define HUB_KNOWN 8 /* direct rooms that one connection remembers */

/* With whom a direct room was opened by this connection. */
struct hub_direct {
	uint64_t number; /* the other user's; 0: an empty place */
	struct uuid room;
};

/* What the dialect keeps for a connection: client->own, made when first needed.
 */
struct hub {
	struct hub_direct known[HUB_KNOWN]; /* the oldest goes first */
	unsigned next_known;
	struct hub_dm *opening; /* waits for its room; or NULL */
	const char *answering;  /* type of the history that is read; or NULL */
	uint64_t limit;         /* and of how many messages */
};

/* --- hub.c */

/* The client's own; NULL without memory. */
struct hub *hub_of(struct client *client);

/* The direct room with the user of this number, if that is known and heard
 * here; or NULL. */
const struct uuid *hub_known_room(const struct client *client, uint64_t number);

/* Sends an error; `type` is the request's, or NULL. `words` may have no end. */
void hub_refuse(struct client *client, const char *type, struct slice words);

/* Sends what a daemon said against a request. */
void hub_refuse_why(struct client *client, const char *type,
		    const struct frame_refused *why);

/* --- hub_history.c: both hold the client until their answer is sent. `limit`
 * is the number of messages at most. */

void hub_room_history(struct client *client, struct slice room, uint64_t limit);
void hub_dm_history(struct client *client, uint64_t with, uint64_t limit);

/* --- hub_encode.c: each frame is held once, or NULL without memory. */

/* See dialect.h. */
struct parcel *hub_encode(const struct event *event, unsigned variant);

struct parcel *hub_error(struct slice message);
struct parcel *hub_join_ack(const char *room);

/* Begins `{"type": type, "data": ` and what opens the data; hub_end() closes
 * it, makes the frame and frees the writer. */
void hub_begin(struct json_writer *w, const char *type, char bracket);
struct parcel *hub_end(struct json_writer *w, char bracket);

/* A message as an element of a history. */
void hub_write_message(struct json_writer *w,
		       const struct frame_message *message);

#endif
