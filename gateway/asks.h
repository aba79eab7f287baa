/* SPDX-License-Identifier: MIT */
/* gateway/asks.h - questions that a daemon is asked on behalf of a client. */
#ifndef PARLEY_GATEWAY_ASKS_H
#define PARLEY_GATEWAY_ASKS_H

#include "gateway/client.h"
#include "proto/bus.h"

/* Hears the answer, or `refused` (unavailable) when the time is over or nobody
 * can be asked. Takes `context`: frees it, or passes it on. */
typedef void ask_handler(struct client *client, void *context,
			 const struct frame *answer);

/* Asks `peer`, which may be NULL. Takes `context`, made by malloc() or NULL;
 * frees it if the client has gone before the answer comes: then the handler is
 * not called. It may be called before this returns. The question counts among
 * those of the client that are pending, of which there are not many. */
void asks_send(struct client *client, struct peer *peer, struct frame *question,
	       unsigned wait_ms, ask_handler *on_answer, void *context);

/* The same for a context that is more than one piece: `free_context` frees it
 * if the client has gone. */
void asks_send_for(struct client *client, struct peer *peer,
		   struct frame *question, unsigned wait_ms,
		   ask_handler *on_answer, void *context,
		   void (*free_context)(void *context));

/* Somebody else's question within one of ours: its handler and context are kept
 * in ours until there is an answer for them. NULL, with the handler told that
 * it is unavailable, without memory. */
struct ask_inner *asks_inner(struct client *client, ask_handler *on_answer,
			     void *context);
void asks_inner_answer(struct client *client, struct ask_inner *inner,
		       const struct frame *answer);
void asks_inner_free(void *inner);

/* What a handler is told when there is nobody, or no memory, to ask. */
struct frame asks_unavailable(void);

#endif
