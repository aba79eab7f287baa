/* SPDX-License-Identifier: MIT */
/* tools/client/channel.h - a connection of the dialect campfire that comes
 * back by itself.
 *
 * libcurl finds the server and agrees on TLS, through a proxy if need be; from
 * there on we speak WebSocket. JSON objects go in and out. What is sent while
 * there is no connection is not kept: whoever sends does that.
 */
#ifndef PARLEY_TOOLS_CLIENT_CHANNEL_H
#define PARLEY_TOOLS_CLIENT_CHANNEL_H

#include "proto/loop.h"
#include "tools/client/server_url.h"

#include <jansson.h>

struct channel;

struct channel_target {
	const struct server_url *server;
	const char *token;  /* a JWT or a session token */
	const char *cacert; /* PEM file of authorities; NULL: the system's */
	const char *query;  /* of the address, such as "v=2&resume=1" */
};

/* Why a connection ended or could not be made. */
struct channel_end {
	unsigned status;   /* HTTP's, where the upgrade was refused; or 0 */
	unsigned code;     /* of the close frame, or 0 */
	const char *why;   /* for people; valid during the call */
	uint64_t retry_ms; /* until the next try */
};

struct channel_events {
	/* From here on channel_send() works. */
	void (*on_open)(void *self);
	/* An object; others are passed over. */
	void (*on_frame)(void *self, const json_t *frame);
	/* It will try again. */
	void (*on_down)(void *self, const struct channel_end *end);
	/* It will not: the token is not valid (401, 4401), the server does not
	 * want us, or its certificate is not to be trusted. */
	void (*on_over)(void *self, const struct channel_end *end);
};

/* Borrows all but `token`, for the channel's life. NULL with errno. */
struct channel *channel_new(struct loop *loop,
			    const struct channel_target *target,
			    const struct channel_events *events, void *self);

/* Ends without a word; NULL is fine. Not from within an event. */
void channel_free(struct channel **channel);

/* Begins to connect. */
void channel_open(struct channel *channel);

/* Tries at once, if it waits to reconnect. */
void channel_retry_now(struct channel *channel);

/* Gives up the present connection and makes another one. */
void channel_restart(struct channel *channel);

bool channel_is_open(const struct channel *channel);

/* Sends at the end of the loop's turn, all that the turn has for it in as few
 * writes as may be. 0, or -1 if there is no connection or no memory. */
int channel_send(struct channel *channel, const json_t *frame);

/* Bytes that wait to be written. */
size_t channel_waiting(const struct channel *channel);

/* Says goodbye (1000) and ends; `on_closed` once the server has answered or
 * 2 s have passed, from within the loop. */
void channel_close(struct channel *channel, void (*on_closed)(void *self));

#endif
