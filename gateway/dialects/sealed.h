/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed.h - what the files of the sealed dialect share: what
 * a connection keeps while it is in a room, and the words that are sent.
 *
 * sealed.c hears requests, sealed_request.c reads them, sealed_rooms.c creates
 * and joins, sealed_encode.c words what is sent.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_SEALED_H
#define PARLEY_GATEWAY_DIALECTS_SEALED_H

#include "gateway/dialect.h"
#include "gateway/dialects/sealed_request.h"
#include "gateway/json_objects.h"

/* The variants: as published, and with the extensions of `?v=2`. */
enum { SEALED_PLAIN, SEALED_EXTENDED };

#define SEALED_UNAVAILABLE "not available at the moment; try again later"
#define SEALED_NOWHERE     "not in a room"

/* A room as its participants are told of it. Wiped when it is freed. */
struct sealed_room {
	struct uuid id;
	bool has_password;
	uint64_t created_at; /* seconds since 1970 */
	char name[NAME_MAX_BYTES + 1];
	char join_key[256 + 1];
	char encryption_key[44 + 1]; /* base64; empty: the clients have it */
	char *description;           /* NULL: none */
};

struct sealed_attempt;

/* client->own. While an attempt is going on the client is not heard. */
struct sealed_state {
	struct sealed_room *room; /* NULL: it is in none */
	struct sealed_attempt *attempt;
	char address[46]; /* where the client comes from, as text */
};

/* The seat in the room that the client is in; or NULL. */
struct seat *sealed_seat_of(const struct client *client);

/* Sends RoomJoined, or RoomCreated to the room's maker; the client is there. */
void sealed_tell_joined(struct client *client, const struct seat *seat);
void sealed_tell_created(struct client *client, const struct seat *seat);

void sealed_tell_error(struct client *client, const char *message);

/* --- Requests that take several answers. Each tells the client how it ended.
 */

/* Keeps what *request owns as long as it needs it: then request->json is NULL.
 */
void sealed_room_enter(struct client *client, struct sealed_request *request);

/* NULL is fine. */
void sealed_attempt_free(struct sealed_attempt *attempt);
void sealed_room_free(struct sealed_room *room);

/* --- Words: WebSocket frames held once, or NULL without memory */

/* The frame for an event; NULL if there are no words for it: see dialect.h. */
struct parcel *sealed_encode(const struct event *event, unsigned variant);

struct parcel *sealed_error(const char *message);

/* `names` are those of the participants as JSON strings, parted by commas. */
struct parcel *sealed_created(const struct sealed_room *room,
			      size_t participants);
struct parcel *sealed_joined(const struct sealed_room *room,
			     size_t participants, struct slice names);

/* Writes a message of a history: `{sender, content}`. */
void sealed_write_message(struct json_writer *w,
			  const struct frame_message *message);

/* `messages` are such, parted by commas. */
struct parcel *sealed_history(struct slice messages);

#endif
