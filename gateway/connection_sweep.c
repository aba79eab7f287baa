/* SPDX-License-Identifier: MIT */
/* gateway/connection_sweep.c - what time ends: requests that do not come, peers
 * that are gone or do not read, messages that never become whole.
 */
#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/websocket_server.h"

/* For a request, from its connection (TLS is a part of it) or the last. */
#define HANDSHAKE_MS 10000
#define MESSAGE_MS   30000 /* from a message's first byte to its last */
#define STUCK_MS     10000 /* no byte of what waits was taken */
#define LINGER_MS    3000  /* for the peer's side of a close */

#define FETCH_AHEAD 16
#define CACHE_LINE  64 /* bytes */

/* Somebody who was looked at late has as much time to answer as others. */
static void
ping(struct connection *c, uint64_t now_ms)
{
	c->was_pinged = true;
	c->heard_ms = (uint32_t)now_ms - c->gateway->ping_after_ms;
	websocket_say(c, WEBSOCKET_OP_PING, (struct slice){ 0 });
}

/* Half a message is memory that the peer holds. */
static bool
takes_too_long(struct connection *c, uint64_t now_ms)
{
	struct unheard *unheard = c->unheard;
	uint64_t *since_ms;

	if (unheard == NULL)
		return false;
	since_ms = &unheard->unfinished.since_ms;
	if (!websocket_is_midway(&unheard->websocket))
		*since_ms = 0;
	else if (*since_ms == 0)
		*since_ms = now_ms;
	return *since_ms != 0 && now_ms - *since_ms > MESSAGE_MS;
}

/* How long the peer has been silent: whoever is paused, and what came and is
 * yet to be read, was not heard for our own reasons. */
static uint32_t
silence_ms(const struct connection *c)
{
	uint32_t drained_ms = (uint32_t)loop_drained_ms(c->gateway->loop);
	bool is_unread = (int32_t)(drained_ms - c->heard_ms) < 0;

	return c->is_paused || is_unread ? 0 : drained_ms - c->heard_ms;
}

static void
sweep_websocket(struct connection *c, uint64_t now_ms)
{
	const struct gateway *g = c->gateway;
	uint32_t silent_ms = silence_ms(c);

	if (c->was_pinged && silent_ms > g->ping_after_ms + g->pong_within_ms)
		connection_cut(c);
	else if (!c->is_paused && takes_too_long(c, now_ms))
		connection_close(c, WEBSOCKET_POLICY,
				 "the message took too long");
	else if (!c->was_pinged && silent_ms > g->ping_after_ms)
		ping(c, now_ms);
	else
		client_sweep(c->client);
}

/* Whoever still reads an answer does not owe a request as yet; once there is a
 * head, what we write (100 Continue) gives no more time. */
static bool
owes_request(const struct connection *c, uint32_t now_ms)
{
	if (c->state != CONNECTION_HANDSHAKE && c->state != CONNECTION_HTTP)
		return false;
	if (!c->http->has_head && now_ms - c->moved_ms <= HANDSHAKE_MS)
		return false;
	return outbox_is_empty(&c->outbox) &&
	       now_ms - c->http->began_ms > HANDSHAKE_MS;
}

/* Whoever is closed may take what waits, and the close behind it; then it has
 * to close, too. */
static uint32_t
farewell_ms(const struct connection *c)
{
	return outbox_is_empty(&c->outbox) || c->gateway->draining ? LINGER_MS
								   : STUCK_MS;
}

static void
sweep(struct connection *c, uint64_t now_ms)
{
	const uint32_t now = (uint32_t)now_ms;

	if (c->state == CONNECTION_ENDED)
		return; /* by one before it */
	if (!outbox_is_empty(&c->outbox) && now - c->moved_ms > STUCK_MS) {
		if (c->state != CONNECTION_CLOSING)
			c->gateway->count.slow_consumers[SLOW_stuck]++;
		connection_cut(c);
	} else if (owes_request(c, now)) {
		connection_cut(c);
	} else if (c->state == CONNECTION_CLOSING &&
		   now - c->heard_ms > farewell_ms(c)) {
		connection_cut(c);
	} else if (c->state == CONNECTION_WEBSOCKET) {
		sweep_websocket(c, now_ms);
	}
}

/* Memory that nobody has touched for a second is slow: what a few of them need
 * of it is on its way while the one before is looked at. */
static size_t
fetch(const struct gateway *gateway, size_t *cursor,
      struct connection *fetched[FETCH_AHEAD])
{
	size_t n = 0;

	while (n < FETCH_AHEAD) {
		struct connection *c =
		    table_next(&gateway->connections, cursor);
		if (c == NULL)
			break;
		__builtin_prefetch(c);
		__builtin_prefetch((char *)c + CACHE_LINE);
		fetched[n++] = c;
	}
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(fetched[i]->client);
	return n;
}

void
connections_sweep(struct gateway *gateway)
{
	uint64_t now_ms = loop_now_ms(gateway->loop);
	struct connection *fetched[FETCH_AHEAD];
	size_t cursor = 0, n;

	while ((n = fetch(gateway, &cursor, fetched)) > 0)
		for (size_t i = 0; i < n; i++) {
			uint64_t before =
			    log_conn(connection_trace(fetched[i]));

			sweep(fetched[i], now_ms);
			log_conn(before);
		}
}
