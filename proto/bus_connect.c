/* SPDX-License-Identifier: MIT */
/* proto/bus_connect.c - links to other daemons: a DEALER for each endpoint, and
 * a monitor that tells when its connection stands.
 */
#include "proto/bus_internal.h"
#include "proto/log.h"

#include <stdlib.h>
#include <utlist.h>

/* The monitor tells when the connection stands and when it is lost. */
static int
watch_link(struct bus *bus, struct peer *link)
{
	char name[64];
	void *monitor;
	struct bus_socket *socket;

	snprintf(name, sizeof name, "inproc://monitor-%p", (void *)link);
	monitor = zmq_socket(bus->context, ZMQ_PAIR);
	if (monitor == NULL)
		return -1;
	if (zmq_socket_monitor(link->socket->zmq, name,
			       ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
				   ZMQ_EVENT_DISCONNECTED) != 0 ||
	    zmq_connect(monitor, name) != 0 ||
	    (socket = bus_add_socket(bus, monitor, bus_on_monitor_message)) ==
		NULL) {
		zmq_close(monitor);
		return -1;
	}
	socket->peer = link;
	return 0;
}

static int
open_link(struct bus *bus, struct peer *link)
{
	char routing_id[ROUTING_ID_MAX];
	void *zmq = bus_open_zmq(bus, ZMQ_DEALER, link->endpoint);
	int n;

	if (zmq == NULL)
		return -1;
	link->socket = bus_add_socket(bus, zmq, bus_on_link_message);
	if (link->socket == NULL) {
		zmq_close(zmq);
		return -1;
	}
	link->socket->peer = link;
	n = snprintf(routing_id, sizeof routing_id, "%s/%llu", bus->config.name,
		     (unsigned long long)bus->config.epoch);
	if (bus_is_tcp(link->endpoint) &&
	    curve_secure_client(bus->curve, zmq, link->kind) != 0)
		return -1;
	if (zmq_setsockopt(zmq, ZMQ_ROUTING_ID, routing_id, (size_t)n) != 0 ||
	    watch_link(bus, link) != 0)
		return -1;
	return zmq_connect(zmq, link->endpoint);
}

static int
connect_one(struct bus *bus, enum party kind, struct slice endpoint)
{
	struct peer *link = peer_new(bus);

	if (link == NULL)
		return bus_tell_failure("cannot_connect", party_name(kind));
	link->kind = kind;
	link->is_link = true;
	link->endpoint = strndup(endpoint.at, endpoint.n);
	snprintf(link->name, sizeof link->name, "%s", party_name(kind));
	LL_APPEND(bus->links, link);
	if (link->endpoint == NULL)
		return bus_tell_failure("cannot_connect", link->name);
	if (bus_prepare_keys(bus, link->endpoint) != 0)
		return -1;
	if (open_link(bus, link) != 0)
		return bus_tell_failure("cannot_connect", link->endpoint);
	return 0;
}

int
bus_connect(struct bus *bus, enum party kind, const char *endpoints)
{
	const char *at = endpoints;

	for (;;) {
		at += strspn(at, " ");
		size_t n = strcspn(at, " ");
		if (n == 0)
			return 0;
		if (connect_one(bus, kind, (struct slice){ at, n }) != 0)
			return -1;
		at += n;
	}
}
