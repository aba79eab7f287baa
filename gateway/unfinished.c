/* SPDX-License-Identifier: MIT */
/* gateway/unfinished.c - see unfinished.h. */
#include "gateway/unfinished.h"

#include "gateway/connection.h"
#include "gateway/http_server.h"

/* NULL: the connection has nothing that could be unfinished. */
static struct unfinished *
unfinished_of(const struct connection *c)
{
	if (c->http != NULL)
		return &c->http->unfinished;
	return c->unheard == NULL ? NULL : &c->unheard->unfinished;
}

/* Of a request whose head is whole: heads are small, and come in seconds. */
static size_t
held_bytes(const struct connection *c)
{
	if (c->unheard != NULL)
		return websocket_held_bytes(&c->unheard->websocket);
	if (c->state != CONNECTION_HTTP || !c->http->has_head)
		return 0;
	return c->http->in.room + c->http->body.room;
}

static void
count(struct connection *c, struct unfinished *unfinished)
{
	struct gateway *g = c->gateway;
	uint32_t held = (uint32_t)held_bytes(c);

	g->count.unfinished_bytes += held;
	g->count.unfinished_bytes -= unfinished->bytes;
	unfinished->bytes = held;
}

void
unfinished_release(struct connection *c)
{
	struct unfinished *unfinished = unfinished_of(c);

	if (unfinished == NULL)
		return;
	if (c->unheard != NULL)
		websocket_fini(&c->unheard->websocket);
	count(c, unfinished);
}

static bool
holds_something(const struct connection *c)
{
	const struct unfinished *unfinished = unfinished_of(c);

	return unfinished != NULL && unfinished->bytes > 0 &&
	       (c->state == CONNECTION_WEBSOCKET ||
		c->state == CONNECTION_HTTP);
}

/* Of those that began in the same millisecond, who came first. */
static bool
waits_longer(const struct connection *a, const struct connection *b)
{
	uint64_t a_ms = unfinished_of(a)->since_ms;
	uint64_t b_ms = unfinished_of(b)->since_ms;

	return a_ms < b_ms || (a_ms == b_ms && a->id < b->id);
}

static struct connection *
find_longest(struct gateway *g)
{
	struct connection *c, *longest = NULL;
	size_t cursor = 0;

	while ((c = table_next(&g->connections, &cursor)) != NULL)
		if (holds_something(c) &&
		    (longest == NULL || waits_longer(c, longest)))
			longest = c;
	return longest;
}

static void
give_way(struct connection *c)
{
	if (c->state == CONNECTION_HTTP)
		http_refuse_unfinished(c);
	else
		connection_close(c, WEBSOCKET_TRY_LATER,
				 "too many unfinished messages");
	unfinished_release(c);
}

static void
keep_bound(struct gateway *g)
{
	while (g->count.unfinished_bytes > g->unfinished_max) {
		struct connection *c = find_longest(g);

		if (c == NULL)
			return;
		g->count.unfinished_closed++;
		give_way(c);
	}
}

void
unfinished_note(struct connection *c)
{
	struct unfinished *unfinished = unfinished_of(c);

	if (unfinished == NULL)
		return;
	count(c, unfinished);
	if (unfinished->bytes > 0 && unfinished->since_ms == 0)
		unfinished->since_ms = loop_now_ms(c->gateway->loop);
	else if (unfinished->bytes == 0 && c->http != NULL)
		unfinished->since_ms = 0;
	keep_bound(c->gateway);
}
