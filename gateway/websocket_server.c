/* SPDX-License-Identifier: MIT */
/* gateway/websocket_server.c - from bytes to messages to the client. */
#include "gateway/websocket_server.h"

#include "gateway/client.h"
#include "gateway/deflate.h"
#include "gateway/dialect.h"
#include "gateway/unfinished.h"

#include <stdlib.h>

void
websocket_say(struct connection *c, enum websocket_opcode opcode,
	      struct slice payload)
{
	struct parcel *parcel = parcel_of_frame(opcode, payload.at, payload.n);

	if (parcel == NULL)
		return;
	connection_send(c, parcel);
	parcel_drop(parcel);
}

/* The peer wants to close: its code comes back to it (RFC 6455 5.5.1). */
static void
answer_close(struct connection *c, unsigned code)
{
	connection_close(c, code, "");
}

static void
note_message(struct connection *c)
{
	size_t place = dialect_place(c->client->dialect);

	c->gateway->count.messages_in[place]++;
	c->unheard->unfinished.since_ms = 0;
}

static void
hear_message(struct connection *c, enum websocket_event event,
	     const struct websocket_message *message)
{
	const struct slice payload = { message->at, message->n };

	switch (event) {
	case WEBSOCKET_TEXT:
		note_message(c);
		client_hear_text(c->client, payload);
		break;
	case WEBSOCKET_BINARY:
		note_message(c);
		client_hear_binary(c->client, payload);
		break;
	case WEBSOCKET_PING:
		websocket_say(c, WEBSOCKET_OP_PONG, payload);
		break;
	case WEBSOCKET_CLOSE:
		answer_close(c, message->code);
		break;
	case WEBSOCKET_ERROR:
		connection_close(c, message->code, message->why);
		break;
	default:
		break;
	}
}

/* A few bytes may say a thousand times as many, and each of those costs as much
 * as if it had been sent: who sends too many waits for the next second. */
static enum websocket_event
inflate_message(struct connection *c, enum websocket_event event,
		struct websocket_message *message)
{
	event = deflate_open(c->gateway->deflate, event, message);
	c->client->inflated += (uint32_t)message->n;
	if (c->client->inflated > INFLATE_BYTES)
		connection_pause(c);
	return event;
}

/* A message may be the reason to pause: the rest waits for the resumption. */
static void
hear(struct connection *c, uint8_t *bytes, size_t n)
{
	struct websocket_input input = { bytes, n };
	struct websocket_message message;

	c->was_pinged = false;
	if (c->gateway->is_congested)
		connection_pause(c);
	while (c->state == CONNECTION_WEBSOCKET && !c->is_paused) {
		enum websocket_event event =
		    websocket_next(&c->unheard->websocket, &input, &message);
		if (event == WEBSOCKET_NEED_MORE)
			return;
		if (message.is_compressed)
			event = inflate_message(c, event, &message);
		hear_message(c, event, &message);
	}
	if (c->state == CONNECTION_WEBSOCKET &&
	    buffer_append(&c->unheard->ahead, input.at, input.n) != 0)
		connection_cut(c);
}

static bool
begin_to_hear(struct connection *c)
{
	if (c->unheard != NULL)
		return true;
	c->unheard = malloc(sizeof *c->unheard);
	if (c->unheard == NULL)
		return false;
	*c->unheard = (struct unheard){ 0 };
	websocket_init(&c->unheard->websocket, MESSAGE_BYTES,
		       c->deflate_bits != 0);
	return true;
}

/* Between messages there is nothing to remember. */
static void
end_if_all_is_heard(struct connection *c)
{
	if (c->unheard->ahead.n > 0 ||
	    websocket_is_midway(&c->unheard->websocket))
		return;
	buffer_fini(&c->unheard->ahead);
	unfinished_release(c);
	free(c->unheard);
	c->unheard = NULL;
}

void
websocket_hear(struct connection *c, uint8_t *bytes, size_t n)
{
	if (!begin_to_hear(c)) {
		connection_cut(c);
		return;
	}
	hear(c, bytes, n);
	unfinished_note(c);
	end_if_all_is_heard(c);
}

void
websocket_go_on(struct connection *c)
{
	struct buffer ahead;

	if (c->unheard == NULL || c->unheard->ahead.n == 0 || c->is_paused)
		return;
	ahead = c->unheard->ahead;
	c->unheard->ahead = (struct buffer){ 0 };
	websocket_hear(c, ahead.bytes, ahead.n);
	buffer_fini(&ahead);
}
