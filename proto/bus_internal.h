/* SPDX-License-Identifier: MIT */
/* proto/bus_internal.h - what the files of the bus share.
 *
 *   bus.c           set-up, ticks, the end
 *   bus_turn.c      what a turn receives and sends, dispatch
 *   bus_socket.c    ZeroMQ sockets and their options
 *   bus_connect.c   links to other daemons
 *   bus_peers.c     which of several peers
 *   peer.c          hello, up and down, frames to one peer
 *   peer_hear.c     frames from one peer: batches, ping, events, answers
 *   peer_accept.c   who connects to us
 *   bus_metrics.c   what was counted, for whoever asks
 *   requests.c      what waits for an answer
 *   events.c        numbered events and their replay
 *   curve.c         keys and who is admitted where an endpoint is tcp://
 *   tap.c           the mirror for whoever listens
 */
#ifndef PARLEY_PROTO_BUS_INTERNAL_H
#define PARLEY_PROTO_BUS_INTERNAL_H

#include "proto/bus.h"
#include "proto/bus_setup.h"
#include "proto/curve.h"
#include "proto/events.h"
#include "proto/hash.h"
#include "proto/loop.h"
#include "proto/requests.h"
#include "proto/tap.h"

#include <zmq.h>

#define PING_EVERY_MS  900
#define PATIENCE_MS    (32 * PING_EVERY_MS) /* with who does not greet back */
#define LATE_ANSWER_MS 1000 /* to a ping: then we say unasked that we live */
#define SILENT_LINK_MS 2600 /* then a daemon that we need counts as hung */
#define SILENT_PEER_MS 3000 /* then one that connected to us counts as gone */

#define OUTGOING_MAX                                                           \
	(16 * 1024 * 1024)       /* waiting for a peer that reads slowly */
#define PACED_BYTES (16 * 1024)  /* enough to be worth a message at once */
#define BATCH_MAX   (256 * 1024) /* then a message leaves within a turn */

/* Messages that one turn receives at most, and the time it has for them. */
#define HELD_MAX    1024
#define TURN_MAX_US 50000

#define ROUTING_ID_MAX 64

struct bus_socket {
	struct bus *bus;
	void *zmq;
	void (*on_message)(struct bus_socket *socket, zmq_msg_t *message);
	struct peer *peer; /* of a link and its monitor */
	struct loop_watch watch;
	bool is_stirred;     /* its state may have changed: see bus_turn.c */
	uint64_t drained_ms; /* when it was stirred */
	struct bus_socket *next;
};

enum peer_state { PEER_AWAY, PEER_GREETING, PEER_LIVING };

struct peer {
	struct bus *bus;
	enum party kind;
	char name[33];
	uint64_t epoch;
	enum peer_state state;
	uint64_t heard_ms;
	uint64_t hello_id;    /* of the hello that we wait for */
	uint64_t greeted_ms;  /* when it left */
	unsigned patience_ms; /* before it is greeted again */
	uint64_t sent_us;     /* when something last left */
	bool reachable;       /* a link's connection stands */
	bool is_link;         /* we connected; otherwise it did */
	bool is_torn; /* a frame was lost for want of memory: begin anew */
	bool was_up;
	struct bus_socket *socket;
	char *endpoint; /* of a link */
	uint8_t routing_id[ROUTING_ID_MAX];
	size_t routing_id_bytes;
	struct buffer outgoing;
	bool numbers_batches; /* a link's: the other side counts them too */
	uint64_t batches;     /* since hello: begun, or heard from a link */
	struct requests requests;
	struct events sent;    /* numbered by us */
	struct events_in seen; /* numbered by the peer */
	UT_hash_handle hh;     /* in bus->accepted, by routing id */
	struct peer *next;     /* in bus->links */
};

struct bus {
	struct bus_config config;
	struct loop *loop;
	void *context;
	struct bus_socket *sockets;
	struct peer *links;
	struct peer *accepted;
	struct tap *tap;
	struct bus_socket *tap_socket;
	struct curve *curve;
	struct arena arena;
	struct loop_timer tick;
	struct loop_timer pace; /* the turn in which what was kept leaves */
	bool is_calm; /* no request waits: ticks come only for pings */
	uint64_t ticked_ms;
	uint64_t pinged_ms;
	uint64_t last_id;
	zmq_msg_t *held; /* received in this turn; frames point into them */
	size_t held_count;
	size_t held_bytes;
	uint64_t turn_ends_us; /* then nothing more is received in it */
	frame_handler *routes[FRAME_KINDS];
	struct common_figures *figures;
	struct common_figures unread; /* where nobody has set any */
};

/* One more of what is counted for each kind of peer. */
#define COUNT_PEER(peer, field)                                                \
	((peer)->bus->figures->field[party_place((peer)->kind)]++)

/* bus.c */
void bus_watch_deadlines(struct bus *bus);
int bus_prepare_keys(struct bus *bus, const char *endpoint);
int bus_tell_failure(const char *event, const char *endpoint);

/* bus_turn.c */
void bus_note(const char *event, const struct peer *peer,
	      const struct frame *frame);
void bus_dispatch(struct peer *from, const struct frame *frame);
void bus_on_link_message(struct bus_socket *socket, zmq_msg_t *message);
void bus_on_server_message(struct bus_socket *socket, zmq_msg_t *message);
void bus_on_monitor_message(struct bus_socket *socket, zmq_msg_t *message);
void bus_release_held(struct bus *bus);
void bus_stir(struct bus_socket *socket);
uint64_t bus_drained_ms(const struct bus_socket *socket);
void bus_mirror(const struct peer *peer, const char *direction,
		const struct frame *frame, const void *packed, size_t n);

/* bus_metrics.c */
void bus_hear_get_metrics(struct peer *from, const struct frame *frame);

/* bus_socket.c */
bool bus_is_tcp(const char *endpoint);
void *bus_open_zmq(struct bus *bus, int type, const char *endpoint);
struct bus_socket *bus_add_socket(struct bus *bus, void *zmq,
				  void (*on_message)(struct bus_socket *,
						     zmq_msg_t *));

/* peer.c */
struct peer *peer_new(struct bus *bus);
void peer_fill_pong(const struct peer *peer, struct frame *pong);
void peer_fill_hello(const struct bus *bus, struct frame *hello);
void peer_go_up(struct peer *peer, const struct frame *hello);
void peer_tell_news(struct peer *peer, enum peer_news news);
void peer_free(struct peer *peer);
void peer_tick(struct peer *peer, uint64_t now_ms, bool judge, bool ping);
void peer_reached(struct peer *link);
void peer_lost(struct peer *link);
void peer_drop(struct peer *accepted);
void peer_flush(struct peer *peer);
void peer_greet(struct peer *link);
void peer_go_down(struct peer *peer);
int peer_begin_batch(struct peer *peer);

/* peer_hear.c */
void peer_hear(struct peer *peer, struct frame *frame);

/* peer_accept.c */
void peer_accept_hello(struct bus_socket *server, const void *routing_id,
		       size_t n, const char *admitted_as,
		       const struct frame *hello);
void peer_ask_hello(struct bus_socket *server, const void *routing_id,
		    size_t n);

#endif
