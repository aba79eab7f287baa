/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/conversation.h - clients of a whole gateway, for fuzzers.
 *
 * Each client is the other end of a socket that the gateway holds. Whatever is
 * said: what comes back is HTTP, and after an upgrade frames that a client may
 * take; and when all have gone, nothing is left behind in the gateway.
 */
#ifndef PARLEY_TESTS_FUZZ_GATEWAY_CONVERSATION_H
#define PARLEY_TESTS_FUZZ_GATEWAY_CONVERSATION_H

#include "tests/fuzz/gateway/daemons.h"

#include "gateway/connection.h"
#include "gateway/deflate.h"
#include "gateway/departures.h"
#include "gateway/drain.h"
#include "gateway/fanout.h"
#include "gateway/rooms.h"
#include "gateway/users.h"
#include "proto/utf8.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#define CLIENTS   3
#define TURNS_MAX 64 /* of one line */
#define ADDRESS   "192.0.2.1"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct talker {
	int fd; /* -1: not connected */
	bool is_deaf;
	bool expects_frames; /* it asked for an upgrade, and nothing else */
	bool has_upgraded;
	bool offers_deflate;
	bool was_closed; /* by a close frame */
	struct buffer heard;
};

static struct gateway gateway;
static struct talker talkers[CLIENTS];

static const struct metric_source metrics = {
	.daemon = "gateway",
	.tables = { { gateway_metrics, &gateway.count } },
	.measure = figures_measure,
	.self = &gateway,
};
static struct runtime runtime = { .metrics = &metrics };

/* --- What comes back */

static size_t
payload_length(const struct buffer *heard, size_t *header)
{
	size_t n = heard->n < 2 ? 0 : heard->bytes[1];
	size_t more = n == 126 ? 2 : n == 127 ? 8 : 0;

	*header = 2 + more;
	if (more == 0)
		return n;
	n = 0;
	for (size_t i = 0; i < more && heard->n >= *header; i++)
		n = n << 8 | heard->bytes[2 + i];
	must(heard->n < *header || n > (more == 2 ? 125u : 65535u));
	return n;
}

static void
judge_text(const char *text, size_t n)
{
	json_t *body;

	must(utf8_is_valid(text, n));
	body = json_loadb(text, n, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	must(body != NULL);
	json_decref(body);
}

/* RFC 7692 7.2.2; the window is the largest, so that it fits any. */
static void
judge_deflated(const char *payload, size_t n)
{
	static char text[1 << 20];
	z_stream z = { .next_in = (Bytef *)payload,
		       .avail_in = (uInt)n,
		       .next_out = (Bytef *)text,
		       .avail_out = sizeof text };
	uint8_t tail[] = { 0, 0, 0xff, 0xff };

	must(inflateInit2(&z, -15) == Z_OK);
	must(inflate(&z, Z_SYNC_FLUSH) == Z_OK && z.avail_in == 0);
	z.next_in = tail;
	z.avail_in = sizeof tail;
	must(inflate(&z, Z_SYNC_FLUSH) == Z_OK && z.avail_in == 0);
	judge_text(text, sizeof text - z.avail_out);
	must(inflateEnd(&z) == Z_OK);
}

/* RFC 6455 5.1 to 5.5: whole, unmasked, as short as can be. */
static void
judge_frame(struct talker *t, const uint8_t *frame, size_t header, size_t n)
{
	const char *payload = (const char *)frame + header;

	must(!t->was_closed);
	switch (frame[0]) {
	case 0x80 | WEBSOCKET_OP_TEXT:
		judge_text(payload, n);
		break;
	case 0xc0 | WEBSOCKET_OP_TEXT:
		must(t->offers_deflate);
		judge_deflated(payload, n);
		break;
	case 0x80 | WEBSOCKET_OP_BINARY:
		break;
	case 0x80 | WEBSOCKET_OP_CLOSE:
		t->was_closed = true;
		must(n != 1 && n <= WEBSOCKET_CONTROL_MAX);
		must(n == 0 || websocket_is_close_code((frame[header] << 8u) |
						       frame[header + 1]));
		break;
	case 0x80 | WEBSOCKET_OP_PING:
	case 0x80 | WEBSOCKET_OP_PONG:
		must(n <= WEBSOCKET_CONTROL_MAX);
		break;
	default:
		abort();
	}
}

static void
forget(struct buffer *heard, size_t n)
{
	memmove(heard->bytes, heard->bytes + n, heard->n - n);
	heard->n -= n;
}

static void
judge_frames(struct talker *t)
{
	size_t header, n;

	while (t->heard.n >= 2) {
		must((t->heard.bytes[1] & 0x80) == 0);
		n = payload_length(&t->heard, &header);
		if (t->heard.n < header || t->heard.n - header < n)
			return;
		judge_frame(t, t->heard.bytes, header, n);
		forget(&t->heard, header + n);
	}
}

static void
judge_head(struct talker *t)
{
	static const char version[] = "HTTP/1.1 ";
	const char *end;

	must(t->heard.n < sizeof version + 3 ||
	     memcmp(t->heard.bytes, version, sizeof version - 1) == 0);
	end = memmem(t->heard.bytes, t->heard.n, "\r\n\r\n", 4);
	if (end == NULL || !t->expects_frames)
		return;
	t->expects_frames = false;
	t->has_upgraded =
	    memcmp(t->heard.bytes + sizeof version - 1, "101 ", 4) == 0;
	if (t->has_upgraded)
		forget(&t->heard, (size_t)(end - (char *)t->heard.bytes) + 4);
}

static void
listen_to_gateway(struct talker *t)
{
	uint8_t bytes[4096];
	ssize_t n;

	while (t->fd >= 0 && !t->is_deaf &&
	       (n = recv(t->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
		must(buffer_append(&t->heard, bytes, (size_t)n) == 0);
		if (!t->has_upgraded)
			judge_head(t);
		if (t->has_upgraded)
			judge_frames(t);
	}
}

/* --- Turns of the loop */

static uint32_t
events_of(const struct pollfd *fd)
{
	return ((fd->revents & POLLIN) != 0 ? EPOLLIN : 0u) |
	       ((fd->revents & POLLOUT) != 0 ? EPOLLOUT : 0u) |
	       ((fd->revents & POLLERR) != 0 ? EPOLLERR : 0u) |
	       ((fd->revents & POLLHUP) != 0 ? EPOLLHUP : 0u);
}

/* Whether a socket had news. */
static bool
tell_sockets(void)
{
	bool some = false;

	for (int i = 0; i < WATCHES_MAX; i++) {
		struct loop_watch *watch = loop.watches[i];
		struct pollfd fd;

		if (watch == NULL)
			continue;
		fd = (struct pollfd){
			.fd = watch->fd,
			.events =
			    (short)((watch->events & EPOLLIN ? POLLIN : 0) |
				    (watch->events & EPOLLOUT ? POLLOUT : 0)),
		};
		if (poll(&fd, 1, 0) == 1) {
			watch->on_ready(watch->self, events_of(&fd));
			some = true;
		}
	}
	return some;
}

static bool
turn(void)
{
	bool some = loop.again;

	loop.again = false;
	some |= tell_sockets();
	some |= daemons_answer();
	if (gateway.draining)
		(void)drain_go_on(&gateway);
	users_turn(&gateway);
	rooms_turn(&gateway);
	clients_resume(&gateway);
	fanout_turn(&gateway);
	connections_flush(&gateway);
	arena_reset(&bus.arena);
	for (int i = 0; i < CLIENTS; i++)
		listen_to_gateway(&talkers[i]);
	return some;
}

static void
turns(void)
{
	for (int i = 0; i < TURNS_MAX && turn(); i++)
		;
}

/* A second passes at a time, as the gateway's sweep sees it. */
static void
pass(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		loop.now_ms += 1000;
		fire_timer();
		daemons_expire(false);
		connections_sweep(&gateway);
		departures_sweep(&gateway);
		rooms_sweep(&gateway);
		turns();
	}
}

/* --- What clients do */

static void
client_goes(struct talker *t)
{
	if (t->fd >= 0)
		close(t->fd);
	buffer_fini(&t->heard);
	*t = (struct talker){ .fd = -1 };
}

static void
client_comes(struct talker *t)
{
	int fds[2];

	if (t->fd >= 0)
		return;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	t->fd = fds[0];
	must(connection_new(&gateway, NULL, fds[1], ADDRESS) != NULL);
}

static void
client_says(struct talker *t, const void *bytes, size_t n)
{
	const char *at = bytes;

	client_comes(t);
	for (int i = 0; i < TURNS_MAX && n > 0; i++) {
		ssize_t sent = send(t->fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN)
			break;
		at += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
		turns();
	}
}

/* As a whole frame, masked with zeros. */
static void
client_says_frame(struct talker *t, unsigned opcode, const void *payload,
		  size_t n)
{
	uint8_t header[WEBSOCKET_HEADER_MAX + 4];
	size_t bytes =
	    websocket_frame_header(header, (enum websocket_opcode)opcode, n);
	struct buffer frame = { 0 };

	header[1] |= 0x80;
	memset(header + bytes, 0, 4);
	must(buffer_append(&frame, header, bytes + 4) == 0);
	must(buffer_append(&frame, payload, n) == 0);
	client_says(t, frame.bytes, frame.n);
	buffer_fini(&frame);
}

/* A new connection asks for an upgrade; `headers` end by CR LF each. */
static void
client_upgrades(struct talker *t, struct slice target, const char *headers)
{
	struct buffer head = { 0 };

	client_goes(t);
	turns();
	t->expects_frames = true;
	must(
	    buffer_printf(&head,
			  "GET %.*s HTTP/1.1\r\nHost: a\r\n"
			  "Connection: Upgrade\r\nUpgrade: websocket\r\n"
			  "Sec-WebSocket-Version: 13\r\n%s"
			  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
			  (int)target.n, target.at, headers) == 0);
	client_comes(t);
	t->offers_deflate = *headers != '\0';
	client_says(t, head.bytes, head.n);
	buffer_fini(&head);
}

/* --- Beginning and end */

static void
conversation_begin(void)
{
	log_setup("fuzz", LOG_ERROR, false);
	gateway = (struct gateway){
		.options.trust_proxy = ADDRESS,
		.options.origins = "https://b",
		.gateways = 1,
		.max_connections = CLIENTS,
		.max_per_address = CLIENTS,
		.max_open = 2 * CLIENTS,
		.max_waiting = CLIENTS,
		.may_deflate = true,
		.max_message = 16384,
		.outbox_max = 65536,
		.ping_after_ms = 25000,
		.pong_within_ms = 8000,
		.rate_per_second = 20,
		.rate_burst = 40,
		.spare_fd = -1,
		.connections = TABLE_OF(struct connection, id),
		.users = TABLE_OF(struct user, id),
		.rooms = TABLE_OF(struct room, id),
	};
	daemons_begin(&gateway);
	gateway.runtime = &runtime;
	gateway.read_buffer = malloc(READ_BYTES);
	gateway.deflate = deflate_new(MESSAGE_BYTES, &gateway.count.deflated);
	must(gateway.read_buffer != NULL && gateway.deflate != NULL);
	for (int i = 0; i < CLIENTS; i++)
		talkers[i] = (struct talker){ .fd = -1 };
}

/* What still waits is refused, as when a daemon stops. */
static void
conversation_end(void)
{
	for (int i = 0; i < CLIENTS; i++)
		client_goes(&talkers[i]);
	manner = SILENT;
	turns();
	while (bus.questions != NULL)
		daemons_expire(true);
	pass(3);
	connections_free(&gateway);
	must(table_count(&gateway.connections) == 0);
	while (bus.questions != NULL)
		daemons_expire(true);
	departures_free(&gateway);
	must(table_count(&gateway.users) == 0 &&
	     table_count(&gateway.rooms) == 0);
	must(gateway.to_subscribe == NULL && gateway.to_announce == NULL);
	must(gateway.connection_count == 0 && gateway.websocket_count == 0);
	must(gateway.sources.by_key == NULL && gateway.sources.waiting == 0);
	must(gateway.count.open == 0 && gateway.scrape == NULL);
	must(loop.timer == NULL);
	rates_fini(&gateway.rates);
	deflate_free(&gateway.deflate);
	free(gateway.read_buffer);
	arena_fini(&bus.arena);
}

/* --- One dialect alone */

static const uint8_t *
end_of_line(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));

	return stop == NULL ? end : stop;
}

static void
client_says_line(struct talker *t, const uint8_t *line, size_t n)
{
	bool is_text = utf8_is_valid((const char *)line, n);

	client_says_frame(t, is_text ? WEBSOCKET_OP_TEXT : WEBSOCKET_OP_BINARY,
			  line, n);
}

/* The input's lines as what two clients say in turn, who come by these targets.
 * The first line sets how the daemons answer. */
static inline void
dialect_conversation(const char *first, const char *second, const uint8_t *data,
		     size_t size)
{
	const uint8_t *end = data + size, *stop = end_of_line(data, end);

	conversation_begin();
	gateway.lobby_wants_tokens = size > 0 && (data[0] & 8) != 0;
	seed_dice(data, (size_t)(stop - data));
	client_upgrades(&talkers[0], slice_of(first), "");
	client_upgrades(&talkers[1], slice_of(second), "");
	if (size > 0)
		manner = data[0] % MANNERS;
	for (int i = 0; stop < end && i < 32; i++) {
		data = stop + 1;
		stop = end_of_line(data, end);
		client_says_line(&talkers[i % 2], data, (size_t)(stop - data));
	}
	pass(2);
	conversation_end();
}

#endif
