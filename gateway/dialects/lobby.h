/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby.h - what the files of the lobby dialect share: lobby.c
 * hears frames, lobby_enter.c lets in, lobby_token.c asks whose frame it is,
 * lobby_say.c passes on what is said, lobby_encode.c words what is sent.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_LOBBY_H
#define PARLEY_GATEWAY_DIALECTS_LOBBY_H

#include "gateway/dialect.h"
#include "gateway/directs.h"
#include "gateway/visits.h"

#include <jansson.h>

#define LOBBY_ROOM    "lobby"
#define LOBBY_HOLD_MS 10000 /* what cannot be done now is tried for so long */

struct held_post;
struct words;

/* client->own */
struct lobby {
	bool has_upgrade_token;
	char *token;          /* the last one that was good; or NULL */
	json_t *waiting;      /* a frame, for its token or for posts before it;
			       * the client is held */
	bool waits_for_posts; /* the latter */
	char *entering;       /* a room that cannot be found now; or NULL */
	uint64_t entering_ms; /* since when it is tried */
	bool is_asking;       /* for it, just now */
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

/* No post is on its way any more. */
void lobby_posts_are_done(struct client *client);

/* Reads a string. */
bool lobby_read_text(const json_t *object, const char *name,
		     struct slice *into);

/* The room that a body names, the lobby if none; false, closed, if that is
 * malformed or not this client's to name. */
bool lobby_read_room(struct client *client, const json_t *body,
		     struct slice *room);

/* Who says it, who must be who this connection is; false: it is closed. */
bool lobby_read_sender(struct client *client, const json_t *body,
		       struct slice *sender);

bool lobby_is_same_name(struct slice a, struct slice b);

/* Does what a frame says; or keeps it for later, the client not being heard
 * meanwhile; and what was kept. */
void lobby_dispatch(struct client *client, json_t *frame);
void lobby_wait_with(struct client *client, json_t *frame);
void lobby_dispatch_waiting(struct client *client);

/* --- lobby_enter.c */

void lobby_enter(struct client *client, const json_t *body);

/* Once a second: tries again what was not possible. */
void lobby_try_entering(struct client *client);

/* --- lobby_token.c */

/* Does what the frame says once its token is known to be this client's. */
void lobby_check_token(struct client *client, json_t *frame);
void lobby_forget_token(struct lobby *lobby);

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
