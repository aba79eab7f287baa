/* SPDX-License-Identifier: MIT */
/* proto/peer_accept.c - who connects to us and says hello.
 *
 * A name has one epoch: a later hello of the same name, or the same one again,
 * ends what was before and begins from nothing.
 */
#include "proto/bus_internal.h"
#include "proto/log.h"

static bool
is_well_named(const struct frame *hello, const void *routing_id, size_t n)
{
	char expected[ROUTING_ID_MAX];
	int length = snprintf(expected, sizeof expected, "%.*s/%llu",
			      (int)hello->hello.name.n, hello->hello.name.at,
			      (unsigned long long)hello->hello.epoch);

	return length > 0 && (size_t)length == n &&
	       memcmp(expected, routing_id, n) == 0;
}

/* A name has one epoch: what the one before still has on its way is void. */
static void
drop_namesakes(struct bus *bus, const struct frame *hello)
{
	struct peer *peer, *next;

	HASH_ITER (hh, bus->accepted, peer, next)
		if (slice_is(hello->hello.name, peer->name))
			peer_drop(peer);
}

void
peer_accept_hello(struct bus_socket *server, const void *routing_id, size_t n,
		  const char *admitted_as, const struct frame *hello)
{
	struct bus *bus = server->bus;
	enum party kind = party_find(hello->hello.kind);
	struct frame answer;
	struct peer *peer;

	if (kind == PART || n > ROUTING_ID_MAX ||
	    !is_well_named(hello, routing_id, n) ||
	    (admitted_as != NULL &&
	     !slice_is(hello->hello.kind, admitted_as))) {
		log_warn("hello_refused", KS("peer", hello->hello.name));
		return;
	}
	drop_namesakes(bus, hello);
	if ((peer = peer_new(bus)) == NULL)
		return;
	peer->kind = kind;
	peer->socket = server;
	memcpy(peer->routing_id, routing_id, n);
	peer->routing_id_bytes = n;
	peer->heard_ms = loop_now_ms(bus->loop);
	HASH_ADD(hh, bus->accepted, routing_id, n, peer);
	if (peer->hh.tbl == NULL) {
		peer_free(peer); /* it says hello again */
		return;
	}
	peer_go_up(peer, hello);
	peer_fill_hello(bus, &answer);
	bus_answer(peer, hello->id, &answer);
	peer_tell_news(peer, PEER_UP);
}

void
peer_ask_hello(struct bus_socket *server, const void *routing_id, size_t n)
{
	struct buffer packed = { 0 };
	struct frame hello;

	peer_fill_hello(server->bus, &hello);
	if (frame_pack(&hello, &packed, NULL) == 0 &&
	    zmq_send(server->zmq, routing_id, n, ZMQ_SNDMORE | ZMQ_DONTWAIT) >=
		0)
		(void)zmq_send(server->zmq, packed.bytes, packed.n,
			       ZMQ_DONTWAIT);
	buffer_fini(&packed);
}
