/* SPDX-License-Identifier: MIT */
/* How each protocol gets into its room, says a post and stays alive: what it
 * sends for what it hears. The connection is stood in for.
 */
#include "tests/unit/check.h"
#include "tools/parley-bench/protocols.h"
#include "tools/parley-bench/worker.h"

#include <stdlib.h>

static char sent[1000]; /* of all messages, each with a `|` behind it */
static size_t sent_bytes;

void
conn_send(struct conn *conn, struct slice payload)
{
	(void)conn;
	if (payload.n + 2 > sizeof sent - sent_bytes)
		abort();
	memcpy(sent + sent_bytes, payload.at, payload.n);
	sent_bytes += payload.n;
	sent[sent_bytes++] = '|';
	sent[sent_bytes] = '\0';
}

void
conn_ready(struct conn *conn)
{
	conn->state = CONN_READY;
}

void
conn_failed(struct conn *conn, const char *why)
{
	(void)why;
	conn->state = CONN_CLOSED;
}

static unsigned refused;

void
conn_refused(struct conn *conn, struct slice why)
{
	(void)conn;
	(void)why;
	refused++;
}

/* The fourth connection, in the second room of run 2a: bench-0000002a-1. */
static struct plan plan = { .members = 2, .run = 0x2a };
static struct worker worker = { .plan = &plan };
static struct conn conn;
static const struct protocol *protocol;

static void
forget(void)
{
	sent_bytes = 0;
	sent[0] = '\0';
	refused = 0;
}

static void
opens(const struct protocol *which)
{
	protocol = which;
	conn =
	    (struct conn){ .worker = &worker, .number = 3, .state = CONN_OPEN };
	forget();
	protocol->opened(&conn);
}

static void
hears_bytes(const void *bytes, size_t n)
{
	char *copy = malloc(n); /* so that a byte too far is seen */

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, n);
	forget();
	protocol->heard(&conn, (struct slice){ copy, n });
	free(copy);
}

static void
hears(const char *text)
{
	hears_bytes(text, strlen(text));
}

static void
posts(const char *text)
{
	forget();
	protocol->post(&conn, slice_of(text));
}

#define CHECK_SENT(bytes)                                                      \
	CHECK(sent_bytes == sizeof(bytes) - 1 &&                               \
	      memcmp(sent, bytes, sent_bytes) == 0)

static void
raw_is_in_its_room_at_once(void)
{
	opens(&protocol_raw);
	CHECK_INT(conn.state, CONN_READY);
	hears("queued messages: 1");
	CHECK_SENT("");
	posts("hello");
	CHECK_SENT("hello|");
}

static void
mqtt_connects_and_subscribes(void)
{
	opens(&protocol_mqtt);
	CHECK_SENT("\x10\x16\0\x04MQTT\x04\x02\0\0\0\x0a"
		   "0000002a-3|");
	hears_bytes("\x20\x02\0\0", 4);
	CHECK_SENT("\x82\x15\0\x01\0\x10"
		   "bench-0000002a-1\0|");
	CHECK_INT(conn.state, CONN_OPEN);
	hears_bytes("\x90\x03\0\x01\0", 5);
	CHECK_INT(conn.state, CONN_READY);
	posts("hello");
	CHECK_SENT("\x30\x17\0\x10"
		   "bench-0000002a-1hello|");
}

static void
mqtt_tells_a_long_post_in_two_bytes(void)
{
	char text[201];

	memset(text, 'x', 200);
	text[200] = '\0';
	opens(&protocol_mqtt);
	posts(text);
	CHECK_INT(sent_bytes, 3 + 2 + 16 + 200 + 1);
	CHECK(memcmp(sent, "\x30\xda\x01\0\x10", 5) == 0);
}

static void
mqtt_reads_packets_back_to_back_and_no_further(void)
{
	opens(&protocol_mqtt);
	hears_bytes("\x20\x02\0\0\x90\x03\0\x01\0", 9);
	CHECK_INT(conn.state, CONN_READY);
	opens(&protocol_mqtt);
	hears_bytes("\x20", 1);
	hears_bytes("\x20\x02\0", 3);
	hears_bytes("\x20\xff\xff\xff\xff\x7f", 6);
	hears_bytes("\x90\x80", 2);
	CHECK_INT(conn.state, CONN_OPEN);
	hears_bytes("", 0);
	CHECK_SENT("");
}

static void
mqtt_fails_where_it_is_refused(void)
{
	opens(&protocol_mqtt);
	hears_bytes("\x20\x02\0\x05", 4);
	CHECK_INT(conn.state, CONN_CLOSED);
	opens(&protocol_mqtt);
	hears_bytes("\x90\x03\0\x01\x80", 5);
	CHECK_INT(conn.state, CONN_CLOSED);
}

static void
nats_subscribes_and_awaits_the_pong(void)
{
	opens(&protocol_nats);
	CHECK(strstr(sent, "\r\nSUB bench-0000002a-1 1\r\nPING\r\n|") != NULL);
	hears("INFO {\"server_id\":\"x\"}\r\n");
	CHECK_INT(conn.state, CONN_OPEN);
	hears("PONG\r\n");
	CHECK_INT(conn.state, CONN_READY);
	posts("hello");
	CHECK_SENT("PUB bench-0000002a-1 5\r\nhello\r\n|");
}

static void
nats_answers_a_ping_between_messages(void)
{
	opens(&protocol_nats);
	hears("MSG bench-0000002a-1 1 6\r\nPING\r\n\r\n"
	      "PING\r\nMSG bench-0000002a-1 1 1\r\nx\r\n");
	CHECK_SENT("PONG\r\n|");
}

static void
nats_reads_no_further_than_there_is(void)
{
	opens(&protocol_nats);
	hears("MSG bench-0000002a-1 1 600\r\nPING\r\n");
	hears("MSG bench-0000002a-1 1 18446744073709551615\r\nx\r\nPING\r\n");
	hears("PING\r");
	hears("\n");
	hears("MSG \r\n");
	hears("MSG bench-0000002a-1 1 1x\r\n1\r\nPING\r\n");
	hears("");
	CHECK_SENT("");
	CHECK_INT(conn.state, CONN_OPEN);
}

static void
nats_tells_errors(void)
{
	opens(&protocol_nats);
	hears("-ERR 'Authorization Violation'\r\n");
	CHECK_INT(conn.state, CONN_CLOSED);
	opens(&protocol_nats);
	hears("PONG\r\n");
	hears("-ERR 'Slow Consumer'\r\n");
	CHECK_INT(refused, 1);
}

static void
socketio_names_its_room_when_asked(void)
{
	opens(&protocol_socketio);
	CHECK_SENT("");
	hears("0{\"sid\":\"x\"}");
	CHECK_SENT("40{\"room\":\"bench-0000002a-1\"}|");
	CHECK_INT(conn.state, CONN_OPEN);
	hears("40{\"sid\":\"y\"}");
	CHECK_INT(conn.state, CONN_READY);
	hears("2");
	CHECK_SENT("3|");
	posts("hello");
	CHECK_SENT("42[\"say\",\"hello\"]|");
}

static void
socketio_fails_where_it_is_refused(void)
{
	opens(&protocol_socketio);
	hears("44{\"message\":\"no\"}");
	CHECK_INT(conn.state, CONN_CLOSED);
}

static void
xmpp_goes_step_by_step_into_its_room(void)
{
	static const char *const said[] = {
		"<stream:features><mechanism>ANONYMOUS</mechanism>",
		"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
		"<stream:features><bind xmlns="
		"'urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
		"<iq type='result'><bind><jid>x@localhost/y</jid></bind></iq>",
	};

	opens(&protocol_xmpp);
	CHECK(strncmp(sent, "<open ", 6) == 0);
	for (size_t i = 0; i < sizeof said / sizeof(*said); i++) {
		hears("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
		CHECK_SENT("");
		hears(said[i]);
		CHECK(sent_bytes > 0);
		CHECK_INT(conn.state, CONN_OPEN);
	}
	CHECK(strstr(sent, "to='bench-0000002a-1@conference.localhost/3'") !=
	      NULL);
	hears("<presence><x><status code='110'/></x></presence>");
	CHECK_INT(conn.state, CONN_READY);
	posts("hello");
	CHECK(strstr(sent, "<body>hello</body>") != NULL);
}

static void
xmpp_tells_errors(void)
{
	opens(&protocol_xmpp);
	hears("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
	CHECK_INT(conn.state, CONN_CLOSED);
	opens(&protocol_xmpp);
	conn.state = CONN_READY;
	hears("<message type='error'/>");
	CHECK_INT(refused, 1);
	CHECK_INT(conn.state, CONN_READY);
}

int
main(void)
{
	RUN(raw_is_in_its_room_at_once);
	RUN(mqtt_connects_and_subscribes);
	RUN(mqtt_tells_a_long_post_in_two_bytes);
	RUN(mqtt_reads_packets_back_to_back_and_no_further);
	RUN(mqtt_fails_where_it_is_refused);
	RUN(nats_subscribes_and_awaits_the_pong);
	RUN(nats_answers_a_ping_between_messages);
	RUN(nats_reads_no_further_than_there_is);
	RUN(nats_tells_errors);
	RUN(socketio_names_its_room_when_asked);
	RUN(socketio_fails_where_it_is_refused);
	RUN(xmpp_goes_step_by_step_into_its_room);
	RUN(xmpp_tells_errors);
	buffer_fini(&worker.text);
	return check_done();
}
