/* SPDX-License-Identifier: MIT */
/* gateway/http_server.c - from bytes to requests to answers. */
#include "gateway/http_server.h"

#include "gateway/drain.h"
#include "gateway/reply.h"
#include "gateway/rest.h"
#include "gateway/trust.h"
#include "gateway/unfinished.h"
#include "gateway/upgrade.h"

#include <stdio.h>

/* What came too early waits here; who sends more than that is not read. */
#define AHEAD_MAX MESSAGE_BYTES

static void
refuse_with(struct connection *c, int status, const char *why,
	    const char *headers)
{
	c->http->request.keep_alive = false;
	connection_begin_answer(c);
	reply_problem(c, status, why, NULL, headers);
}

static void
refuse(struct connection *c, int status, const char *why)
{
	refuse_with(c, status, why, NULL);
}

static void
refuse_going(struct connection *c)
{
	char retry[32];

	snprintf(retry, sizeof retry, "Retry-After: %u\r\n",
		 drain_hint_s(c->gateway));
	refuse_with(c, 503, "the gateway goes", retry);
}

/* RFC 9110 9.1: 501 for a method of which nothing is known; 405 is for those
 * that are known, but not at this path. */
static bool
is_known_method(struct slice method)
{
	static const char *const methods[] = { "GET",     "HEAD",  "POST",
					       "PUT",     "PATCH", "DELETE",
					       "OPTIONS", "TRACE", "CONNECT" };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (slice_is(method, methods[i]))
			return true;
	}
	return false;
}

static void
answer(struct connection *c)
{
	connection_begin_answer(c);
	c->gateway->count.requests++;
	log_debug("request", KS("method", c->http->request.method),
		  KT("path", c->http->request.path));
	connection_pause(c);
	if (!is_known_method(c->http->request.method))
		reply_problem(c, 501, "unknown method", NULL, NULL);
	else if (c->http->request.upgrade_websocket)
		upgrade_begin(c);
	else
		rest_serve(c);
}

/* Takes the body from `in`; what is behind it waits. */
static void
hear_body(struct connection *c, struct slice in)
{
	struct exchange *http = c->http;

	for (;;) {
		struct slice piece;
		enum http_step step =
		    http_body_next(&http->reading, &in, &piece);

		if (step == HTTP_MORE)
			return;
		if (step == HTTP_REFUSED) {
			refuse(c, http->reading.status, http->reading.why);
			return;
		}
		if (step == HTTP_DONE)
			break;
		if (buffer_append(&http->body, piece.at, piece.n) != 0) {
			refuse(c, 503, "out of memory");
			return;
		}
	}
	if (in.n > AHEAD_MAX || buffer_append(&http->ahead, in.at, in.n) != 0)
		refuse(c, 503, "too much at once");
	else
		answer(c);
}

static void
ask_to_continue(struct connection *c)
{
	static const char head[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct parcel *parcel = parcel_new(sizeof head - 1);

	if (parcel == NULL)
		return;
	memcpy(parcel->bytes, head, sizeof head - 1);
	connection_send_answer(c, parcel);
	parcel_drop(parcel);
}

/* The head is whole: nothing is appended to `in` any more, so that what points
 * into it stays good. */
static void
begin_body(struct connection *c)
{
	struct exchange *http = c->http;
	size_t head_bytes = http->request.head_bytes;
	struct slice rest = { (const char *)http->in.bytes + head_bytes,
			      http->in.n - head_bytes };

	http->has_head = true;
	trust_forwarded(c);
	if (c->gateway->draining) {
		refuse_going(c);
		return;
	}
	if (c->is_excess) {
		c->gateway->count.refused++;
		refuse_with(c, 503, "too many connections from this address",
			    "Retry-After: 5\r\n");
		return;
	}
	switch (http_body_init(&http->reading, &http->request, MESSAGE_BYTES)) {
	case HTTP_REFUSED:
		refuse(c, http->reading.status, http->reading.why);
		return;
	case HTTP_MORE:
		if (http->request.wants_continue && rest.n == 0)
			ask_to_continue(c);
		hear_body(c, rest);
		return;
	default:
		if (buffer_append(&http->ahead, rest.at, rest.n) != 0)
			refuse(c, 503, "out of memory");
		else
			answer(c);
	}
}

static void
hear(struct connection *c, const uint8_t *bytes, size_t n)
{
	struct exchange *http = c->http;

	if (http->has_head) {
		hear_body(c, (struct slice){ (const char *)bytes, n });
		return;
	}
	if (buffer_append(&http->in, bytes, n) != 0) {
		connection_cut(c);
		return;
	}
	switch (http_parse_head(&http->scan, &http->request,
				(const char *)http->in.bytes, http->in.n)) {
	case HTTP_REFUSED:
		refuse(c, http->request.status, http->request.why);
		return;
	case HTTP_DONE:
		begin_body(c);
		return;
	default:
		return;
	}
}

void
http_hear(struct connection *c, const uint8_t *bytes, size_t n)
{
	hear(c, bytes, n);
	unfinished_note(c);
}

void
http_refuse_unfinished(struct connection *c)
{
	buffer_fini(&c->http->body);
	refuse_with(c, 503, "too many requests are being sent at once",
		    "Retry-After: 5\r\n");
}

bool
http_next_request(struct connection *c)
{
	struct exchange *http = c->http;
	bool keep_alive = http->request.keep_alive && !c->gateway->draining;

	buffer_clear(&http->in);
	buffer_fini(&http->body);
	http->scan = (struct http_scan){ 0 };
	http->has_head = false;
	return keep_alive;
}

/* Answers are far longer than what asks for them: who asks for many and reads
 * none of them must wait. */
static bool
is_overfull(const struct connection *c)
{
	return outbox_bytes(&c->outbox) > c->gateway->outbox_max;
}

void
http_drained(struct connection *c)
{
	if (c->state == CONNECTION_HTTP && c->is_paused && !is_overfull(c))
		connection_resume(c);
}

void
http_go_on(struct connection *c)
{
	struct buffer ahead = c->http->ahead;

	if (is_overfull(c)) {
		connection_pause(c);
		return;
	}
	if (ahead.n == 0)
		return;
	c->http->ahead = (struct buffer){ 0 };
	http_hear(c, ahead.bytes, ahead.n);
	buffer_fini(&ahead);
	loop_again(c->gateway->loop);
}
