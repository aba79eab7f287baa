/* SPDX-License-Identifier: MIT */
/* gateway/unfinished.c - see unfinished.h. */
#include "gateway/unfinished.h"

#include <utlist.h>

static void
count(struct connection *c)
{
	struct gateway *g = c->gateway;
	uint32_t held = (uint32_t)websocket_held_bytes(&c->websocket);

	g->count.unfinished_bytes += held;
	g->count.unfinished_bytes -= c->held_bytes;
	c->held_bytes = held;
}

void
unfinished_release(struct connection *c)
{
	websocket_fini(&c->websocket);
	count(c);
}

static struct connection *
find_longest(struct gateway *g)
{
	struct connection *c, *longest = NULL;

	DL_FOREACH (g->connections, c)
		if (c->state == CONNECTION_WEBSOCKET && c->held_bytes > 0 &&
		    (longest == NULL || c->midway_ms < longest->midway_ms))
			longest = c;
	return longest;
}

static void
keep_bound(struct gateway *g)
{
	while (g->count.unfinished_bytes > g->unfinished_max) {
		struct connection *c = find_longest(g);

		if (c == NULL)
			return;
		g->count.unfinished_closed++;
		connection_close(c, WEBSOCKET_TRY_LATER,
				 "too many unfinished messages");
		unfinished_release(c);
	}
}

void
unfinished_note(struct connection *c)
{
	count(c);
	if (c->held_bytes > 0 && c->midway_ms == 0)
		c->midway_ms = loop_now_ms(c->gateway->loop);
	keep_bound(c->gateway);
}
