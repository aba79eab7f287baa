/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/conversation_fuzz.c - any conversation of three clients
 * with a whole gateway: HTTP, upgrades, frames, events, time, daemons that come
 * and go.
 *
 * The input is lines; the first letter says what happens, where a client does
 * it the digit behind it which one. %XX stands for a byte in raw ones.
 *
 *   H0GET / HTTP/1.1%0D%0A…  raw bytes       U0/ws/hub?token=a  an upgrade
 *                                            Z0/ws/hub          with deflate
 *   T0{"type": "ping"}       a text frame    B0bytes            a binary one
 *   F8%03%E8                 raw frame by opcode (0 to F), from client 0
 *   X0  goes     S0  shuts its side     D0  reads no more, or again
 *   E3seed       an event of the bus     M2seed   how daemons answer from now
 * on W5           seconds pass            K1       a daemon goes or comes back
 *   G            the gateway drains
 */
#include "tests/fuzz/gateway/conversation.h"

#define LINES_MAX 64

static unsigned
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : c % 16u;
}

/* Of its own size; %XX read. */
static struct buffer
decode(const uint8_t *at, size_t n)
{
	struct buffer bytes = { 0 };

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = at[i];

		if (byte == '%' && n - i > 2) {
			byte =
			    (uint8_t)(digit(at[i + 1]) << 4 | digit(at[i + 2]));
			i += 2;
		}
		must(buffer_append(&bytes, &byte, 1) == 0);
	}
	return bytes;
}

static void
client_says_raw(struct talker *t, const uint8_t *at, size_t n)
{
	struct buffer bytes = decode(at, n);

	client_says(t, bytes.bytes, bytes.n);
	buffer_fini(&bytes);
}

static void
client_says_any_frame(unsigned opcode, const uint8_t *at, size_t n)
{
	struct buffer bytes = decode(at, n);

	client_says_frame(&talkers[0], opcode, bytes.bytes, bytes.n);
	buffer_fini(&bytes);
}

/* Of the client that a line is about. */
static void
client_acts(uint8_t what, struct talker *t, const uint8_t *at, size_t n)
{
	switch (what) {
	case 'H':
		client_says_raw(t, at, n);
		break;
	case 'U':
		client_upgrades(t, (struct slice){ (const char *)at, n }, "");
		break;
	case 'Z':
		client_upgrades(
		    t, (struct slice){ (const char *)at, n },
		    "Sec-WebSocket-Extensions: permessage-deflate\r\n");
		break;
	case 'T':
		client_says_frame(t, WEBSOCKET_OP_TEXT, at, n);
		break;
	case 'B':
		client_says_frame(t, WEBSOCKET_OP_BINARY, at, n);
		break;
	case 'X':
		client_goes(t);
		break;
	case 'S':
		if (t->fd >= 0)
			(void)shutdown(t->fd, SHUT_WR);
		break;
	case 'D':
		t->is_deaf = !t->is_deaf;
		break;
	default:
		break;
	}
}

static void
happen(const uint8_t *line, size_t n)
{
	unsigned which = n > 1 ? digit(line[1]) : 0;
	const uint8_t *rest = line + (n > 1 ? 2 : n);
	size_t left = n > 1 ? n - 2 : 0;

	if (n == 0)
		return;
	switch (line[0]) {
	case 'F':
		client_says_any_frame(which, rest, left);
		break;
	case 'E':
		seed_dice(rest, left);
		daemons_tell(which);
		break;
	case 'M':
		seed_dice(rest, left);
		manner = which % MANNERS;
		break;
	case 'W':
		pass(which);
		break;
	case 'K':
		daemons_toggle(which);
		break;
	case 'G':
		if (!gateway.draining)
			drain_begin(&gateway);
		break;
	default:
		client_acts(line[0], &talkers[which % CLIENTS], rest, left);
		break;
	}
	turns();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size;
	int lines = 0;

	conversation_begin();
	while (data < end && lines++ < LINES_MAX) {
		const uint8_t *stop = end_of_line(data, end);

		happen(data, (size_t)(stop - data));
		data = stop + 1;
	}
	conversation_end();
	return 0;
}
