/* SPDX-License-Identifier: MIT */
/* tools/client/channel.c - the states of a connection: connecting, shaking
 * hands, open, waiting for the next try.
 *
 * One timer serves them all: it bounds connecting and closing, notices
 * silence, and ends the waiting. The socket belongs to dial.c.
 */
#include "tools/client/channel.h"

#include "proto/uuid.h"
#include "tools/client/dial.h"
#include "tools/client/handshake.h"
#include "tools/client/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS       10000
#define CLOSE_MS         2000
#define IDLE_MS          30000 /* a server pings after 25 s of silence */
#define ANSWER_MS        10000 /* then we ask, and wait so long */
#define STABLE_MS        5000  /* what held so long was a good connection */
#define RETRY_FIRST_MS   500
#define RETRY_LONGEST_MS 30000
#define MESSAGE_MAX      (8 * 1024 * 1024) /* bytes of one frame to us */
#define READ_BYTES       (64 * 1024)
#define WHY_BYTES        256

enum state { IDLE, CONNECTING, SHAKING, OPEN, CLOSING, WAITING, OVER };

struct channel {
	struct loop *loop;
	struct channel_target target;
	const struct channel_events *events;
	void *self;
	void (*on_closed)(void *self);
	struct dial *dial; /* the socket, from CONNECTING to CLOSING */
	char *token;
	char *path; /* with its query */
	enum state state;
	struct handshake handshake;
	struct handshake_request request;
	struct wire_reader reader;
	struct buffer head; /* of the answer, until it is whole */
	struct loop_timer timer;
	uint64_t retry_bound_ms;
	uint64_t opened_ms;
	bool is_pinged;      /* silence was answered by a ping of ours */
	bool was_open;       /* at any time */
	unsigned generation; /* of the connection, to notice its end */
	unsigned char bytes[READ_BYTES];
};

static void connect_now(struct channel *c);

static void
set_timer(struct channel *c, uint64_t in_ms)
{
	/* The heap has room for it since channel_new(). */
	(void)loop_timer_set(c->loop, &c->timer, in_ms);
}

static void
drop(struct channel *c)
{
	c->generation++;
	dial_free(&c->dial);
	wire_fini(&c->reader);
	c->reader = (struct wire_reader){ .max_bytes = MESSAGE_MAX };
	buffer_clear(&c->head);
	loop_timer_clear(c->loop, &c->timer);
}

/* --- Endings */

/* Between nothing and the bound, so that many do not return at once. */
static uint64_t
pick_wait(struct channel *c)
{
	uint32_t random;
	uint64_t wait_ms;

	random_bytes(&random, sizeof random);
	wait_ms = c->retry_bound_ms * random / UINT32_MAX;
	c->retry_bound_ms *= 2;
	if (c->retry_bound_ms > RETRY_LONGEST_MS)
		c->retry_bound_ms = RETRY_LONGEST_MS;
	return wait_ms;
}

/* A server that goes says "... retry after 3 s". */
static uint64_t
asked_wait_ms(const char *why)
{
	const char *at = why != NULL ? strstr(why, "retry after ") : NULL;
	long seconds = at != NULL ? strtol(at + 12, NULL, 10) : 0;

	return seconds > 0 && seconds <= RETRY_LONGEST_MS / 1000
		   ? (uint64_t)seconds * 1000
		   : 0;
}

static bool
is_final(const struct channel_end *end)
{
	if (end->code == 4401 || (end->code >= 4500 && end->code < 5000))
		return true;
	return end->status >= 400 && end->status < 500 && end->status != 408 &&
	       end->status != 429;
}

static void
finish(struct channel *c, struct channel_end end, bool is_over)
{
	uint64_t asked_ms = asked_wait_ms(end.why);
	bool was_closing = c->state == CLOSING;
	char why[WHY_BYTES];

	/* It may belong to what is dropped. */
	snprintf(why, sizeof why, "%s", end.why);
	end.why = why;

	if (c->state == OPEN &&
	    loop_now_ms(c->loop) - c->opened_ms >= STABLE_MS)
		c->retry_bound_ms = RETRY_FIRST_MS;
	drop(c);
	if (was_closing) {
		c->state = OVER;
		c->on_closed(c->self);
		return;
	}
	if (is_over || is_final(&end)) {
		c->state = OVER;
		c->events->on_over(c->self, &end);
		return;
	}
	if (end.retry_ms > asked_ms)
		asked_ms = end.retry_ms;
	end.retry_ms = asked_ms + pick_wait(c);
	c->state = WAITING;
	set_timer(c, end.retry_ms);
	c->events->on_down(c->self, &end);
}

static void
lose(struct channel *c, const char *why)
{
	finish(c, (struct channel_end){ .why = why }, false);
}

/* --- What comes */

static void
take_text(struct channel *c, struct slice text)
{
	json_t *frame =
	    json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(frame) && c->state == OPEN)
		c->events->on_frame(c->self, frame);
	json_decref(frame);
}

/* RFC 6455 5.5.1: a close frame is answered with its code. */
static void
take_close(struct channel *c, const struct wire_event *event)
{
	char why[WIRE_CONTROL_MAX + 32];
	unsigned code = event->code;

	snprintf(why, sizeof why, "closed with %u%s%.*s", code,
		 event->payload.n > 0 ? ": " : "", (int)event->payload.n,
		 event->payload.n > 0 ? event->payload.at : "");
	if (c->state != CLOSING)
		(void)wire_write_close(
		    dial_out(c->dial),
		    code == WIRE_NO_CODE ? WIRE_NORMAL : code, NULL);
	(void)dial_flush(c->dial);
	finish(c, (struct channel_end){ .code = code, .why = why }, false);
}

static void
take_event(struct channel *c, enum wire_kind kind,
	   const struct wire_event *event)
{
	switch (kind) {
	case WIRE_TEXT:
		take_text(c, event->payload);
		break;
	case WIRE_PING:
		(void)wire_write(dial_out(c->dial), WIRE_OP_PONG,
				 event->payload.at, event->payload.n);
		break;
	case WIRE_CLOSE:
		take_close(c, event);
		break;
	case WIRE_ERROR:
		(void)wire_write_close(dial_out(c->dial), event->code,
				       event->why);
		(void)dial_flush(c->dial);
		lose(c, event->why);
		break;
	default:
		break;
	}
}

static void
take_frames(struct channel *c, struct slice bytes)
{
	unsigned generation = c->generation;
	struct wire_event event;
	enum wire_kind kind;

	c->is_pinged = false;
	set_timer(c, c->state == CLOSING ? CLOSE_MS : IDLE_MS);
	while (c->generation == generation &&
	       (kind = wire_next(&c->reader, &bytes, &event)) != WIRE_NEED_MORE)
		take_event(c, kind, &event);
}

static void
refuse(struct channel *c, const struct handshake_answer *answer)
{
	char why[64];

	snprintf(why, sizeof why, "the server answers %u", answer->status);
	finish(c,
	       (struct channel_end){ .status = answer->status,
				     .why = why,
				     .retry_ms = answer->retry_after_s *
						 UINT64_C(1000) },
	       false);
}

static void
begin(struct channel *c)
{
	c->state = OPEN;
	c->was_open = true;
	c->opened_ms = loop_now_ms(c->loop);
	set_timer(c, IDLE_MS);
	c->events->on_open(c->self);
}

static void
take_head(struct channel *c, struct slice bytes)
{
	struct handshake_answer answer;
	enum handshake_verdict verdict;
	unsigned generation = c->generation;

	if (buffer_append(&c->head, bytes.at, bytes.n) != 0) {
		lose(c, "out of memory");
		return;
	}
	bytes = (struct slice){ (char *)c->head.bytes, c->head.n };
	verdict = handshake_read(&c->handshake, &c->request, bytes, &answer);
	if (verdict == HANDSHAKE_BAD) {
		lose(c, answer.why);
	} else if (verdict == HANDSHAKE_REFUSED) {
		refuse(c, &answer);
	} else if (verdict == HANDSHAKE_DONE) {
		begin(c);
		bytes.at += answer.used;
		bytes.n -= answer.used;
		if (bytes.n > 0 && c->generation == generation)
			take_frames(c, bytes);
	}
}

static void
on_readable(void *self)
{
	struct channel *c = self;
	unsigned generation = c->generation;
	ssize_t n;

	while (c->generation == generation &&
	       (n = dial_read(c->dial, c->bytes, sizeof c->bytes)) > 0) {
		struct slice bytes = { (char *)c->bytes, (size_t)n };

		if (c->state == SHAKING)
			take_head(c, bytes);
		else
			take_frames(c, bytes);
	}
	if (c->generation == generation && (n == 0 || errno != EAGAIN))
		lose(c,
		     n == 0 ? "the server hung up" : "the connection was lost");
}

/* --- Connecting */

static void
on_connected(void *self)
{
	struct channel *c = self;

	c->state = SHAKING;
	if (handshake_begin(&c->handshake) != 0 ||
	    handshake_write(&c->handshake, &c->request, dial_out(c->dial)) != 0)
		lose(c, "cannot make a request");
}

static void
on_failed(void *self, const char *why, bool is_hopeless)
{
	struct channel *c = self;

	if (c->state == OPEN || c->state == CLOSING || c->state == SHAKING)
		lose(c, "the connection was lost");
	else
		finish(c, (struct channel_end){ .why = why },
		       is_hopeless && !c->was_open);
}

static void
connect_now(struct channel *c)
{
	static const struct dial_events events = { on_connected, on_failed,
						   on_readable };

	drop(c);
	c->state = CONNECTING;
	set_timer(c, CONNECT_MS);
	c->dial =
	    dial_new(c->loop, c->target.server, c->target.cacert, &events, c);
	if (c->dial == NULL)
		lose(c, "out of memory");
}

static void
on_silence(struct channel *c)
{
	if (c->is_pinged) {
		lose(c, "the server is silent");
		return;
	}
	c->is_pinged = true;
	(void)wire_write(dial_out(c->dial), WIRE_OP_PING, "", 0);
	set_timer(c, ANSWER_MS);
}

static void
on_due(void *self)
{
	struct channel *c = self;

	switch (c->state) {
	case CONNECTING:
	case SHAKING:
		lose(c, "the server does not answer");
		break;
	case OPEN:
		on_silence(c);
		break;
	case CLOSING:
		lose(c, "closed");
		break;
	case WAITING:
		connect_now(c);
		break;
	default:
		break;
	}
}

/* --- From outside */

struct channel *
channel_new(struct loop *loop, const struct channel_target *target,
	    const struct channel_events *events, void *self)
{
	struct channel *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->target = *target;
	c->events = events;
	c->self = self;
	c->retry_bound_ms = RETRY_FIRST_MS;
	c->timer = (struct loop_timer){ .on_due = on_due, .self = c };
	c->token = strdup(target->token);
	if (c->token == NULL ||
	    asprintf(&c->path, "%s/ws?%s", target->server->path,
		     target->query) < 0 ||
	    loop_timer_set(loop, &c->timer, CONNECT_MS) != 0) {
		channel_free(&c);
		return NULL;
	}
	loop_timer_clear(loop, &c->timer);
	c->request = (struct handshake_request){ target->server->host, c->path,
						 "campfire", c->token };
	return c;
}

void
channel_free(struct channel **channel)
{
	struct channel *c = *channel;

	if (c == NULL)
		return;
	drop(c);
	if (c->token != NULL)
		explicit_bzero(c->token, strlen(c->token));
	free(c->token);
	free(c->path);
	buffer_fini(&c->head);
	wire_fini(&c->reader);
	free(c);
	*channel = NULL;
}

void
channel_open(struct channel *c)
{
	connect_now(c);
}

void
channel_retry_now(struct channel *c)
{
	if (c->state == WAITING)
		connect_now(c);
}

void
channel_restart(struct channel *c)
{
	if (c->state == OVER || c->state == CLOSING)
		return;
	drop(c);
	c->state = WAITING;
	set_timer(c, 0);
}

bool
channel_is_open(const struct channel *c)
{
	return c->state == OPEN;
}

int
channel_send(struct channel *c, const json_t *frame)
{
	char *text;
	int rc = -1;

	if (c->state != OPEN)
		return -1;
	text = json_dumps(frame, JSON_COMPACT);
	if (text != NULL)
		rc = wire_write(dial_out(c->dial), WIRE_OP_TEXT, text,
				strlen(text));
	free(text);
	return rc;
}

size_t
channel_waiting(const struct channel *c)
{
	return c->state == OPEN ? dial_waiting(c->dial) : 0;
}

void
channel_close(struct channel *c, void (*on_closed)(void *self))
{
	c->on_closed = on_closed;
	if (c->state != OPEN) {
		drop(c);
		c->state = CLOSING;
		set_timer(c, 0);
		return;
	}
	c->state = CLOSING;
	(void)wire_write_close(dial_out(c->dial), WIRE_NORMAL, NULL);
	set_timer(c, CLOSE_MS);
}
