/* SPDX-License-Identifier: MIT */
/* proto/bus_socket.c - ZeroMQ sockets with the options that all of ours have.
 */
#include "proto/bus_internal.h"

#include <stdlib.h>
#include <utlist.h>

#define RECONNECT_MS 20
#define HIGH_WATER   1000 /* messages; each carries a whole turn's frames */
#define HEARTBEAT_MS 1000

bool
bus_is_tcp(const char *endpoint)
{
	return strncmp(endpoint, "tcp://", 6) == 0;
}

static int
set_number(void *zmq, int option, int value)
{
	return zmq_setsockopt(zmq, option, &value, sizeof value);
}

/* On one machine the end of a process is seen without, and the bus pings those
 * that hang. */
static int
set_heartbeat(void *zmq)
{
	return set_number(zmq, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) != 0 ||
		       set_number(zmq, ZMQ_HEARTBEAT_TIMEOUT,
				  3 * HEARTBEAT_MS) != 0
		   ? -1
		   : 0;
}

static int
set_options(void *zmq, int type)
{
	int64_t largest = 2 * OUTGOING_MAX;

	if (set_number(zmq, ZMQ_LINGER, 0) != 0 ||
	    set_number(zmq, ZMQ_SNDHWM, HIGH_WATER) != 0 ||
	    set_number(zmq, ZMQ_RCVHWM, HIGH_WATER) != 0 ||
	    zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &largest, sizeof largest) != 0)
		return -1;
	if (type == ZMQ_ROUTER)
		return set_number(zmq, ZMQ_ROUTER_MANDATORY, 1) != 0 ||
			       set_number(zmq, ZMQ_ROUTER_HANDOVER, 1) != 0
			   ? -1
			   : 0;
	if (type == ZMQ_DEALER)
		return set_number(zmq, ZMQ_RECONNECT_IVL, RECONNECT_MS);
	return 0;
}

void *
bus_open_zmq(struct bus *bus, int type, const char *endpoint)
{
	void *zmq = zmq_socket(bus->context, type);

	if (zmq != NULL &&
	    (set_options(zmq, type) != 0 ||
	     (bus_is_tcp(endpoint) && set_heartbeat(zmq) != 0))) {
		zmq_close(zmq);
		return NULL;
	}
	return zmq;
}

/* What readiness means is found out by the turn. */
static void
on_ready(void *self, uint32_t events)
{
	struct bus_socket *socket = self;

	(void)events;
	bus_stir(socket);
}

struct bus_socket *
bus_add_socket(struct bus *bus, void *zmq,
	       void (*on_message)(struct bus_socket *, zmq_msg_t *))
{
	struct bus_socket *socket = calloc(1, sizeof *socket);
	size_t size = sizeof socket->watch.fd;

	if (socket == NULL)
		return NULL;
	socket->bus = bus;
	socket->zmq = zmq;
	socket->on_message = on_message;
	bus_stir(socket);
	socket->watch.on_ready = on_ready;
	socket->watch.self = socket;
	if (zmq_getsockopt(zmq, ZMQ_FD, &socket->watch.fd, &size) != 0 ||
	    loop_watch(bus->loop, &socket->watch, EPOLLIN) != 0) {
		free(socket);
		return NULL;
	}
	LL_PREPEND(bus->sockets, socket);
	return socket;
}
