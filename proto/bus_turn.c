/* SPDX-License-Identifier: MIT */
/* proto/bus_turn.c - what a turn of the loop receives, and what it sends.
 *
 * ZeroMQ's descriptor tells changes of state, not states, and whatever is done
 * with a socket consumes them. So a socket whose descriptor told something, or
 * that was used, counts as stirred: it is read until nothing is left, and asked
 * once more before the loop may sleep. The others cost nothing.
 */
#include "proto/bus_internal.h"
#include "proto/clock.h"
#include "proto/log.h"

#include <utlist.h>

/* What one turn receives at most, so that clients and timers get theirs. */
#define HELD_MAX_BYTES (8 * 1024 * 1024)

/* --- What comes in */

static bool
has_budget(const struct bus *bus)
{
	return bus->held_count < HELD_MAX && bus->held_bytes < HELD_MAX_BYTES &&
	       clock_us() < bus->turn_ends_us;
}

void
bus_stir(struct bus_socket *socket)
{
	if (!socket->is_stirred)
		socket->drained_ms = loop_now_ms(socket->bus->loop);
	socket->is_stirred = true;
}

/* Until when all that came has been heard. */
uint64_t
bus_drained_ms(const struct bus_socket *socket)
{
	return socket->is_stirred ? socket->drained_ms
				  : loop_now_ms(socket->bus->loop);
}

/* Keeps the message until the turn ends: frames point into it. */
static struct slice
hold(struct bus *bus, zmq_msg_t *message)
{
	zmq_msg_t *kept = &bus->held[bus->held_count++];

	zmq_msg_init(kept);
	zmq_msg_move(kept, message);
	bus->held_bytes += zmq_msg_size(kept);
	return (struct slice){ zmq_msg_data(kept), zmq_msg_size(kept) };
}

void
bus_release_held(struct bus *bus)
{
	for (size_t i = 0; i < bus->held_count; i++)
		zmq_msg_close(&bus->held[i]);
	bus->held_count = 0;
	bus->held_bytes = 0;
	arena_reset(&bus->arena);
}

void
bus_mirror(const struct peer *peer, const char *direction,
	   const struct frame *frame, const void *packed, size_t n)
{
	struct bus *bus = peer->bus;

	if (!tap_is_heard(bus->tap))
		return;
	bus_stir(bus->tap_socket);
	tap_mirror(bus->tap, direction, peer->name, frame, packed, n);
}

/* A frame may come from, and go to, only those whom its row names. */
static bool
is_admitted(const struct bus *bus, const struct peer *from,
	    const struct frame *frame)
{
	return (frame_from(frame->kind) & from->kind) != 0 &&
	       (frame_to(frame->kind) & bus->config.party) != 0;
}

/* One hop in the story of a client connection, for whoever reads the logs. */
void
bus_note(const char *event, const struct peer *peer, const struct frame *frame)
{
	if (frame->trace != 0)
		log_debug(event, KT("frame", frame_name(frame->kind)),
			  KT("peer", peer->name));
}

void
bus_dispatch(struct peer *from, const struct frame *frame)
{
	struct bus *bus = from->bus;
	uint64_t before = log_conn(frame->trace);

	bus_note("heard", from, frame);
	if (bus->routes[frame->kind] != NULL)
		bus->routes[frame->kind](bus->config.self, from, frame);
	log_conn(before);
}

static void
hear_frame(struct peer *peer, struct frame *frame, struct slice packed)
{
	if (frame->kind == FRAME_none)
		return; /* of a later version */
	COUNT_PEER(peer, frames_in);
	bus_mirror(peer, "in", frame, packed.at, packed.n);
	if (is_admitted(peer->bus, peer, frame)) {
		peer_hear(peer, frame);
		return;
	}
	peer->bus->figures->losses[LOSS_not_admitted]++;
	log_warn("frame_not_admitted", KT("peer", peer->name),
		 KT("frame", frame_name(frame->kind)));
}

/* What it sent is lost for want of memory: it must send it again. */
static void
tear(struct peer *peer)
{
	if (peer != NULL)
		peer->is_torn = true;
}

/* Who said hello may be gone after any frame: `find` looks anew for each. Each
 * frame stays until the turn ends, like what it points to. */
static void
hear_batch(struct bus_socket *socket, struct slice batch,
	   struct peer *(*find)(struct bus_socket *, const void *key, size_t n,
				const struct frame *frame),
	   const void *key, size_t key_bytes)
{
	struct bus *bus = socket->bus;

	while (batch.n > 0) {
		const char *wrong = "no memory";
		struct frame *frame = arena_get(&bus->arena, sizeof *frame);
		ssize_t used = frame == NULL
				   ? -1
				   : frame_unpack(frame, &bus->arena,
						  (const uint8_t *)batch.at,
						  batch.n, &wrong);
		if (used < 0) {
			const struct frame none = { .kind = FRAME_none };

			if (errno == ENOMEM)
				tear(find(socket, key, key_bytes, &none));
			bus->figures->losses[LOSS_bad_frame]++;
			log_warn("bad_frame", KT("wrong", wrong),
				 KN("bytes", batch.n));
			return;
		}
		struct peer *peer = find(socket, key, key_bytes, frame);
		if (peer != NULL)
			hear_frame(peer, frame,
				   (struct slice){ batch.at, (size_t)used });
		batch.at += used;
		batch.n -= (size_t)used;
	}
}

static struct peer *
find_link(struct bus_socket *socket, const void *key, size_t n,
	  const struct frame *frame)
{
	(void)socket;
	(void)n;
	(void)frame;
	return (struct peer *)key;
}

void
bus_on_link_message(struct bus_socket *socket, zmq_msg_t *message)
{
	hear_batch(socket, hold(socket->bus, message), find_link, socket->peer,
		   0);
}

/* A stranger gets to say hello, and is asked to where it says ping; whatever
 * else it sends stems from before a restart, and will be sent again. */
static struct peer *
find_accepted(struct bus_socket *socket, const void *key, size_t n,
	      const struct frame *frame)
{
	struct peer *peer;

	HASH_FIND(hh, socket->bus->accepted, key, n, peer);
	if (frame->kind == FRAME_hello)
		return NULL;
	if (peer == NULL && frame->kind == FRAME_ping)
		peer_ask_hello(socket, key, n);
	return peer;
}

/* Hello is looked for first: it decides whose the frames behind it are. */
static void
hear_hello(struct bus_socket *socket, struct slice routing_id,
	   struct slice batch, const char *admitted_as)
{
	struct frame frame;

	if (frame_unpack(&frame, &socket->bus->arena, (const uint8_t *)batch.at,
			 batch.n, NULL) >= 0 &&
	    frame.kind == FRAME_hello)
		peer_accept_hello(socket, routing_id.at, routing_id.n,
				  admitted_as, &frame);
}

void
bus_on_server_message(struct bus_socket *socket, zmq_msg_t *message)
{
	struct bus *bus = socket->bus;
	struct slice routing_id, batch;

	if (!zmq_msg_more(message))
		return;
	routing_id = hold(bus, message);
	zmq_msg_init(message);
	if (zmq_msg_recv(message, socket->zmq, ZMQ_DONTWAIT) < 0)
		return;
	const char *admitted_as =
	    bus->curve == NULL ? NULL : zmq_msg_gets(message, "User-Id");
	batch = hold(bus, message);
	hear_hello(socket, routing_id, batch, admitted_as);
	hear_batch(socket, batch, find_accepted, routing_id.at, routing_id.n);
}

/* The first part is the event's number in the byte order of this machine. */
void
bus_on_monitor_message(struct bus_socket *socket, zmq_msg_t *message)
{
	uint16_t event = 0;

	if (zmq_msg_size(message) >= sizeof event)
		memcpy(&event, zmq_msg_data(message), sizeof event);
	if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		peer_reached(socket->peer);
	else if (event == ZMQ_EVENT_DISCONNECTED)
		peer_lost(socket->peer);
}

/* Parts that nobody expects must not be taken for the next message's first. */
static void
skip_parts(struct bus_socket *socket)
{
	int more = 0;
	size_t size = sizeof more;

	while (zmq_getsockopt(socket->zmq, ZMQ_RCVMORE, &more, &size) == 0 &&
	       more) {
		zmq_msg_t part;
		zmq_msg_init(&part);
		int rc = zmq_msg_recv(&part, socket->zmq, ZMQ_DONTWAIT);
		zmq_msg_close(&part);
		if (rc < 0)
			return;
	}
}

static bool
receive_one(struct bus_socket *socket)
{
	zmq_msg_t message;
	bool received;

	zmq_msg_init(&message);
	received = zmq_msg_recv(&message, socket->zmq, ZMQ_DONTWAIT) >= 0;
	if (received) {
		socket->on_message(socket, &message);
		skip_parts(socket);
	}
	zmq_msg_close(&message);
	return received;
}

static bool
has_input(const struct bus_socket *socket)
{
	int events = 0;
	size_t size = sizeof events;

	return zmq_getsockopt(socket->zmq, ZMQ_EVENTS, &events, &size) == 0 &&
	       (events & ZMQ_POLLIN) != 0;
}

/* One message of each socket after the other: none starves the rest. */
void
bus_receive(struct bus *bus)
{
	bool more = true;

	bus->turn_ends_us = clock_us() + TURN_MAX_US;
	while (more && has_budget(bus)) {
		struct bus_socket *socket;
		more = false;
		LL_FOREACH (bus->sockets, socket)
			if (socket->is_stirred && has_budget(bus) &&
			    receive_one(socket))
				more = true;
	}
}

/* --- The end of a turn */

static void
flush_all(struct bus *bus)
{
	struct peer *peer, *next;

	LL_FOREACH (bus->links, peer)
		peer_flush(peer);
	HASH_ITER (hh, bus->accepted, peer, next)
		peer_flush(peer);
}

void
bus_send(struct bus *bus)
{
	struct bus_socket *socket;

	flush_all(bus);
	bus_release_held(bus);
	LL_FOREACH (bus->sockets, socket)
		if (socket->is_stirred) {
			socket->is_stirred = has_input(socket);
			if (socket->is_stirred)
				loop_again(bus->loop);
		}
}

static void
receive(void *bus)
{
	bus_receive(bus);
}

static void
let_go(void *bus)
{
	bus_send(bus);
}

int
bus_add_turns(struct bus *bus)
{
	if (loop_add_turn(bus->loop, receive, bus) != 0)
		return -1;
	return loop_add_turn(bus->loop, let_go, bus);
}
