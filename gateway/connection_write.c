/* SPDX-License-Identifier: MIT */
/* gateway/connection_write.c - what is said to a client: queued, written at the
 * end of the turn, and last of all the close.
 */
#include "gateway/connection_internal.h"

#include "gateway/client.h"
#include "gateway/deflate.h"
#include "gateway/fanout.h"
#include "gateway/http_server.h"

/* What waits for one connection: beyond that many, even the smallest ones. */
#define PARCELS_MAX 16384

void
connection_watch(struct connection *c)
{
	uint32_t events =
	    stream_events(&c->stream, !c->is_paused, c->wants_write);

	if (c->state != CONNECTION_ENDED && events != c->watch.events &&
	    loop_rewatch(c->gateway->loop, &c->watch, events) != 0)
		connection_fail(c);
}

void
connection_pause(struct connection *c)
{
	c->is_paused = true;
	connection_watch(c);
}

/* Whether something was read that is not heard as yet. */
static bool
has_ahead(const struct connection *c)
{
	return (c->unheard != NULL && c->unheard->ahead.n > 0) ||
	       (c->http != NULL && c->http->ahead.n > 0);
}

/* Nothing was read of the peer meanwhile: its silence begins now. */
void
connection_resume(struct connection *c)
{
	if (c->is_paused)
		c->heard_ms = connection_now_ms(c);
	c->is_paused = false;
	connection_watch(c);
	if (has_ahead(c))
		connection_mark_dirty(c);
}

/* All is written: tell the peer that nothing more comes, and read until it has
 * closed too; closing with unread input would cut off what was just sent. */
static void
finish_closing(struct connection *c)
{
	if (c->was_shut)
		return;
	if (stream_end(&c->stream) == 0) {
		c->wants_write = true;
		connection_watch(c);
		return;
	}
	c->was_shut = true;
	c->heard_ms = connection_now_ms(c);
}

/* As outbox_write(). */
static int
write_out(struct connection *c)
{
	size_t before = outbox_bytes(&c->outbox);
	size_t written;
	uint64_t sent = stream_sent(&c->stream);
	int rc = stream_write(&c->stream, &c->outbox);

	if (rc < 0)
		return rc;
	written = before - outbox_bytes(&c->outbox);
	c->gateway->count.bytes_out += written;
	if (rc == 1 || written > 0 || stream_sent(&c->stream) != sent)
		c->moved_ms = connection_now_ms(c);
	c->wants_write = rc == 0;
	connection_watch(c);
	return rc;
}

void
connection_cork(struct connection *c)
{
	c->is_corked = true;
}

void
connection_uncork(struct connection *c)
{
	c->is_corked = false;
	connection_mark_dirty(c);
}

void
connection_flush(struct connection *c)
{
	int rc;

	if (c->is_corked && c->state == CONNECTION_WEBSOCKET)
		return;
	rc = write_out(c);
	if (rc < 0) {
		connection_cut(c);
		return;
	}
	if (rc == 1 && c->state == CONNECTION_CLOSING)
		finish_closing(c);
	else if (c->client != NULL)
		client_drained(c->client);
	else
		http_drained(c);
}

void
connection_push(struct connection *c, struct parcel *parcel)
{
	if (c->state == CONNECTION_ENDED || c->was_shut || c->is_lost)
		return;
	if (outbox_push(&c->outbox, parcel) != 0)
		connection_fail(c);
	else
		connection_mark_dirty(c);
}

/* What goes on the wire for a message: one form for all who agreed on it. */
static struct parcel *
form_for(const struct connection *c, struct parcel *parcel)
{
	if (c->deflate_bits == 0)
		return parcel;
	return deflate_parcel(c->gateway->deflate, parcel, c->deflate_bits);
}

static bool
has_room(const struct connection *c, const struct parcel *parcel)
{
	return outbox_bytes(&c->outbox) + parcel->n <= c->gateway->outbox_max &&
	       outbox_count(&c->outbox) < PARCELS_MAX;
}

/* The close frame goes in front of nothing: what waits is written first, if the
 * peer takes it before it is cut. */
static void
begin_closing(struct connection *c, unsigned code, const char *reason)
{
	uint8_t payload[WEBSOCKET_CONTROL_MAX];
	struct parcel *parcel;
	size_t n;

	if (c->state != CONNECTION_WEBSOCKET)
		return;
	n = websocket_close_payload(payload, code, reason);
	parcel = parcel_of_frame(WEBSOCKET_OP_CLOSE, payload, n);
	if (parcel == NULL) {
		connection_fail(c);
		return;
	}
	connection_push(c, parcel);
	parcel_drop(parcel);
	if (c->is_lost)
		return;
	c->state = CONNECTION_CLOSING;
	c->gateway->count.closes[close_place(code)]++;
	log_debug("closing", KN("code", code), KT("reason", reason));
	c->heard_ms = connection_now_ms(c);
	connection_resume(c);
}

void
connection_send(struct connection *c, struct parcel *parcel)
{
	if (c->state == CONNECTION_CLOSING || c->is_lost)
		return;
	parcel = form_for(c, parcel);
	/* A turn may bring more than the bound to a peer that is not slow. */
	if (!has_room(c, parcel) && !c->wants_write && write_out(c) < 0) {
		connection_fail(c);
		return;
	}
	if (has_room(c, parcel)) {
		connection_push(c, parcel);
		return;
	}
	c->gateway->count.slow_consumers[SLOW_full]++;
	begin_closing(c, WEBSOCKET_TRY_LATER, "too slow");
}

void
connection_send_at_once(struct connection *c, struct parcel *parcel)
{
	if (c->state != CONNECTION_WEBSOCKET || c->is_corked || c->is_dirty ||
	    c->is_lost || !outbox_is_empty(&c->outbox)) {
		connection_send(c, parcel);
		return;
	}
	if (outbox_push(&c->outbox, form_for(c, parcel)) != 0 ||
	    write_out(c) < 0)
		connection_fail(c);
}

void
connection_send_answer(struct connection *c, struct parcel *parcel)
{
	if (c->state != CONNECTION_CLOSING)
		connection_push(c, form_for(c, parcel));
}

void
connection_close(struct connection *c, unsigned code, const char *reason)
{
	if (c->client != NULL)
		fanout_flush_for(c->client);
	begin_closing(c, code, reason);
}
