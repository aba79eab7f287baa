/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/protocols/xmpp.c - XMPP over WebSocket (RFC 7395):
 * everybody is anonymous (RFC 4505), a room is one of multi-user chat
 * (XEP-0045).
 */
#include "tools/parley-bench/protocols.h"
#include "tools/parley-bench/protocols/room_name.h"

#define HOST  "localhost"
#define ROOMS "conference." HOST

#define OPEN                                                                   \
	"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='" HOST          \
	"' version='1.0'/>"
#define AUTH                                                                   \
	"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism="            \
	"'ANONYMOUS'/>"
#define BIND                                                                   \
	"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:"           \
	"ns:xmpp-bind'/></iq>"

static void
enter_room(struct conn *conn)
{
	char text[200], room[ROOM_NAME_BYTES];
	int n = snprintf(text, sizeof text,
			 "<presence to='%s@" ROOMS "/%u'><x xmlns="
			 "'http://jabber.org/protocol/muc'/></presence>",
			 room_name(conn, room).at, conn->number);

	conn_send(conn, (struct slice){ text, (size_t)n });
}

static void
open_stream(struct conn *conn)
{
	conn_send(conn, slice_of(OPEN));
}

static void
authenticate(struct conn *conn)
{
	conn_send(conn, slice_of(AUTH));
}

static void
bind_resource(struct conn *conn)
{
	conn_send(conn, slice_of(BIND));
}

/* What stands in the stanza that ends each step, and what then begins. The last
 * one is the own presence in the room (XEP-0045 7.2.2). */
static const struct step {
	const char *awaits;
	void (*then)(struct conn *conn);
} steps[] = {
	{ "ANONYMOUS", authenticate },
	{ "<success", open_stream },
	{ "urn:ietf:params:xml:ns:xmpp-bind", bind_resource },
	{ "<jid>", enter_room },
	{ "code='110'", conn_ready },
};

static bool
has(struct slice message, const char *part)
{
	return memmem(message.at, message.n, part, strlen(part)) != NULL;
}

static bool
is_error(struct slice message)
{
	return has(message, "type='error'") || has(message, "<failure") ||
	       has(message, "<stream:error");
}

static void
heard(struct conn *conn, struct slice message)
{
	if (is_error(message)) {
		conn_refused(conn, message);
		if (conn->state == CONN_OPEN)
			conn_failed(conn, "an error of XMPP");
	} else if (conn->state == CONN_OPEN &&
		   conn->step < sizeof steps / sizeof(*steps) &&
		   has(message, steps[conn->step].awaits)) {
		steps[conn->step++].then(conn);
	}
}

static void
post(struct conn *conn, struct slice text)
{
	struct buffer *out = &conn->worker->text;
	char room[ROOM_NAME_BYTES];

	buffer_clear(out);
	if (buffer_printf(out,
			  "<message to='%s@" ROOMS "' type='groupchat'><body>",
			  room_name(conn, room).at) == 0 &&
	    buffer_append(out, text.at, text.n) == 0 &&
	    buffer_append_text(out, "</body></message>") == 0)
		conn_send(conn, (struct slice){ (char *)out->bytes, out->n });
}

const struct protocol protocol_xmpp = {
	.name = "xmpp",
	.summary = "XMPP, the room is one of multi-user chat: ejabberd",
	.subprotocol = "xmpp",
	.path = "/ws",
	.opcode = WIRE_OP_TEXT,
	.opened = open_stream,
	.heard = heard,
	.post = post,
};
