/* SPDX-License-Identifier: MIT */
/* gateway/crowd.c - counts connections by their addresses, and decides who has
 * to go where there is no place for all.
 */
#include "gateway/crowd.h"

#include "gateway/trust.h"

/* Of one address at a time. Beyond them, it is not even told. */
#define EXCESS_MAX 64

bool
crowd_evict(struct gateway *gateway)
{
	struct waiter *waiter = sources_longest(&gateway->sources);

	if (waiter == NULL)
		return false;
	gateway->count.displaced++;
	connection_cut(waiter->connection);
	return true;
}

bool
crowd_make_room(struct gateway *gateway)
{
	if (gateway->sources.waiting >= gateway->max_waiting)
		(void)crowd_evict(gateway);
	return gateway->connection_count < gateway->max_open ||
	       crowd_evict(gateway);
}

/* A proxy speaks for many. So may one on this machine that nobody told us of,
 * unless it was said that its addresses count like all others. */
static bool
is_bounded(const struct gateway *gateway, const struct source *source,
	   const char *address)
{
	if (source->key.is_local && !gateway->bounds_local)
		return false;
	return !trust_is_proxy(gateway, address);
}

static bool
is_full(const struct gateway *gateway, struct source *source,
	const char *address)
{
	return is_bounded(gateway, source, address) &&
	       source->connections >= gateway->max_per_address;
}

bool
crowd_enter(struct connection *c)
{
	struct gateway *g = c->gateway;
	const char *address = c->http->address;
	struct source *source = sources_hold(&g->sources, address);

	if (source == NULL)
		return false;
	c->is_excess = is_full(g, source, address);
	if (c->is_excess && source->excess >= EXCESS_MAX) {
		sources_drop(&g->sources, &source);
		return false;
	}
	if (c->is_excess)
		source->excess++;
	else
		source->connections++;
	c->source = source;
	c->http->waiter = (struct waiter){ .connection = c, .source = source };
	sources_wait(&g->sources, &c->http->waiter);
	return true;
}

void
crowd_serve(struct connection *c)
{
	sources_serve(&c->gateway->sources, &c->http->waiter);
}

void
crowd_wait(struct connection *c)
{
	sources_wait(&c->gateway->sources, &c->http->waiter);
}

/* Counts no longer for an address, and sets it to NULL; NULL is fine. */
static void
discount(struct connection *c, struct source **source)
{
	if (*source == NULL)
		return;
	if (c->is_excess)
		(*source)->excess--;
	else
		(*source)->connections--;
	sources_drop(&c->gateway->sources, source);
}

bool
crowd_forward(struct connection *c)
{
	struct gateway *g = c->gateway;
	const char *address = c->http->address;
	struct source *source;

	discount(c, &c->http->forwarded);
	if (strcmp(address, c->http->peer) == 0)
		return true;
	source = sources_hold(&g->sources, address);
	if (source == NULL || is_full(g, source, address)) {
		sources_drop(&g->sources, &source);
		return false;
	}
	source->connections++;
	c->http->forwarded = source;
	return true;
}

void
crowd_settle(struct connection *c)
{
	crowd_serve(c);
	if (c->http->forwarded == NULL)
		return;
	discount(c, &c->source);
	c->source = c->http->forwarded;
	c->http->forwarded = NULL;
}

void
crowd_leave(struct connection *c)
{
	if (c->http != NULL) {
		crowd_serve(c);
		discount(c, &c->http->forwarded);
	}
	discount(c, &c->source);
}
