/* SPDX-License-Identifier: MIT */
/* gateway/connection.c - reads, writes and ends client connections. What is
 * read goes to HTTP (http_server.c) or to the client's dialect. */
#include "gateway/connection.h"

#include "gateway/client.h"
#include "gateway/crowd.h"
#include "gateway/deflate.h"
#include "gateway/dialect.h"
#include "gateway/http_server.h"
#include "gateway/listener.h"
#include "gateway/unfinished.h"
#include "gateway/websocket_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

/* What waits for one connection: beyond that many, even the smallest ones. */
#define PARCELS_MAX 16384

static void on_ready(void *self, uint32_t events);

/* --- Coming and going */

static void
mark_dirty(struct connection *c)
{
	struct gateway *g = c->gateway;

	if (c->is_dirty || c->state == CONNECTION_ENDED)
		return;
	c->is_dirty = true;
	DL_APPEND2(g->dirty, c, prev_dirty, next_dirty);
}

static void
take_from_dirty(struct connection *c)
{
	if (!c->is_dirty)
		return;
	c->is_dirty = false;
	DL_DELETE2(c->gateway->dirty, c, prev_dirty, next_dirty);
}

/* Into the table, and heard. */
static bool
enlist(struct connection *c)
{
	struct gateway *g = c->gateway;

	HASH_ADD(hh, g->by_id, id, sizeof c->id, c);
	if (c->hh.tbl == NULL)
		return false;
	if (loop_watch(g->loop, &c->watch, EPOLLIN) != 0) {
		HASH_DEL(g->by_id, c);
		return false;
	}
	DL_APPEND(g->connections, c);
	return true;
}

struct connection *
connection_new(struct gateway *gateway, const struct listener *listener, int fd,
	       const char *address)
{
	struct connection *c = calloc(1, sizeof *c);
	uint64_t before;
	int yes = 1;

	if (c == NULL) {
		close(fd);
		return NULL;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	c->gateway = gateway;
	c->id = ++gateway->last_connection;
	c->listener = listener;
	c->state =
	    gateway->tls == NULL ? CONNECTION_HTTP : CONNECTION_HANDSHAKE;
	c->watch = (struct loop_watch){ fd, on_ready, c, 0 };
	stream_init(&c->stream, fd, gateway->tls);
	c->began_ms = c->heard_ms = c->moved_ms = loop_now_ms(gateway->loop);
	snprintf(c->address, sizeof c->address, "%s", address);
	c->http = calloc(1, sizeof *c->http);
	if (c->http == NULL || !crowd_enter(c))
		goto failed;
	if (!enlist(c)) {
		crowd_leave(c);
		goto failed;
	}
	snprintf(c->http->peer, sizeof c->http->peer, "%s", address);
	gateway->connection_count++;
	gateway->count.accepted++;
	gateway->count.open++;
	before = log_conn(connection_trace(c));
	log_debug("connected", KT("address", address));
	log_conn(before);
	return c;
failed:
	free(c->http);
	free(c);
	close(fd);
	return NULL;
}

void
connection_fail(struct connection *c)
{
	c->is_lost = true;
	mark_dirty(c);
}

struct connection *
connection_find(struct gateway *gateway, uint64_t id)
{
	struct connection *c;

	HASH_FIND(hh, gateway->by_id, &id, sizeof id, c);
	return c;
}

uint64_t
connection_trace_of(const struct gateway *gateway, uint64_t id)
{
	return gateway->trace_base | (id & CONNECTION_TRACE_IDS);
}

uint64_t
connection_trace(const struct connection *c)
{
	return connection_trace_of(c->gateway, c->id);
}

bool
connection_is_secure(const struct connection *connection)
{
	return connection->stream.tls != NULL;
}

static void
free_exchange(struct connection *c)
{
	if (c->http == NULL)
		return;
	buffer_fini(&c->http->in);
	buffer_fini(&c->http->body);
	buffer_fini(&c->http->ahead);
	free(c->http);
	c->http = NULL;
}

static void
end(struct connection *c)
{
	struct gateway *g = c->gateway;

	take_from_dirty(c);
	crowd_leave(c);
	if (c->state == CONNECTION_WEBSOCKET)
		g->count.closes[close_place(0)]++;
	c->state = CONNECTION_ENDED;
	loop_unwatch(g->loop, &c->watch);
	close(c->watch.fd);
	HASH_DEL(g->by_id, c);
	DL_DELETE(g->connections, c);
	DL_APPEND(g->ended, c);
	g->connection_count--;
	g->count.open--;
	if (c->client != NULL) {
		g->websocket_count--;
		g->count.websockets[dialect_place(c->client->dialect)]--;
		client_free(c->client);
		c->client = NULL;
	}
}

void
connection_cut(struct connection *c)
{
	uint64_t before = log_conn(connection_trace(c));

	if (c->state != CONNECTION_ENDED) {
		log_debug("disconnected");
		end(c);
	}
	log_conn(before);
}

static void
free_ended(struct gateway *g)
{
	struct connection *c, *next;

	DL_FOREACH_SAFE (g->ended, c, next) {
		stream_fini(&c->stream);
		outbox_fini(&c->outbox);
		unfinished_release(c);
		buffer_fini(&c->ahead);
		free_exchange(c);
		free(c);
	}
	g->ended = NULL;
}

/* --- Writing */

static void
watch_for(struct connection *c)
{
	uint32_t events =
	    stream_events(&c->stream, !c->is_paused, c->wants_write);

	if (c->state != CONNECTION_ENDED && events != c->watch.events &&
	    loop_rewatch(c->gateway->loop, &c->watch, events) != 0)
		connection_fail(c);
}

void
connection_pause(struct connection *c)
{
	c->is_paused = true;
	watch_for(c);
}

/* Nothing was read of the peer meanwhile: its silence begins now. */
void
connection_resume(struct connection *c)
{
	if (c->is_paused)
		c->heard_ms = loop_now_ms(c->gateway->loop);
	c->is_paused = false;
	watch_for(c);
	if (c->ahead.n > 0 || (c->http != NULL && c->http->ahead.n > 0))
		mark_dirty(c);
}

/* All is written: tell the peer that nothing more comes, and read until it has
 * closed too; closing with unread input would cut off what was just sent. */
static void
finish_closing(struct connection *c)
{
	if (c->was_shut)
		return;
	if (stream_end(&c->stream) == 0) {
		c->wants_write = true;
		watch_for(c);
		return;
	}
	c->was_shut = true;
	c->heard_ms = loop_now_ms(c->gateway->loop);
}

/* As outbox_write(). */
static int
write_out(struct connection *c)
{
	uint32_t before = c->outbox.bytes;
	uint64_t sent = stream_sent(&c->stream);
	int rc = stream_write(&c->stream, &c->outbox);

	if (rc < 0)
		return rc;
	c->gateway->count.bytes_out += before - c->outbox.bytes;
	if (rc == 1 || c->outbox.bytes < before ||
	    stream_sent(&c->stream) != sent)
		c->moved_ms = loop_now_ms(c->gateway->loop);
	c->wants_write = rc == 0;
	watch_for(c);
	return rc;
}

static void
flush(struct connection *c)
{
	int rc = write_out(c);

	if (rc < 0) {
		connection_cut(c);
		return;
	}
	if (rc == 1 && c->state == CONNECTION_CLOSING)
		finish_closing(c);
	else if (c->client != NULL)
		client_drained(c->client);
	else
		http_drained(c);
}

static void
push(struct connection *c, struct parcel *parcel)
{
	if (c->state == CONNECTION_ENDED || c->was_shut || c->is_lost)
		return;
	if (outbox_push(&c->outbox, parcel) != 0)
		connection_fail(c);
	else
		mark_dirty(c);
}

/* What goes on the wire for a message: one form for all who agreed on it. */
static struct parcel *
form_for(const struct connection *c, struct parcel *parcel)
{
	if (c->deflate_bits == 0)
		return parcel;
	return deflate_parcel(c->gateway->deflate, parcel, c->deflate_bits);
}

static bool
has_room(const struct connection *c, const struct parcel *parcel)
{
	return c->outbox.bytes + parcel->n <= c->gateway->outbox_max &&
	       c->outbox.count < PARCELS_MAX;
}

void
connection_send(struct connection *c, struct parcel *parcel)
{
	if (c->state == CONNECTION_CLOSING || c->is_lost)
		return;
	parcel = form_for(c, parcel);
	/* A turn may bring more than the bound to a peer that is not slow. */
	if (!has_room(c, parcel) && !c->wants_write && write_out(c) < 0) {
		connection_fail(c);
		return;
	}
	if (has_room(c, parcel)) {
		push(c, parcel);
		return;
	}
	c->gateway->count.slow_consumers[SLOW_full]++;
	connection_close(c, WEBSOCKET_TRY_LATER, "too slow");
}

void
connection_send_answer(struct connection *c, struct parcel *parcel)
{
	if (c->state != CONNECTION_CLOSING)
		push(c, form_for(c, parcel));
}

/* The close frame goes in front of nothing: what waits is written first, if the
 * peer takes it before it is cut. */
void
connection_close(struct connection *c, unsigned code, const char *reason)
{
	uint8_t payload[WEBSOCKET_CONTROL_MAX];
	struct parcel *parcel;
	size_t n;

	if (c->state != CONNECTION_WEBSOCKET)
		return;
	n = websocket_close_payload(payload, code, reason);
	parcel = parcel_of_frame(WEBSOCKET_OP_CLOSE, payload, n);
	if (parcel == NULL) {
		connection_fail(c);
		return;
	}
	push(c, parcel);
	parcel_drop(parcel);
	if (c->is_lost)
		return;
	c->state = CONNECTION_CLOSING;
	c->gateway->count.closes[close_place(code)]++;
	log_debug("closing", KN("code", code), KT("reason", reason));
	c->heard_ms = loop_now_ms(c->gateway->loop);
	connection_resume(c);
}

void
connection_begin_answer(struct connection *c)
{
	c->state = CONNECTION_ANSWERING;
	crowd_serve(c);
}

void
connection_answered(struct connection *c)
{
	if (c->state != CONNECTION_ANSWERING)
		return;
	crowd_wait(c);
	c->state = http_next_request(c) ? CONNECTION_HTTP : CONNECTION_CLOSING;
	c->began_ms = c->heard_ms = loop_now_ms(c->gateway->loop);
	mark_dirty(c);
	connection_resume(c);
}

/* --- Reading */

static void
hear(struct connection *c, uint8_t *bytes, size_t n)
{
	switch (c->state) {
	case CONNECTION_HTTP:
		http_hear(c, bytes, n);
		break;
	case CONNECTION_WEBSOCKET:
		websocket_hear(c, bytes, n);
		break;
	default:
		break; /* it is ending: nothing is heard any more */
	}
}

static void
on_readable(struct connection *c)
{
	struct gateway *g = c->gateway;
	ssize_t n = stream_read(&c->stream, g->read_buffer, READ_BYTES);

	if (n < 0) {
		if (outbox_is_empty(&c->outbox))
			stream_abandon(&c->stream);
		connection_cut(c);
		return;
	}
	if (n > 0 && c->state != CONNECTION_CLOSING)
		c->heard_ms = loop_now_ms(g->loop);
	g->count.bytes_in += (uint64_t)n;
	if (n > 0)
		hear(c, g->read_buffer, (size_t)n);
	watch_for(c);
}

/* Who speaks plain HTTP here, or nothing that we would speak, is cut. */
static void
shake_hands(struct connection *c)
{
	int rc = stream_agree(&c->stream);

	if (rc < 0) {
		c->gateway->count.handshakes_failed++;
		connection_cut(c);
		return;
	}
	if (rc == 1)
		c->state = CONNECTION_HTTP;
	watch_for(c);
}

static void
on_events(struct connection *c, uint32_t told)
{
	uint32_t events = stream_ready(&c->stream, told, !c->is_paused);

	if (c->state == CONNECTION_HANDSHAKE) {
		shake_hands(c);
		return;
	}
	if ((events & EPOLLOUT) != 0)
		mark_dirty(c);
	if ((events & EPOLLIN) != 0)
		on_readable(c);
	else if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		connection_cut(c);
}

static void
on_ready(void *self, uint32_t told)
{
	struct connection *c = self;
	uint64_t before = log_conn(connection_trace(c));

	on_events(c, told);
	log_conn(before);
}

void
connection_upgrade(struct connection *c, struct parcel *head,
		   struct client *client)
{
	struct buffer ahead = c->http->ahead;

	c->http->ahead = (struct buffer){ 0 };
	free_exchange(c);
	push(c, head);
	if (c->is_lost) {
		client_free(client);
		buffer_fini(&ahead);
		return;
	}
	c->client = client;
	c->state = CONNECTION_WEBSOCKET;
	c->gateway->websocket_count++;
	c->gateway->count.websockets[dialect_place(client->dialect)]++;
	c->gateway->count.opened[dialect_place(client->dialect)]++;
	c->gateway->count.responses[0]++;
	log_debug("upgraded", KT("dialect", client->dialect->name),
		  KU("user", &client->user->id));
	websocket_init(&c->websocket, MESSAGE_BYTES, c->deflate_bits != 0);
	connection_resume(c);
	client_open(client);
	if (ahead.n > 0)
		hear(c, ahead.bytes, ahead.n);
	buffer_fini(&ahead);
}

/* --- All of them */

static void
go_on(struct connection *c)
{
	if (c->is_lost)
		connection_cut(c);
	else if (c->state == CONNECTION_HTTP)
		http_go_on(c);
	else if (c->state == CONNECTION_WEBSOCKET)
		websocket_go_on(c);
	if (c->state != CONNECTION_ENDED)
		flush(c);
}

void
connections_flush(struct gateway *gateway)
{
	struct connection *c;

	while ((c = gateway->dirty) != NULL) {
		uint64_t before = log_conn(connection_trace(c));

		take_from_dirty(c);
		go_on(c);
		log_conn(before);
	}
	free_ended(gateway);
}

void
connections_free(struct gateway *gateway)
{
	struct connection *c, *next;

	DL_FOREACH_SAFE (gateway->connections, c, next)
		connection_cut(c);
	free_ended(gateway);
}
