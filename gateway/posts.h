/* SPDX-License-Identifier: MIT */
/* gateway/posts.h - what a client says, on its way to the router. */
#ifndef PARLEY_GATEWAY_POSTS_H
#define PARLEY_GATEWAY_POSTS_H

#include "gateway/asks.h"

/* What is wrong with a message's content, in words; NULL: nothing. The text is
 * UTF-8. */
const char *posts_fault(const struct gateway *gateway, struct slice content);

struct post {
	struct uuid room;
	bool is_visit; /* it is said by a visitor who is no member */
	struct slice content;
	struct uuid nonce; /* nil: one is made here */
};

/* A post goes to the router: counts it, and notes when. Whoever does not send
 * it by posts_send() calls this. */
void posts_begin(struct gateway *gateway, struct frame_post *post);

/* Says something: the answer is `posted` (it also comes by the room), `message`
 * (the nonce was known: that is the first one), or refused. */
void posts_send(struct client *client, const struct post *post,
		unsigned wait_ms, ask_handler *on_posted, void *context);

/* Says something where the client has a seat. */
void posts_say(struct client *client, const struct seat *seat,
	       struct slice content, unsigned wait_ms, ask_handler *on_posted,
	       void *context);

#endif
