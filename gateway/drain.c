/* SPDX-License-Identifier: MIT */
/* gateway/drain.c - closes WebSockets with 1001, so many in each moment that it
 * takes a few seconds, and lets HTTP requests come to their answers.
 */
#include "gateway/drain.h"

#include "gateway/connection.h"
#include "gateway/fanout.h"
#include "gateway/listener.h"

#include <stdio.h>
#include <sys/socket.h>

#define AT_ONCE      16
#define SPREAD_MS    2500
#define GRACE_MS     500  /* for a request on a connection that is new */
#define BACK_AFTER_S 1    /* a gateway needs that long to start */
#define BACK_SPAN_S  2    /* of a few clients */
#define BACK_PER_S   1000 /* of many */

void
drain_begin(struct gateway *gateway)
{
	gateway->draining = true;
	gateway->drain_began_ms = loop_now_ms(gateway->loop);
	gateway->drain_total = gateway->websocket_count;
	listeners_close(gateway);
	fanout_turn(gateway);
}

static uint64_t
passed_ms(const struct gateway *gateway)
{
	return loop_now_ms(gateway->loop) - gateway->drain_began_ms;
}

/* Until all have been told to go. */
static unsigned
left_s(const struct gateway *gateway)
{
	uint64_t ms = passed_ms(gateway);

	if (gateway->drain_total <= AT_ONCE || ms >= SPREAD_MS)
		return 0;
	return (unsigned)((SPREAD_MS - ms + 999) / 1000);
}

unsigned
drain_hint_s(struct gateway *gateway)
{
	unsigned span_s =
	    BACK_SPAN_S + (unsigned)(gateway->drain_total / BACK_PER_S);

	return left_s(gateway) + BACK_AFTER_S + gateway->farewells++ % span_s;
}

static void
say_good_bye(struct connection *c)
{
	char reason[48];

	snprintf(reason, sizeof reason, "going away; retry after %u s",
		 drain_hint_s(c->gateway));
	connection_close(c, WEBSOCKET_GOING_AWAY, reason);
	c->gateway->drain_closed++;
}

static bool
has_unheard(const struct connection *c)
{
	char byte;

	return recv(c->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* One that has been answered before waits for nothing; a new one has perhaps
 * not been heard yet. */
static bool
is_idle(const struct connection *c)
{
	if (c->state != CONNECTION_HANDSHAKE && c->state != CONNECTION_HTTP)
		return false;
	if (passed_ms(c->gateway) < GRACE_MS &&
	    (c->http->in.n > 0 || c->http->request.head_bytes == 0))
		return false;
	return !has_unheard(c);
}

bool
drain_go_on(struct gateway *gateway)
{
	struct connection *c;
	size_t cursor = 0;
	size_t due =
	    AT_ONCE + gateway->drain_total * passed_ms(gateway) / SPREAD_MS;

	while ((c = table_next(&gateway->connections, &cursor)) != NULL) {
		if (is_idle(c))
			connection_cut(c);
		else if (c->state == CONNECTION_WEBSOCKET &&
			 gateway->drain_closed < due)
			say_good_bye(c);
	}
	return table_count(&gateway->connections) == 0;
}
