/* SPDX-License-Identifier: MIT */
/* gateway/connection.c - begins, hears and ends client connections. What is
 * read goes to HTTP (http_server.c) or to the client's dialect. */
#include "gateway/connection_internal.h"

#include "gateway/client.h"
#include "gateway/crowd.h"
#include "gateway/dialect.h"
#include "gateway/http_server.h"
#include "gateway/unfinished.h"
#include "gateway/websocket_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

static void on_ready(void *self, uint32_t events);

/* --- Coming and going */

void
connection_mark_dirty(struct connection *c)
{
	struct gateway *g = c->gateway;

	if (c->is_dirty || c->state == CONNECTION_ENDED)
		return;
	c->is_dirty = true;
	c->next_dirty = NULL;
	if (g->dirty == NULL)
		g->dirty = c;
	else
		g->last_dirty->next_dirty = c;
	g->last_dirty = c;
}

static struct connection *
take_first_dirty(struct gateway *g)
{
	struct connection *c = g->dirty;

	if (c == NULL)
		return NULL;
	g->dirty = c->next_dirty;
	c->is_dirty = false;
	return c;
}

uint32_t
connection_now_ms(const struct connection *c)
{
	return (uint32_t)loop_now_ms(c->gateway->loop);
}

/* Into the table, and heard. */
static bool
enlist(struct connection *c)
{
	struct gateway *g = c->gateway;

	if (table_add(&g->connections, c) != 0)
		return false;
	if (loop_watch(g->loop, &c->watch, EPOLLIN) != 0) {
		table_remove(&g->connections, c);
		return false;
	}
	return true;
}

static struct exchange *
exchange_new(const struct listener *listener, const char *address,
	     uint32_t now_ms)
{
	struct exchange *http = calloc(1, sizeof *http);

	if (http == NULL)
		return NULL;
	http->listener = listener;
	http->began_ms = now_ms;
	snprintf(http->address, sizeof http->address, "%s", address);
	snprintf(http->peer, sizeof http->peer, "%s", address);
	return http;
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
	c->state =
	    gateway->tls == NULL ? CONNECTION_HTTP : CONNECTION_HANDSHAKE;
	c->watch =
	    (struct loop_watch){ .fd = fd, .on_ready = on_ready, .self = c };
	stream_init(&c->stream, fd, gateway->tls);
	c->heard_ms = c->moved_ms = connection_now_ms(c);
	c->http = exchange_new(listener, address, c->heard_ms);
	if (c->http == NULL || !crowd_enter(c))
		goto failed;
	if (!enlist(c)) {
		crowd_leave(c);
		goto failed;
	}
	quiet_stir(&gateway->comings);
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
	connection_mark_dirty(c);
}

struct connection *
connection_find(struct gateway *gateway, uint64_t id)
{
	return table_find(&gateway->connections, &id);
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
	return connection->stream.is_secure;
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
free_unheard(struct connection *c)
{
	if (c->unheard == NULL)
		return;
	buffer_fini(&c->unheard->ahead);
	free(c->unheard);
	c->unheard = NULL;
}

static void
end(struct connection *c)
{
	struct gateway *g = c->gateway;

	crowd_leave(c);
	if (c->state == CONNECTION_WEBSOCKET)
		g->count.closes[close_place(0)]++;
	c->state = CONNECTION_ENDED;
	loop_unwatch(g->loop, &c->watch);
	close(c->watch.fd);
	table_remove(&g->connections, c);
	LL_PREPEND2(g->ended, c, next_ended);
	quiet_stir(&g->comings);
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

	LL_FOREACH_SAFE2 (g->ended, c, next, next_ended) {
		stream_fini(&c->stream);
		outbox_fini(&c->outbox);
		unfinished_release(c);
		free_unheard(c);
		free_exchange(c);
		free(c);
	}
	g->ended = NULL;
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
	c->http->began_ms = c->heard_ms = connection_now_ms(c);
	connection_mark_dirty(c);
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
		c->heard_ms = connection_now_ms(c);
	g->count.bytes_in += (uint64_t)n;
	if (n > 0)
		hear(c, g->read_buffer, (size_t)n);
	connection_watch(c);
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
	connection_watch(c);
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
		connection_mark_dirty(c);
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
	crowd_settle(c);
	unfinished_release(c);
	free_exchange(c);
	connection_push(c, head);
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
		connection_flush(c);
}

void
connections_flush(struct gateway *gateway)
{
	struct connection *c;

	while ((c = take_first_dirty(gateway)) != NULL) {
		uint64_t before = log_conn(connection_trace(c));

		go_on(c);
		log_conn(before);
	}
	free_ended(gateway);
}

void
connections_free(struct gateway *gateway)
{
	struct connection *c;
	size_t cursor = 0;

	while ((c = table_next(&gateway->connections, &cursor)) != NULL)
		connection_cut(c);
	gateway->dirty = NULL;
	free_ended(gateway);
}
