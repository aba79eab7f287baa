/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby.h - what the files of the lobby dialect share: lobby.c
 * hears frames, lobby_say.c passes on what is said, lobby_encode.c words what
 * is sent.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_LOBBY_H
#define PARLEY_GATEWAY_DIALECTS_LOBBY_H

#include "gateway/dialect.h"
#include "gateway/directs.h"
#include "gateway/visits.h"

#include <jansson.h>

#define LOBBY_ROOM "lobby"

struct held_post;
struct words;

/* client->own */
struct lobby {
	bool has_upgrade_token;
	char *token;            /* the last one that was good; or NULL */
	json_t *waiting;        /* a frame, for its token; the client is held */
	struct held_post *held; /* refused for now; the client is held */
	struct words *words;    /* the same for one other's ears */
	uint64_t last_number;   /* of a post */
	unsigned in_flight;     /* posts without an answer */
};

struct lobby *lobby_of(const struct client *client);

/* Whether it has entered a room. */
bool lobby_is_inside(const struct client *client);

/* Ends the connection, which said something wrong: `why` in a few words. */
void lobby_close(struct client *client, const char *why);

/* Ends it for what a daemon refused: with `words`, unless it is just not
 * available. */
void lobby_close_for(struct client *client, const struct frame_refused *why,
		     const char *words);

/* Reads a string. */
bool lobby_read_text(const json_t *object, const char *name,
		     struct slice *into);

/* --- lobby_say.c */

/* Reads `content` and counts it as a message; false: the client is closed. */
bool lobby_read_content(struct client *client, const json_t *body,
			struct slice *content);

/* Says something in a room. Where it cannot be kept now it is tried again for
 * ten seconds; then the connection is closed. */
void lobby_post(struct client *client, const struct uuid *room, bool is_visit,
		struct slice content);

/* Says something to one other. */
void lobby_whisper(struct client *client, struct slice target,
		   struct slice content);

void lobby_hear_whisper(struct client *client,
			const struct frame_whisper *whisper);

/* Once a second: tries what was refused. */
void lobby_try_held(struct client *client);
void lobby_forget_held(struct lobby *lobby);

/* --- lobby_encode.c: frames are held once, or NULL without memory. */

struct parcel *lobby_encode(const struct event *event, unsigned variant);
struct parcel *lobby_private_chat(struct slice target, struct slice sender,
				  struct slice content);

#endif
