/* SPDX-License-Identifier: MIT */
/* proto/bus.c - the sockets of a daemon: opened, ticking, closed. */
#include "proto/bus_internal.h"
#include "proto/log.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#define TICK_MS 100 /* how exact the deadlines of requests are */

static void
set_tick(struct bus *bus, uint64_t in_ms)
{
	if (loop_timer_set(bus->loop, &bus->tick, in_ms) != 0)
		log_error("no_memory", KT("for", "timer"));
}

static bool
has_deadlines(const struct bus *bus)
{
	const struct peer *peer;

	LL_FOREACH (bus->links, peer)
		if (peer->requests.next_deadline_ms != 0)
			return true;
	for (peer = bus->accepted; peer != NULL; peer = peer->hh.next)
		if (peer->requests.next_deadline_ms != 0)
			return true;
	return false;
}

/* After a request with a deadline: a calm bus would look too late. */
void
bus_watch_deadlines(struct bus *bus)
{
	if (!bus->is_calm)
		return;
	bus->is_calm = false;
	set_tick(bus, TICK_MS);
}

/* That there is a turn is all that is wanted. */
static void
on_pace(void *self)
{
	(void)self;
}

/* Deadlines are looked at in every tick. Whoever is silent is judged only
 * where we ourselves have been awake to listen. */
static void
on_tick(void *self)
{
	struct bus *bus = self;
	uint64_t now_ms = loop_now_ms(bus->loop);
	bool was_awake = now_ms - bus->ticked_ms < 2 * PING_EVERY_MS;
	bool ping = now_ms - bus->pinged_ms >= PING_EVERY_MS;
	struct peer *peer, *next;

	bus->ticked_ms = now_ms;
	if (ping)
		bus->pinged_ms = now_ms;
	LL_FOREACH (bus->links, peer)
		peer_tick(peer, now_ms, was_awake, ping);
	HASH_ITER (hh, bus->accepted, peer, next)
		peer_tick(peer, now_ms, was_awake, ping);
	bus->is_calm = !has_deadlines(bus);
	set_tick(bus, bus->is_calm ? bus->pinged_ms + PING_EVERY_MS - now_ms
				   : TICK_MS);
}

/* --- Set-up */

static void
on_tap_message(struct bus_socket *socket, zmq_msg_t *message)
{
	tap_on_subscription(socket->bus->tap, message);
}

static void
on_gate_message(struct bus_socket *socket, zmq_msg_t *message)
{
	curve_answer_gate(socket->bus->curve, socket->zmq, message);
}

static void
take_routes(struct bus *bus)
{
	const struct route *route;

	for (route = bus->config.routes; route->handler != NULL; route++)
		bus->routes[route->kind] = route->handler;
}

static int
set_up(struct bus *bus)
{
	bus->context = zmq_ctx_new();
	bus->held = calloc(HELD_MAX + 1, sizeof *bus->held);
	if (bus->context == NULL || bus->held == NULL)
		return -1;
	bus->tick.on_due = on_tick;
	bus->tick.self = bus;
	bus->pace.on_due = on_pace;
	bus->ticked_ms = loop_now_ms(bus->loop);
	take_routes(bus);
	return loop_timer_set(bus->loop, &bus->tick, TICK_MS);
}

struct bus *
bus_new(const struct bus_config *config)
{
	struct bus *bus = calloc(1, sizeof *bus);

	if (bus == NULL)
		return NULL;
	bus->config = *config;
	bus->loop = config->loop;
	bus->figures = config->figures == NULL ? &bus->unread : config->figures;
	if (set_up(bus) != 0) {
		log_error("bus_failed", KT("error", strerror(errno)));
		bus_free(&bus);
	}
	return bus;
}

int
bus_tell_failure(const char *event, const char *endpoint)
{
	log_error(event, KT("endpoint", endpoint),
		  KT("error", zmq_strerror(errno)),
		  KT("hint", "see PARLEY_RUN and the endpoint"));
	return -1;
}

/* Between machines nothing travels in the clear. */
int
bus_prepare_keys(struct bus *bus, const char *endpoint)
{
	void *gate;

	if (!bus_is_tcp(endpoint) || bus->curve != NULL)
		return 0;
	if (bus->config.curve_dir == NULL || *bus->config.curve_dir == '\0') {
		log_error("no_keys", KT("endpoint", endpoint),
			  KT("hint", "tcp:// needs PARLEY_CURVE_DIR"));
		return -1;
	}
	bus->curve = curve_open(bus->config.curve_dir, bus->config.party);
	if (bus->curve == NULL)
		return -1;
	gate = curve_open_gate(bus->context);
	if (gate != NULL && bus_add_socket(bus, gate, on_gate_message) != NULL)
		return 0;
	if (gate != NULL)
		zmq_close(gate);
	return bus_tell_failure("cannot_bind", "inproc://zeromq.zap.01");
}

int
bus_bind(struct bus *bus, const char *endpoint)
{
	void *zmq;

	if (bus_prepare_keys(bus, endpoint) != 0)
		return -1;
	zmq = bus_open_zmq(bus, ZMQ_ROUTER, endpoint);
	if (zmq == NULL)
		return bus_tell_failure("cannot_bind", endpoint);
	if (bus_add_socket(bus, zmq, bus_on_server_message) == NULL) {
		zmq_close(zmq);
		return bus_tell_failure("cannot_bind", endpoint);
	}
	if (bus_is_tcp(endpoint) && curve_secure_server(bus->curve, zmq) != 0)
		return -1;
	if (zmq_bind(zmq, endpoint) != 0)
		return bus_tell_failure("cannot_bind", endpoint);
	return 0;
}

int
bus_open_tap(struct bus *bus, const char *endpoint)
{
	void *zmq = bus_open_zmq(bus, ZMQ_XPUB, endpoint);

	if (zmq == NULL)
		return bus_tell_failure("cannot_bind", endpoint);
	bus->tap_socket = bus_add_socket(bus, zmq, on_tap_message);
	if (bus->tap_socket == NULL) {
		zmq_close(zmq);
		return bus_tell_failure("cannot_bind", endpoint);
	}
	if (zmq_bind(zmq, endpoint) != 0 || (bus->tap = tap_new(zmq)) == NULL)
		return bus_tell_failure("cannot_bind", endpoint);
	return 0;
}

void
bus_cancel_requests(struct bus *bus)
{
	struct peer *peer, *next;

	LL_FOREACH (bus->links, peer)
		requests_cancel(&peer->requests);
	HASH_ITER (hh, bus->accepted, peer, next)
		requests_cancel(&peer->requests);
}

bool
bus_is_idle(const struct bus *bus)
{
	const struct peer *peer;

	LL_FOREACH (bus->links, peer)
		if (peer->requests.count > 0 || peer->outgoing.n > 0)
			return false;
	for (peer = bus->accepted; peer != NULL; peer = peer->hh.next)
		if (peer->outgoing.n > 0)
			return false;
	return true;
}

/* A monitor that tells of something while nobody reads it any more blocks the
 * thread that tells, and with it the closing: so all of them stop first. */
static void
stop_monitors(struct bus *bus)
{
	const struct bus_socket *socket;

	LL_FOREACH (bus->sockets, socket)
		if (socket->peer != NULL && socket->peer->socket == socket)
			zmq_socket_monitor(socket->zmq, NULL, 0);
}

static void
close_sockets(struct bus *bus)
{
	struct bus_socket *socket, *next;

	stop_monitors(bus);
	LL_FOREACH_SAFE (bus->sockets, socket, next) {
		loop_unwatch(bus->loop, &socket->watch);
		zmq_close(socket->zmq);
		free(socket);
	}
	bus->sockets = NULL;
}

void
bus_free(struct bus **handle)
{
	struct bus *bus = *handle;
	struct peer *peer, *next;

	if (bus == NULL)
		return;
	loop_timer_clear(bus->loop, &bus->tick);
	loop_timer_clear(bus->loop, &bus->pace);
	if (bus->held != NULL)
		bus_release_held(bus);
	close_sockets(bus);
	LL_FOREACH_SAFE (bus->links, peer, next)
		peer_free(peer);
	HASH_ITER (hh, bus->accepted, peer, next) {
		HASH_DEL(bus->accepted, peer);
		peer_free(peer);
	}
	tap_free(&bus->tap);
	curve_close(&bus->curve);
	arena_fini(&bus->arena);
	free(bus->held);
	if (bus->context != NULL)
		zmq_ctx_term(bus->context);
	free(bus);
	*handle = NULL;
}
