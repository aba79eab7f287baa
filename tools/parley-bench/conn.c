/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/conn.h"

#include "proto/clock.h"
#include "tools/parley-bench/ledger.h"
#include "tools/parley-bench/protocols/room_name.h"
#include "tools/parley-bench/worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a sender's socket may leave waiting before its posts are withheld. */
#define OUT_MAX (256u * 1024)

/* --- Ends */

static void
forget_rest(struct conn *conn)
{
	free(conn->rest);
	conn->rest = NULL;
	conn->rest_bytes = 0;
}

static void
discard(struct conn *conn)
{
	if (conn->state == CONN_CLOSED)
		return;
	loop_unwatch(conn->worker->loop, &conn->watch);
	close(conn->watch.fd);
	conn->state = CONN_CLOSED;
	forget_rest(conn);
	buffer_fini(&conn->out);
}

/* A gauge that only this worker moves. */
static void
step_back(_Atomic uint64_t *gauge)
{
	count(gauge, (uint64_t)-1);
}

static void
leave_gauges(struct conn *conn)
{
	if (conn->state >= CONN_OPEN)
		step_back(&conn->worker->tally->open);
	if (conn->is_current)
		step_back(&conn->worker->tally->ready);
}

void
conn_close(struct conn *conn)
{
	leave_gauges(conn);
	discard(conn);
	conn->is_current = false;
}

/* It ended by itself, or could not begin. */
static void
lose(struct conn *conn, const char *what, const char *why)
{
	struct worker *worker = conn->worker;
	bool was_current = conn->is_current;

	if (conn->state == CONN_CLOSED || worker->stage == STAGE_END)
		return;
	worker_complain(worker, what, why);
	conn_close(conn);
	if (was_current) {
		count(&worker->tally->dropped, 1);
		return;
	}
	conn->has_failed = true;
	count(&worker->tally->failed, 1);
	worker_goes_on(worker);
}

void
conn_failed(struct conn *conn, const char *why)
{
	lose(conn, "cannot enter its room", why);
}

/* --- Out */

static void
flush(struct conn *conn)
{
	ssize_t sent = send(conn->watch.fd, conn->out.bytes, conn->out.n,
			    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		lose(conn, "cannot write", strerror(errno));
		return;
	}
	if (sent > 0)
		buffer_consume(&conn->out, (size_t)sent);
	if (conn->out.n == 0) {
		buffer_fini(&conn->out);
		loop_rewatch(conn->worker->loop, &conn->watch, EPOLLIN);
	}
}

/* Writes what is in the worker's scratch; keeps what does not go out. */
static void
write_scratch(struct conn *conn)
{
	struct buffer *scratch = &conn->worker->scratch;
	ssize_t sent = 0;

	if (conn->out.n == 0) {
		sent = send(conn->watch.fd, scratch->bytes, scratch->n,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR) {
			lose(conn, "cannot write", strerror(errno));
			return;
		}
	}
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == scratch->n)
		return;
	if (buffer_append(&conn->out, scratch->bytes + sent,
			  scratch->n - (size_t)sent) != 0) {
		lose(conn, "cannot write", "out of memory");
		return;
	}
	loop_rewatch(conn->worker->loop, &conn->watch, EPOLLIN | EPOLLOUT);
}

static void
send_frame(struct conn *conn, enum wire_opcode opcode, struct slice payload)
{
	struct buffer *scratch = &conn->worker->scratch;

	if (conn->state < CONN_OPEN)
		return;
	buffer_clear(scratch);
	if (wire_write(scratch, opcode, payload.at, payload.n) != 0)
		lose(conn, "cannot write", "out of memory");
	else
		write_scratch(conn);
}

void
conn_send(struct conn *conn, struct slice payload)
{
	if (conn->out.n > OUT_MAX)
		count(&conn->worker->tally->withheld, 1);
	else
		send_frame(conn, conn->worker->protocol->opcode, payload);
}

/* --- Where it stands */

/* Whoever comes back is current when all is heard that was missed. */
static void
look_if_current(struct conn *conn)
{
	struct worker *worker = conn->worker;

	if (conn->is_current || conn->state != CONN_READY)
		return;
	if (worker->stage == STAGE_RETURN && !ledger_is_current(conn))
		return;
	conn->is_current = true;
	histogram_add(&worker->tally->current, clock_us() - conn->since_us);
	count(&worker->tally->ready, 1);
	worker_goes_on(worker);
}

void
conn_ready(struct conn *conn)
{
	if (conn->state != CONN_OPEN)
		return;
	conn->state = CONN_READY;
	look_if_current(conn);
}

void
conn_answered(struct conn *conn)
{
	struct worker *worker = conn->worker;

	count(&worker->tally->answers, 1);
	if (worker->stage == STAGE_MEASURE)
		histogram_add(&worker->tally->answer,
			      clock_us() - conn->since_us);
	pace_acknowledged(worker, conn);
}

void
conn_refused(struct conn *conn, struct slice why)
{
	char text[200];

	snprintf(text, sizeof text, "%.*s", (int)why.n, why.at);
	worker_complain(conn->worker, "refused", text);
	count(&conn->worker->tally->refused, 1);
}

/* --- In */

static void
hear_message(struct conn *conn, struct slice message, uint64_t now_us)
{
	const struct protocol *protocol = conn->worker->protocol;
	const char *at = message.at, *end = message.at + message.n;
	struct marker marker;
	bool found = false;

	if (conn->worker->plan->exercise == EXERCISE_ASK &&
	    conn->worker->stage != STAGE_MISS)
		at = end; /* what is read again is no delivery */
	while ((at = marker_find(at, end, &marker)) != NULL) {
		ledger_hear(conn, &marker, now_us);
		found = true;
	}
	if (!found || protocol->hears_all)
		protocol->heard(conn, message);
}

static void
hear_frame(struct conn *conn, enum wire_opcode opcode, struct slice payload,
	   uint64_t now_us)
{
	switch (opcode) {
	case WIRE_OP_PING:
		send_frame(conn, WIRE_OP_PONG, payload);
		break;
	case WIRE_OP_CLOSE:
		lose(conn, "closed by the server",
		     payload.n > 2 ? "with a reason" : "without a reason");
		break;
	case WIRE_OP_PONG:
		break;
	default:
		hear_message(conn, payload, now_us);
	}
}

static void
hear_frames(struct conn *conn, struct slice *in)
{
	uint64_t now_us = clock_us();
	enum wire_opcode opcode;
	struct slice payload;
	bool is_broken = false;

	while (conn->state >= CONN_OPEN &&
	       framing_take(in, &opcode, &payload, &is_broken))
		hear_frame(conn, opcode, payload, now_us);
	if (is_broken)
		lose(conn, "broken frame", "not RFC 6455");
	if (conn->worker->stage == STAGE_RETURN)
		look_if_current(conn);
}

static void
hear_upgrade(struct conn *conn, struct slice *in)
{
	const char *end = memmem(in->at, in->n, "\r\n\r\n", 4);
	const char *line = memchr(in->at, '\r', in->n);
	char status[100];

	if (end == NULL)
		return;
	if (in->n < 12 || memcmp(in->at, "HTTP/1.1 101", 12) != 0) {
		snprintf(status, sizeof status, "%.*s", (int)(line - in->at),
			 in->at);
		lose(conn, "upgrade refused", status);
		return;
	}
	in->n -= (size_t)(end + 4 - in->at);
	in->at = end + 4;
	conn->state = CONN_OPEN;
	count(&conn->worker->tally->open, 1);
	conn->worker->protocol->opened(conn);
}

/* What is not yet a whole frame waits for the rest of it. */
static void
keep_rest(struct conn *conn, struct slice in)
{
	uint8_t *rest = NULL;

	if (conn->state == CONN_CLOSED)
		return;
	if (in.n > 0 && (rest = malloc(in.n)) == NULL) {
		lose(conn, "cannot read", "out of memory");
		return;
	}
	if (in.n > 0)
		memcpy(rest, in.at, in.n);
	forget_rest(conn);
	conn->rest = rest;
	conn->rest_bytes = (uint32_t)in.n;
}

static void
on_input(struct conn *conn)
{
	uint8_t *input = conn->worker->input;
	size_t kept = conn->rest_bytes;
	struct slice in;
	ssize_t got;

	if (kept == INPUT_BYTES) {
		lose(conn, "cannot read", "a frame is too large");
		return;
	}
	got = recv(conn->watch.fd, input + kept, INPUT_BYTES - kept, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		lose(conn, "closed by the server",
		     got == 0 ? "without a word" : strerror(errno));
		return;
	}
	count(&conn->worker->tally->received_bytes, (uint64_t)got);
	if (kept > 0)
		memcpy(input, conn->rest, kept);
	in = (struct slice){ (char *)input, kept + (size_t)got };
	if (conn->state == CONN_UPGRADING)
		hear_upgrade(conn, &in);
	hear_frames(conn, &in);
	if (in.n > 0 || kept > 0)
		keep_rest(conn, in);
}

uint64_t
conn_segments(const struct conn *conn)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof info;

	if (conn->state == CONN_CLOSED ||
	    getsockopt(conn->watch.fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return 0;
	return info.tcpi_data_segs_in;
}

/* --- Begin */

static int
add_path(const struct conn *conn, struct buffer *out)
{
	const struct worker *worker = conn->worker;
	const char *path = worker->plan->path != NULL ? worker->plan->path
						      : worker->protocol->path;
	const char *room = strstr(path, "%r");
	char name[ROOM_NAME_BYTES];

	if (room == NULL)
		return buffer_append_text(out, path);
	return buffer_printf(out, "%.*s%s%s", (int)(room - path), path,
			     room_name(conn, name).at, room + 2);
}

/* The key need not be a secret: whoever answers is known. */
static int
write_upgrade(const struct conn *conn, struct buffer *out)
{
	const struct protocol *protocol = conn->worker->protocol;

	if (buffer_append_text(out, "GET ") != 0 || add_path(conn, out) != 0 ||
	    (protocol->add_query != NULL &&
	     protocol->add_query(conn, out) != 0) ||
	    buffer_append_text(out, " HTTP/1.1\r\nHost: parley-bench\r\n"
				    "Upgrade: websocket\r\n"
				    "Connection: Upgrade\r\n"
				    "Sec-WebSocket-Version: 13\r\n"
				    "Sec-WebSocket-Key: "
				    "cGFybGV5LWJlbmNoLWtleQ==\r\n") != 0)
		return -1;
	if (protocol->subprotocol != NULL &&
	    buffer_printf(out, "Sec-WebSocket-Protocol: %s\r\n",
			  protocol->subprotocol) != 0)
		return -1;
	if (protocol->add_headers != NULL &&
	    protocol->add_headers(conn, out) != 0)
		return -1;
	return buffer_append_text(out, "\r\n");
}

static void
on_connected(struct conn *conn)
{
	int error = 0;
	socklen_t n = sizeof error;

	getsockopt(conn->watch.fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error != 0) {
		lose(conn, "cannot connect", strerror(error));
		return;
	}
	conn->state = CONN_UPGRADING;
	loop_rewatch(conn->worker->loop, &conn->watch, EPOLLIN);
	buffer_clear(&conn->worker->scratch);
	if (write_upgrade(conn, &conn->worker->scratch) != 0)
		lose(conn, "cannot connect", "out of memory");
	else
		write_scratch(conn);
}

static void
on_ready(void *self, uint32_t events)
{
	struct conn *conn = self;

	if (conn->state == CONN_CONNECTING) {
		on_connected(conn);
		return;
	}
	if ((events & EPOLLOUT) != 0 && conn->out.n > 0)
		flush(conn);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 &&
	    conn->state != CONN_CLOSED)
		on_input(conn);
}

/* From one address there are ports for some 50,000 connections: each share of
 * them comes from an address of its own, 127.0.0.2 and so on. */
static int
bind_source(int fd, const struct plan *plan, unsigned number)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	unsigned source = number / plan->connections_per_source;
	int yes = 1;

	if (ntohl(plan->server.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return 0;
	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + source);
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes,
		       sizeof yes) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&from, sizeof from);
}

static int
make_socket(const struct plan *plan, unsigned number)
{
	int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
	    bind_source(fd, plan, number) == 0 &&
	    (connect(fd, (const struct sockaddr *)&plan->server,
		     sizeof plan->server) == 0 ||
	     errno == EINPROGRESS))
		return fd;
	close(fd);
	return -1;
}

void
conn_open(struct conn *conn)
{
	struct worker *worker = conn->worker;

	conn->since_us = clock_us();
	conn->step = 0;
	conn->has_failed = false;
	conn->watch = (struct loop_watch){
		.fd = make_socket(worker->plan, conn->number),
		.on_ready = on_ready,
		.self = conn,
	};
	if (conn->watch.fd < 0 ||
	    loop_watch(worker->loop, &conn->watch, EPOLLOUT) != 0) {
		worker_complain(worker, "cannot connect", strerror(errno));
		if (conn->watch.fd >= 0)
			close(conn->watch.fd);
		conn->has_failed = true;
		count(&worker->tally->failed, 1);
		return;
	}
	conn->state = CONN_CONNECTING;
}
