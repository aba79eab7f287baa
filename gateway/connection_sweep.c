/* SPDX-License-Identifier: MIT */
/* gateway/connection_sweep.c - what time ends: requests that do not come, peers
 * that are gone or do not read, messages that never become whole.
 */
#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/websocket_server.h"

/* For a request, from its connection (TLS is a part of it) or the last. */
#define HANDSHAKE_MS   10000
#define PING_AFTER_MS  25000
#define PONG_WITHIN_MS 8000
#define MESSAGE_MS     30000 /* from a message's first byte to its last */
#define STUCK_MS       10000 /* no byte of what waits was taken */
#define LINGER_MS      3000  /* for the peer's side of a close */

static void
ping(struct connection *c)
{
	c->was_pinged = true;
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

/* Whoever is paused is not heard: it is not he who is silent. */
static void
sweep_websocket(struct connection *c, uint64_t now_ms)
{
	uint32_t silent_ms = c->is_paused ? 0 : (uint32_t)now_ms - c->heard_ms;

	if (silent_ms > PING_AFTER_MS + PONG_WITHIN_MS)
		connection_cut(c);
	else if (!c->is_paused && takes_too_long(c, now_ms))
		connection_close(c, WEBSOCKET_POLICY,
				 "the message took too long");
	else if (silent_ms > PING_AFTER_MS && !c->was_pinged)
		ping(c);
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

void
connections_sweep(struct gateway *gateway)
{
	uint64_t now_ms = loop_now_ms(gateway->loop);
	struct connection *c;
	size_t cursor = 0;

	while ((c = table_next(&gateway->connections, &cursor)) != NULL) {
		uint64_t before = log_conn(connection_trace(c));

		sweep(c, now_ms);
		log_conn(before);
	}
}
