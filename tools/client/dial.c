/* SPDX-License-Identifier: MIT */
/* tools/client/dial.c - libcurl's multi interface on our loop, for the one
 * transfer that ends where a connection begins (CURLOPT_CONNECT_ONLY).
 *
 * The easy handle stays in the multi handle for the connection's life:
 * removing it would close it.
 */
#include "tools/client/dial.h"

#include "proto/curl_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (16 * 1024) /* a record of TLS */

struct dial {
	struct loop *loop;
	const struct dial_events *events;
	void *self;
	struct curl_loop curl;
	CURL *easy;
	struct loop_timer flush_timer; /* fires in the next turn */
	struct loop_watch socket;      /* once it is connected */
	bool is_connected;
	bool is_broken;
	struct buffer out;
	/* What is being written. A write over TLS that could not go through
	 * must be repeated from the same place (SSL_write(3)). */
	unsigned char chunk[CHUNK_BYTES];
	size_t chunk_at, chunk_n;
	char why[CURL_ERROR_SIZE];
};

/* --- Writing */

static bool
load_chunk(struct dial *d)
{
	size_t n = d->out.n < CHUNK_BYTES ? d->out.n : CHUNK_BYTES;

	if (n == 0)
		return false;
	memcpy(d->chunk, d->out.bytes, n);
	buffer_consume(&d->out, n);
	d->chunk_at = 0;
	d->chunk_n = n;
	return true;
}

int
dial_flush(struct dial *d)
{
	uint32_t events = EPOLLIN;

	if (!d->is_connected || d->is_broken)
		return d->is_broken ? -1 : 0;
	while (d->chunk_at < d->chunk_n || load_chunk(d)) {
		size_t sent = 0;
		CURLcode code = curl_easy_send(d->easy, d->chunk + d->chunk_at,
					       d->chunk_n - d->chunk_at, &sent);

		if (code == CURLE_AGAIN) {
			events |= EPOLLOUT;
			break;
		}
		if (code != CURLE_OK) {
			d->is_broken = true;
			return -1;
		}
		d->chunk_at += sent;
	}
	if (d->socket.events != events &&
	    loop_rewatch(d->loop, &d->socket, events) != 0)
		d->is_broken = true;
	return d->is_broken ? -1 : 0;
}

static void
flush_or_fail(struct dial *d)
{
	if (dial_flush(d) != 0)
		d->events->on_failed(d->self, "the connection was lost", false);
}

static void
on_flush_due(void *self)
{
	flush_or_fail(self);
}

struct buffer *
dial_out(struct dial *d)
{
	/* A turn later at the latest; the heap has room since dial_new(). */
	(void)loop_timer_set(d->loop, &d->flush_timer, 0);
	return &d->out;
}

size_t
dial_waiting(const struct dial *d)
{
	return d->out.n + d->chunk_n - d->chunk_at;
}

/* --- Reading */

ssize_t
dial_read(struct dial *d, void *into, size_t n)
{
	size_t got = 0;
	CURLcode code = curl_easy_recv(d->easy, into, n, &got);

	if (code == CURLE_OK)
		return (ssize_t)got;
	errno = code == CURLE_AGAIN ? EAGAIN : EIO;
	return -1;
}

static void
on_socket(void *self, uint32_t events)
{
	struct dial *d = self;

	if ((events & EPOLLOUT) != 0 && dial_flush(d) != 0) {
		d->events->on_failed(d->self, "the connection was lost", false);
		return;
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		d->events->on_readable(d->self);
}

/* --- Connecting */

static bool
is_hopeless(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_UNSUPPORTED_PROTOCOL ||
	       code == CURLE_URL_MALFORMAT;
}

static void
begin(struct dial *d)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	d->socket = (struct loop_watch){ .on_ready = on_socket, .self = d };
	if (curl_easy_getinfo(d->easy, CURLINFO_ACTIVESOCKET, &fd) !=
		CURLE_OK ||
	    fd == CURL_SOCKET_BAD) {
		d->events->on_failed(d->self, "no connection", false);
		return;
	}
	d->socket.fd = fd;
	if (loop_watch(d->loop, &d->socket, EPOLLIN) != 0) {
		d->events->on_failed(d->self, strerror(errno), false);
		return;
	}
	d->is_connected = true;
	d->events->on_connected(d->self);
}

/* Looks whether the one transfer is done; it may free the dial. */
static void
look_for_end(void *self)
{
	struct dial *d = self;
	CURLMsg *message;
	int left;

	if (d->is_connected)
		return;
	message = curl_multi_info_read(d->curl.multi, &left);
	if (message == NULL || message->msg != CURLMSG_DONE)
		return;
	loop_timer_clear(d->loop, &d->curl.timer);
	if (message->data.result == CURLE_OK)
		begin(d);
	else
		d->events->on_failed(
		    d->self,
		    d->why[0] != '\0'
			? d->why
			: curl_easy_strerror(message->data.result),
		    is_hopeless(message->data.result));
}

/* --- Begin and end */

static bool
set_options(struct dial *d, const struct server_url *server, const char *cacert)
{
	CURL *e = d->easy;

	return curl_easy_setopt(e, CURLOPT_URL, server->base) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
	       /* A proxy of HTTP must pass our bytes on as they are. */
	       curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       /* HTTP/2 has no Upgrade. */
	       curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
				(long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_ERRORBUFFER, d->why) == CURLE_OK &&
	       (cacert == NULL ||
		curl_easy_setopt(e, CURLOPT_CAINFO, cacert) == CURLE_OK);
}

struct dial *
dial_new(struct loop *loop, const struct server_url *server, const char *cacert,
	 const struct dial_events *events, void *self)
{
	struct dial *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->loop = loop;
	d->events = events;
	d->self = self;
	d->flush_timer =
	    (struct loop_timer){ .on_due = on_flush_due, .self = d };
	d->easy = curl_easy_init();
	if (curl_loop_open(&d->curl, loop, look_for_end, d) != 0 ||
	    d->easy == NULL || !set_options(d, server, cacert) ||
	    loop_timer_set(loop, &d->flush_timer, 0) != 0 ||
	    curl_multi_add_handle(d->curl.multi, d->easy) != CURLM_OK) {
		dial_free(&d);
		errno = ENOMEM;
	}
	return d;
}

void
dial_free(struct dial **dial)
{
	struct dial *d = *dial;

	if (d == NULL)
		return;
	if (d->is_connected)
		loop_unwatch(d->loop, &d->socket);
	if (d->curl.multi != NULL && d->easy != NULL)
		(void)curl_multi_remove_handle(d->curl.multi, d->easy);
	curl_easy_cleanup(d->easy);
	curl_loop_close(&d->curl);
	loop_timer_clear(d->loop, &d->flush_timer);
	buffer_fini(&d->out);
	free(d);
	*dial = NULL;
}
