/* SPDX-License-Identifier: MIT */
/* gateway/main.c - where clients come in: TCP, HTTP, WebSocket, dialects.
 *
 * Owns:   client connections; which of them is in which room.
 * Hears:  clients; events from the router; answers from all.
 * Tells:  writes and subscriptions to the router; reads and marks to the store;
 *         who came and went to presence; tokens and passwords to auth.
 * Not:    anything on disk; who may do what, beyond asking.
 */
#include "gateway/bus_events.h"
#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/deflate.h"
#include "gateway/departures.h"
#include "gateway/drain.h"
#include "gateway/fanout.h"
#include "gateway/listener.h"
#include "gateway/rooms.h"
#include "gateway/settings.h"
#include "gateway/tls.h"
#include "gateway/users.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#define PACE_MS 8 /* of what many clients ask at the same time */

/* More that come, go or learn their rooms in that time are a burst. What the
 * gateway keeps is in use; but many who come at once leave free pages behind,
 * some kilobytes each, in the heap and in ZeroMQ's arenas. */
#define COMINGS_MS  2000
#define COMINGS_FEW 50

static struct gateway gateway;

static const struct option_row options[] = {
	{ "listen", &gateway.options.listen, "127.0.0.1:8080",
	  "addresses, ADDR:PORT[=DIALECT], separated by spaces; port 0: any",
	  NULL, "WS_BIND_ADDR" },
	{ "max-connections", &gateway.options.max_connections, "0",
	  "WebSocket connections at most; 0: what the file limit allows" },
	{ "max-per-address", &gateway.options.max_per_address, "0",
	  "connections of one address at most; 0: 1000, but any number of "
	  "this machine's own" },
	{ "max-message", &gateway.options.max_message, "16384",
	  "bytes of a message's content at most, up to 40960" },
	{ "rate", &gateway.options.rate, "20:40",
	  "messages of one user, PER_SECOND[:BURST], or off" },
	{ "lobby-auth", &gateway.options.lobby_auth, "off",
	  "whether lobby clients need tokens: off or token" },
	{ "deflate", &gateway.options.deflate, "off",
	  "whether messages are compressed for clients that offer it: on or "
	  "off" },
	{ "origins", &gateway.options.origins, "",
	  "Origins allowed beside our own, separated by spaces" },
	{ "outbox", &gateway.options.outbox, "1048576",
	  "bytes that may wait for one connection" },
	{ "unfinished", &gateway.options.unfinished, "67108864",
	  "bytes of messages and requests that have begun and are not "
	  "whole, of all connections together" },
	{ "ping", &gateway.options.ping, "25:8",
	  "seconds of silence before a WebSocket is pinged, and for its "
	  "answer, AFTER[:WITHIN]" },
	{ "gateways", &gateway.options.gateways, "1",
	  "gateways that share the addresses" },
	{ "tls-cert", &gateway.options.tls_cert, "",
	  "PEM file, certificate and chain: all addresses speak TLS" },
	{ "tls-key", &gateway.options.tls_key, "",
	  "PEM file, the certificate's private key" },
	{ "trust-proxy", &gateway.options.trust_proxy, "",
	  "addresses whose X-Forwarded-For counts" },
	{ 0 },
};

static const struct sandbox_row needs[] = {
	{ .need = SANDBOX_CLIENTS },
	{ SANDBOX_FILE, &gateway.options.tls_cert },
	{ SANDBOX_FILE, &gateway.options.tls_key },
	{ 0 },
};

static void
on_sweep(void *self)
{
	struct gateway *g = self;

	listeners_sweep(g);
	connections_sweep(g);
	departures_sweep(g);
	rooms_sweep(g);
	if (g->tls != NULL)
		tls_tick(g->tls, loop_now_ms(g->loop));
	if (loop_timer_set(g->loop, &g->sweep, 1000) != 0)
		log_error("no_memory", KT("for", "timer"));
}

static int
open_tls(struct gateway *g)
{
	if (*g->options.tls_cert == '\0')
		return 0;
	g->tls = tls_new(g->runtime->started_in, g->options.tls_cert,
			 g->options.tls_key);
	return g->tls == NULL ? -1 : 0;
}

/* What is had once, for all connections. */
static int
open_buffers(struct gateway *g)
{
	g->read_buffer = malloc(READ_BYTES);
	if (g->may_deflate)
		g->deflate = deflate_new(MESSAGE_BYTES, &g->count.deflated);
	if (g->read_buffer != NULL && (g->deflate != NULL || !g->may_deflate) &&
	    loop_timer_set(g->loop, &g->sweep, 1000) == 0)
		return 0;
	log_error("no_memory", KT("for", "buffers"));
	return -1;
}

static int
start(void *self, struct runtime *runtime)
{
	struct gateway *g = self;

	g->connections = TABLE_OF(struct connection, id);
	g->users = TABLE_OF(struct user, id);
	g->rooms = TABLE_OF(struct room, id);
	g->runtime = runtime;
	g->loop = runtime->loop;
	g->bus = runtime->bus;
	random_bytes(&g->trace_base, sizeof g->trace_base);
	g->trace_base = g->trace_base >> 1 & ~CONNECTION_TRACE_IDS;
	g->sweep = (struct loop_timer){ .on_due = on_sweep, .self = g };
	g->comings = (struct quiet){ .loop = g->loop,
				     .after_ms = COMINGS_MS,
				     .few = COMINGS_FEW,
				     .only_bursts = true };
	/* Without this, OpenSSL trips over itself later. */
	if (OSSL_LIB_CTX_get0_global_default() == NULL) {
		log_error("no_memory", KT("for", "OpenSSL"));
		return -1;
	}
	if (settings_read(g) != 0 || open_tls(g) != 0)
		return -1;
	g->spare_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (open_buffers(g) != 0 || listeners_open(g, g->options.listen) != 0) {
		listeners_free(g);
		deflate_free(&g->deflate);
		free(g->read_buffer);
		tls_free(&g->tls);
		return -1;
	}
	return 0;
}

static void
stop(void *self)
{
	struct gateway *g = self;

	listeners_close(g);
	connections_free(g);
	fanout_stop(g);
	departures_free(g);
	listeners_free(g);
	rates_fini(&g->rates);
	quiet_stop(&g->comings);
	loop_timer_clear(g->loop, &g->sweep);
	deflate_free(&g->deflate);
	free(g->read_buffer);
	if (g->spare_fd >= 0)
		close(g->spare_fd);
	tls_free(&g->tls);
}

/* What the turn brought is told to the router first, then to the clients. */
static void
turn(void *self)
{
	struct gateway *g = self;

	users_turn(g);
	rooms_turn(g);
	clients_resume(g);
	fanout_turn(g);
	connections_flush(g);
	figures_turn(g);
}

static void
reload(void *self)
{
	struct gateway *g = self;

	if (g->tls != NULL)
		(void)tls_reload(g->tls);
}

static bool
drain(void *self)
{
	struct gateway *g = self;

	if (!g->draining)
		drain_begin(g);
	return drain_go_on(g);
}

int
main(int argc, char **argv)
{
	static const struct daemon daemon = {
		.name = "gateway",
		.summary = "where clients come in: HTTP and WebSocket",
		.party = GATEWAY,
		.connects = ROUTER | PRESENCE | STORE | AUTH,
		.pace_ms = PACE_MS,
		.options = options,
		.routes = bus_event_routes,
		.metrics = { gateway_metrics, &gateway.count },
		.needs = needs,
		.self = &gateway,
		.start = start,
		.stop = stop,
		.turn = turn,
		.on_peer = bus_event_peer,
		.drain = drain,
		.measure = figures_measure,
		.reload = reload,
	};

	tls_wipe_memory();
	return daemon_main(&daemon, argc, argv);
}
