/* SPDX-License-Identifier: MIT */
/* store/search.h - lets a thread of its own keep the index and answer searches,
 * so that neither posts nor histories wait for it.
 */
#ifndef PARLEY_STORE_SEARCH_H
#define PARLEY_STORE_SEARCH_H

#include "proto/loop.h"
#include "store/group.h"

struct search;

/* Starts behind the database of `store`. NULL after a log line. */
struct search *search_new(struct loop *loop, struct store *store,
			  group_give *give, void *self);

/* Waits for what is under way; searches still waiting are dropped. NULL is
 * fine. */
void search_free(struct search **search);

/* There is something new to index; it will be within a quarter second. */
void search_wake(struct search *search);

/* Answers a search, later; copies what it needs. */
void search_ask(struct search *search, struct peer *from,
		const struct frame *request);

/* The peer is gone: nobody waits for its answers. */
void search_forget(struct search *search, const struct peer *peer);

#endif
