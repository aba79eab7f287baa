/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/socketio.c - socket.io 4 over WebSocket alone:
 * the server puts who connects into the room that it names, and passes the
 * event `say` on.
 */
#include "tools/parley-bench/protocols.h"
#include "tools/parley-bench/protocols/room_name.h"

/* The first character is a packet of Engine.IO 4, the second one of Socket.IO
 * 5, where the first is a message. */
#define OPEN          "0"
#define PING          "2"
#define PONG          "3"
#define CONNECT       "40"
#define CONNECT_ERROR "44"
#define EVENT         "42"

/* The server speaks first. */
static void
opened(struct conn *conn)
{
	(void)conn;
}

static void
connect_to_room(struct conn *conn)
{
	char text[60], room[ROOM_NAME_BYTES];
	int n = snprintf(text, sizeof text, CONNECT "{\"room\":\"%s\"}",
			 room_name(conn, room).at);

	conn_send(conn, (struct slice){ text, (size_t)n });
}

static bool
is_packet(struct slice message, const char *type)
{
	size_t n = strlen(type);

	return message.n >= n && memcmp(message.at, type, n) == 0;
}

static void
heard(struct conn *conn, struct slice message)
{
	if (is_packet(message, OPEN))
		connect_to_room(conn);
	else if (is_packet(message, PING))
		conn_send(conn, slice_of(PONG));
	else if (is_packet(message, CONNECT_ERROR))
		conn_failed(conn, "CONNECT was refused");
	else if (is_packet(message, CONNECT))
		conn_ready(conn);
}

static void
post(struct conn *conn, struct slice text)
{
	struct buffer *out = &conn->worker->text;

	buffer_clear(out);
	if (buffer_append_text(out, EVENT "[\"say\",\"") == 0 &&
	    buffer_append(out, text.at, text.n) == 0 &&
	    buffer_append_text(out, "\"]") == 0)
		conn_send(conn, (struct slice){ (char *)out->bytes, out->n });
}

const struct protocol protocol_socketio = {
	.name = "socketio",
	.summary = "socket.io 4, WebSocket alone",
	.path = "/socket.io/?EIO=4&transport=websocket",
	.opcode = WIRE_OP_TEXT,
	.opened = opened,
	.heard = heard,
	.post = post,
};
