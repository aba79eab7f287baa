/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/mqtt.c - MQTT 3.1.1 over WebSocket (section 6):
 * a room is a topic, everything is QoS 0.
 */
#include "tools/parley-bench/protocols.h"
#include "tools/parley-bench/protocols/room_name.h"

#define KEEP_ALIVE 0 /* not wanted: most of us say nothing */

/* Section 2.2.1, the first byte of a packet. */
enum packet {
	CONNECT = 0x10,
	CONNACK = 0x20,
	PUBLISH = 0x30,
	SUBSCRIBE = 0x82,
	SUBACK = 0x90,
};

/* --- Out */

/* The type and the length of what follows (section 2.2.3). */
static int
begin_packet(struct buffer *out, enum packet type, size_t n)
{
	uint8_t header[5] = { (uint8_t)type };
	size_t used = 1;

	do {
		header[used] = (uint8_t)(n & 0x7f);
		n >>= 7;
		header[used++] |= n > 0 ? 0x80 : 0;
	} while (n > 0 && used < sizeof header);
	buffer_clear(out);
	return buffer_append(out, header, used);
}

/* Section 1.5.3: its length in two bytes, then the text. */
static int
add_text(struct buffer *out, struct slice text)
{
	uint8_t length[2] = { (uint8_t)(text.n >> 8), (uint8_t)text.n };

	if (buffer_append(out, length, sizeof length) != 0)
		return -1;
	return buffer_append(out, text.at, text.n);
}

static void
send_packet(struct conn *conn, const struct buffer *packet)
{
	conn_send(conn, (struct slice){ (char *)packet->bytes, packet->n });
}

static void
opened(struct conn *conn)
{
	static const uint8_t level_and_flags[] = { 4, 0x02 /* clean session */,
						   0, KEEP_ALIVE };
	struct buffer *out = &conn->worker->text;
	char text[24];
	struct slice id = { text, 0 };

	id.n = (size_t)snprintf(text, sizeof text, "%08x-%u",
				conn->worker->plan->run, conn->number);
	if (begin_packet(out, CONNECT, 6 + 4 + 2 + id.n) == 0 &&
	    add_text(out, slice_of("MQTT")) == 0 &&
	    buffer_append(out, level_and_flags, sizeof level_and_flags) == 0 &&
	    add_text(out, id) == 0)
		send_packet(conn, out);
}

static void
subscribe(struct conn *conn)
{
	static const uint8_t packet_id[] = { 0, 1 }, qos[] = { 0 };
	struct buffer *out = &conn->worker->text;
	char text[ROOM_NAME_BYTES];
	struct slice room = room_name(conn, text);

	if (begin_packet(out, SUBSCRIBE, 2 + 2 + room.n + 1) == 0 &&
	    buffer_append(out, packet_id, sizeof packet_id) == 0 &&
	    add_text(out, room) == 0 &&
	    buffer_append(out, qos, sizeof qos) == 0)
		send_packet(conn, out);
}

static void
post(struct conn *conn, struct slice text)
{
	struct buffer *out = &conn->worker->text;
	char name[ROOM_NAME_BYTES];
	struct slice room = room_name(conn, name);

	if (begin_packet(out, PUBLISH, 2 + room.n + text.n) == 0 &&
	    add_text(out, room) == 0 &&
	    buffer_append(out, text.at, text.n) == 0)
		send_packet(conn, out);
}

/* --- In */

/* Sections 3.2 and 3.9: the last byte of either says how it went. */
static void
hear_packet(struct conn *conn, uint8_t type, struct slice body)
{
	bool is_fine = body.n > 0 && body.at[body.n - 1] == 0;

	if (type == CONNACK && is_fine)
		subscribe(conn);
	else if (type == CONNACK)
		conn_failed(conn, "CONNECT was refused");
	else if (type == SUBACK && is_fine)
		conn_ready(conn);
	else if (type == SUBACK)
		conn_failed(conn, "SUBSCRIBE was refused");
}

/* Takes a packet's type and body. False if there is no whole one. */
static bool
take_packet(struct slice *in, uint8_t *type, struct slice *body)
{
	const uint8_t *at = (const uint8_t *)in->at;
	size_t used = 1, n = 0;

	do {
		if (used >= in->n || used > 4)
			return false;
		n |= (size_t)(at[used] & 0x7f) << 7 * (used - 1);
	} while ((at[used++] & 0x80) != 0);
	if (n > in->n - used)
		return false;
	*type = at[0];
	*body = (struct slice){ in->at + used, n };
	in->at += used + n;
	in->n -= used + n;
	return true;
}

static void
heard(struct conn *conn, struct slice message)
{
	struct slice body;
	uint8_t type;

	while (conn->state != CONN_CLOSED &&
	       take_packet(&message, &type, &body))
		hear_packet(conn, type, body);
}

const struct protocol protocol_mqtt = {
	.name = "mqtt",
	.summary = "MQTT 3.1.1 at QoS 0, the room is a topic: mosquitto",
	.subprotocol = "mqtt",
	.path = "/mqtt",
	.opcode = WIRE_OP_BINARY,
	.opened = opened,
	.heard = heard,
	.post = post,
};
