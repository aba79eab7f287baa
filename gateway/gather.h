/* SPDX-License-Identifier: MIT */
/* gateway/gather.h - the newest messages of a room for one answer, gathered
 * from as many of the store's pages as it takes.
 */
#ifndef PARLEY_GATEWAY_GATHER_H
#define PARLEY_GATEWAY_GATHER_H

#include "gateway/asks.h"
#include "gateway/json_write.h"

#define GATHER_CONTENT_MAX ((size_t)1024 * 1024) /* bytes, of one answer */

struct gather_wish {
	struct uuid room; /* of which the client may read */
	uint64_t limit;   /* messages at most, without those taken back */
	void (*write)(struct json_writer *w,
		      const struct frame_message *message);
};

/* The messages as `write` wrote them, oldest first, with commas between them;
 * or `why` it cannot be had, and NULL otherwise. */
typedef void gather_handler(struct client *client, struct slice elements,
			    const struct frame_refused *why);

/* Gathers, and holds the client meanwhile: one connection has one answer in
 * memory at a time. Content above GATHER_CONTENT_MAX is left out, the oldest
 * first. */
void gather_newest(struct client *client, const struct gather_wish *wish,
		   gather_handler *on_gathered);

#endif
