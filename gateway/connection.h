/* SPDX-License-Identifier: MIT */
/* gateway/connection.h - one TCP connection of a client: perhaps TLS, then
 * HTTP, then, after an upgrade, WebSocket.
 *
 * An idle WebSocket connection owns its struct and nothing else: input is read
 * into a buffer that all share; what waits to be heard or written, and the
 * request that it began with, are allocated only while there are any.
 */
#ifndef PARLEY_GATEWAY_CONNECTION_H
#define PARLEY_GATEWAY_CONNECTION_H

#include "gateway/gateway.h"
#include "gateway/http.h"
#include "gateway/outbox.h"
#include "gateway/sources.h"
#include "gateway/stream.h"
#include "gateway/unfinished.h"
#include "gateway/websocket.h"
#include "proto/buffer.h"

enum connection_state {
	CONNECTION_HANDSHAKE, /* of TLS; nothing was said yet */
	CONNECTION_HTTP,      /* reads a request */
	CONNECTION_ANSWERING, /* a request is being answered: reads no further
			       */
	CONNECTION_WEBSOCKET,
	CONNECTION_CLOSING, /* the last was said: flush, wait for the peer */
	CONNECTION_ENDED,   /* freed at the end of the turn */
};

/* Times are the lower bits of loop_now_ms(): only their differences count. */
struct connection {
	uint64_t id; /* never used twice */
	struct gateway *gateway;
	struct loop_watch watch;
	struct stream stream;
	struct outbox outbox;
	struct client *client;         /* after the upgrade */
	struct exchange *http;         /* before it */
	struct unheard *unheard;       /* after it; NULL: all has been heard */
	struct source *source;         /* the address that it counts for */
	struct connection *next_dirty; /* gateway->dirty */
	struct connection *next_ended; /* gateway->ended */
	uint32_t heard_ms;    /* when the peer last sent something; once it is
			       * pinged, as long before as it was to be silent */
	uint32_t moved_ms;    /* when the outbox was last empty or got shorter
			       */
	uint8_t state;        /* enum connection_state */
	uint8_t deflate_bits; /* see deflate_agree(); 0: nothing compressed */
	bool is_dirty : 1; /* in gateway->dirty: the turn's end has work for it
			    */
	bool is_paused : 1;
	bool wants_write : 1; /* the socket was full */
	bool was_shut : 1;    /* our side of the socket is closed */
	bool was_pinged : 1;
	bool is_lost : 1;   /* see connection_fail() */
	bool is_excess : 1; /* its address has too many: see crowd.h */
	bool is_corked : 1; /* see connection_cork() */
};

/* A request in hand. Its slices point into `in`, which stays where it is until
 * the request is answered. */
struct exchange {
	const struct listener *listener;
	struct buffer in;
	struct buffer body;
	struct buffer ahead; /* what came behind the request */
	struct http_scan scan;
	struct http_request request;
	struct http_body reading;
	bool has_head;
	struct unfinished unfinished; /* the request */
	uint32_t began_ms;            /* when it could begin */
	struct waiter waiter;         /* in the line of the peer's address */
	struct source *forwarded;     /* the client's address behind a proxy */
	char address[46];             /* the client's, as text: see trust.h */
	char peer[46]; /* the address at the other end of the socket */
};

/* Of a WebSocket, while it is being heard, and as long as that is not done. */
struct unheard {
	struct websocket websocket; /* between messages: as it was at first */
	struct unfinished unfinished;
	struct buffer ahead; /* came while it was paused */
};

/* Takes the socket, also on failure: NULL with errno. */
struct connection *connection_new(struct gateway *gateway,
				  const struct listener *listener, int fd,
				  const char *address);

/* NULL if it is gone. For answers that come later: keep the id. */
struct connection *connection_find(struct gateway *gateway, uint64_t id);

/* The lower bits of a trace: which connection of its gateway it is. */
#define CONNECTION_TRACE_IDS ((UINT64_C(1) << 40) - 1)

/* What it is called in all logs and in the frames that concern it: unlike its
 * id no other gateway uses it, nor this one after its next start. */
uint64_t connection_trace(const struct connection *connection);

/* The same for the connection with this id, which may be gone. */
uint64_t connection_trace_of(const struct gateway *gateway, uint64_t id);

/* Whether it came by TLS. */
bool connection_is_secure(const struct connection *connection);

/* Queues a parcel (held, not taken) for the end of this turn. A connection for
 * which too much waits is closed with 1013. */
void connection_send(struct connection *connection, struct parcel *parcel);

/* As connection_send(); if nothing waits, it is written now. For what many hear
 * in one pass. */
void connection_send_at_once(struct connection *connection,
			     struct parcel *parcel);

/* As connection_send(), for an answer that was asked for: it may exceed the
 * bound by itself. */
void connection_send_answer(struct connection *connection,
			    struct parcel *parcel);

/* There is a request in hand; and it has its answer in the outbox. */
void connection_begin_answer(struct connection *connection);
void connection_answered(struct connection *connection);

/* Sends a close frame; the connection ends once it is written and the peer has
 * closed too, or a few seconds later. */
void connection_close(struct connection *connection, unsigned code,
		      const char *reason);

/* Ends it at once. Safe to call from its own callbacks: memory is given back at
 * the end of the turn. */
void connection_cut(struct connection *connection);

/* What it must hear could not be made or queued, or its socket is dead: it ends
 * at the end of the turn, as who notices may be about to use its client.
 * Whoever comes back reads what was missed. */
void connection_fail(struct connection *connection);

/* Stops and continues to hear it: what has been read already waits. */
void connection_pause(struct connection *connection);
void connection_resume(struct connection *connection);

/* Withholds what is sent to a WebSocket, and of a new one the 101 answer too,
 * until it is uncorked or closed. Not for long: the peer waits. */
void connection_cork(struct connection *connection);
void connection_uncork(struct connection *connection);

/* Becomes a WebSocket connection: `head` is the 101 answer (held, not taken);
 * what came behind the request is its first input. Takes `client`. */
void connection_upgrade(struct connection *connection, struct parcel *head,
			struct client *client);

/* The end of a turn: writes what waits, frees what has ended. */
void connections_flush(struct gateway *gateway);

/* Once a second: pings, and ends those who do not answer or do not read. */
void connections_sweep(struct gateway *gateway);

/* Ends all at once. */
void connections_free(struct gateway *gateway);

#endif
