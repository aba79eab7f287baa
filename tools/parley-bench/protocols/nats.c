/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/nats.c - the client protocol of NATS over
 * WebSocket: a room is a subject.
 */
#include "tools/parley-bench/protocols.h"
#include "tools/parley-bench/protocols/room_name.h"

#define PAYLOAD_MAX (64u << 20) /* the most that a server may allow */

static void
send_text(struct conn *conn, const struct buffer *text)
{
	conn_send(conn, (struct slice){ (char *)text->bytes, text->n });
}

/* The answer to the PING tells that all before it is done. */
static void
opened(struct conn *conn)
{
	struct buffer *out = &conn->worker->text;
	char room[ROOM_NAME_BYTES];

	buffer_clear(out);
	if (buffer_printf(out,
			  "CONNECT {\"verbose\":false,\"pedantic\":false,"
			  "\"lang\":\"c\",\"version\":\"1\",\"protocol\":1}\r\n"
			  "SUB %s 1\r\nPING\r\n",
			  room_name(conn, room).at) == 0)
		send_text(conn, out);
}

static void
post(struct conn *conn, struct slice text)
{
	struct buffer *out = &conn->worker->text;
	char room[ROOM_NAME_BYTES];

	buffer_clear(out);
	if (buffer_printf(out, "PUB %s %zu\r\n", room_name(conn, room).at,
			  text.n) == 0 &&
	    buffer_append(out, text.at, text.n) == 0 &&
	    buffer_append_text(out, "\r\n") == 0)
		send_text(conn, out);
}

/* Takes a line, without its end. False if there is no whole one. */
static bool
take_line(struct slice *in, struct slice *line)
{
	const char *end = in->n == 0 ? NULL : memchr(in->at, '\n', in->n);

	if (end == NULL || end == in->at)
		return false;
	*line = (struct slice){ in->at, (size_t)(end - in->at) - 1 };
	in->n -= (size_t)(end + 1 - in->at);
	in->at = end + 1;
	return true;
}

static bool
begins(struct slice line, const char *word)
{
	size_t n = strlen(word);

	return line.n >= n && memcmp(line.at, word, n) == 0;
}

/* The line's last word, where it is a number. */
static bool
read_size(struct slice line, size_t *n)
{
	const char *end = line.at + line.n;
	const char *at = memrchr(line.at, ' ', line.n);

	*n = 0;
	if (at == NULL || ++at == end)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9' || *n > PAYLOAD_MAX)
			return false;
		*n = *n * 10 + (size_t)(*at - '0');
	}
	return true;
}

/* Passes over the payload of a MSG. False if it is not all there. */
static bool
skip_payload(struct slice *in, struct slice line)
{
	size_t n;

	if (!read_size(line, &n) || in->n < 2 || n > in->n - 2)
		return false;
	in->at += n + 2;
	in->n -= n + 2;
	return true;
}

static void
hear_line(struct conn *conn, struct slice line)
{
	if (begins(line, "PING"))
		conn_send(conn, slice_of("PONG\r\n"));
	else if (begins(line, "PONG"))
		conn_ready(conn);
	else if (begins(line, "-ERR") && conn->state == CONN_OPEN)
		conn_failed(conn, "the server said -ERR");
	else if (begins(line, "-ERR"))
		conn_refused(conn, line);
}

/* The server puts into a frame whatever it has: its PING is found only by
 * walking over all messages. */
static void
heard(struct conn *conn, struct slice message)
{
	struct slice line;

	while (conn->state != CONN_CLOSED && take_line(&message, &line)) {
		if (!begins(line, "MSG "))
			hear_line(conn, line);
		else if (!skip_payload(&message, line))
			return;
	}
}

const struct protocol protocol_nats = {
	.name = "nats",
	.summary = "the protocol of NATS, the room is a subject: nats-server",
	.path = "/",
	.opcode = WIRE_OP_BINARY,
	.hears_all = true,
	.opened = opened,
	.heard = heard,
	.post = post,
};
