/* SPDX-License-Identifier: MIT */
/* proto/peer.c - one other daemon: greeted, up and down, what goes to it.
 *
 * A link (we connected) greets as soon as its connection stands, and again
 * whenever the other side says that it does not know us. Nothing but hello and
 * ping leaves before the greeting is answered; then what waits for an answer is
 * repeated in its first order, before anything new.
 * See peer_hear.c for what comes from it.
 */
#include "proto/bus_internal.h"
#include "proto/log.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#define VERSION_OF_BATCHES 2

struct peer *
peer_new(struct bus *bus)
{
	struct peer *peer = calloc(1, sizeof *peer);

	if (peer != NULL)
		peer->bus = bus;
	return peer;
}

void
peer_free(struct peer *peer)
{
	buffer_fini(&peer->outgoing);
	events_fini(&peer->sent);
	free(peer->endpoint);
	free(peer);
}

void
peer_tell_news(struct peer *peer, enum peer_news news)
{
	struct bus *bus = peer->bus;

	if (bus->config.on_peer != NULL)
		bus->config.on_peer(bus->config.self, peer, news);
}

void
peer_fill_pong(const struct peer *peer, struct frame *pong)
{
	*pong = (struct frame){
		.kind = FRAME_pong,
		.pong.epoch = peer->bus->config.epoch,
		.pong.last = peer->sent.last,
	};
}

/* --- What leaves */

/* ROUTER tells EHOSTUNREACH for one who is gone, EAGAIN for one who does not
 * keep up; a DEALER only the latter. */
static int
send_outgoing(struct peer *peer)
{
	void *zmq = peer->socket->zmq;

	bus_stir(peer->socket);
	if (!peer->is_link &&
	    zmq_send(zmq, peer->routing_id, peer->routing_id_bytes,
		     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return -1;
	if (zmq_send(zmq, peer->outgoing.bytes, peer->outgoing.n,
		     ZMQ_DONTWAIT) < 0)
		return -1;
	buffer_clear(&peer->outgoing);
	peer->sent_us = loop_now_us(peer->bus->loop);
	return 0;
}

/* Whether it is too early for what is there, which then leaves by a timer. Who
 * asks one thing at a time is not kept waiting. */
static bool
is_paced(const struct peer *peer)
{
	struct bus *bus = peer->bus;
	uint64_t since_us = loop_now_us(bus->loop) - peer->sent_us;
	uint64_t pace_us = bus->config.pace_ms * UINT64_C(1000);

	if (!peer->is_link || since_us >= pace_us ||
	    peer->requests.count <= 1 || peer->outgoing.n >= PACED_BYTES)
		return false;
	return bus->pace.place != 0 ||
	       loop_timer_set(bus->loop, &bus->pace,
			      (pace_us - since_us + 999) / 1000) == 0;
}

/* A peer that is dropped here says ping some time later and is greeted anew, so
 * that it rebuilds what it missed. */
static void
begin_anew(struct peer *peer)
{
	peer->is_torn = false;
	peer->bus->figures->losses[LOSS_torn]++;
	if (!peer->is_link) {
		peer_drop(peer);
		return;
	}
	peer_go_down(peer);
	if (peer->reachable)
		peer_greet(peer);
}

void
peer_flush(struct peer *peer)
{
	if (peer->is_torn) {
		begin_anew(peer);
		return;
	}
	if (peer->outgoing.n == 0 || is_paced(peer) || send_outgoing(peer) == 0)
		return;
	if (errno != EAGAIN || peer->outgoing.n >= OUTGOING_MAX)
		begin_anew(peer);
}

/* Mirrors what stands in `outgoing` from `before` on. */
static void
mirror(const struct peer *peer, const struct frame *frame, size_t before)
{
	bus_mirror(peer, "out", frame, peer->outgoing.bytes + before,
		   peer->outgoing.n - before);
}

static int
append_frame(struct peer *peer, const struct frame *frame)
{
	const char *wrong = "";
	size_t before = peer->outgoing.n;

	if (frame_pack(frame, &peer->outgoing, &wrong) != 0) {
		peer->is_torn |= errno == ENOMEM;
		peer->bus->figures->losses[LOSS_cannot_pack]++;
		log_error("cannot_pack", KT("frame", frame_name(frame->kind)),
			  KT("field", wrong), KT("error", strerror(errno)));
		return -1;
	}
	COUNT_PEER(peer, frames_out);
	mirror(peer, frame, before);
	return 0;
}

int
peer_begin_batch(struct peer *peer)
{
	struct frame batch = { .kind = FRAME_batch };

	if (!peer->numbers_batches || peer->outgoing.n > 0)
		return 0;
	batch.batch.number = peer->batches + 1;
	if (append_frame(peer, &batch) != 0)
		return -1;
	peer->batches++;
	return 0;
}

/* Long turns send in between; what stays behind leaves at the turn's end. */
static void
relieve(struct peer *peer)
{
	if (peer->outgoing.n >= BATCH_MAX && send_outgoing(peer) != 0 &&
	    errno != EAGAIN)
		peer->is_torn = true;
}

/* A frame concerns the connection that it is about, or else the one that we are
 * at now. */
static void
mark(struct peer *to, struct frame *frame)
{
	uint64_t before;

	if (frame->trace == 0)
		frame->trace = log_conn_now();
	before = log_conn(frame->trace);
	bus_note("told", to, frame);
	log_conn(before);
}

void
bus_tell(struct peer *to, struct frame *frame)
{
	if (to->state != PEER_LIVING || peer_begin_batch(to) != 0)
		return;
	mark(to, frame);
	if (append_frame(to, frame) == 0)
		relieve(to);
}

void
bus_tell_numbered(struct peer *to, struct frame *frame)
{
	size_t before = to->outgoing.n;

	if (to->state != PEER_LIVING)
		return;
	mark(to, frame);
	frame->event = to->sent.last + 1;
	if (append_frame(to, frame) != 0)
		return;
	to->sent.last++;
	(void)events_keep(&to->sent, to->outgoing.bytes + before,
			  to->outgoing.n - before);
	relieve(to);
}

void
bus_answer(struct peer *to, uint64_t id, struct frame *answer)
{
	answer->id = id;
	bus_tell(to, answer);
}

void
bus_refuse(struct peer *to, uint64_t id, enum error_code code, const char *text)
{
	struct frame refused = {
		.kind = FRAME_refused,
		.refused.code = slice_of(error_name(code)),
		.refused.text = slice_of(text),
	};

	bus_answer(to, id, &refused);
}

static int
keep_request(struct peer *to, struct frame *request, unsigned timeout_ms,
	     answer_handler *on_answer, void *self, void *context)
{
	struct buffer packed = { 0 };
	uint64_t deadline =
	    timeout_ms == 0 ? 0 : loop_now_ms(to->bus->loop) + timeout_ms;
	const char *wrong = "";
	int rc = frame_pack(request, &packed, &wrong);

	if (rc != 0)
		log_error("cannot_pack", KT("frame", frame_name(request->kind)),
			  KT("field", wrong), KT("error", strerror(errno)));
	else
		rc = requests_add(&to->requests, request, &packed, deadline,
				  on_answer, self, context);
	if (deadline != 0)
		bus_watch_deadlines(to->bus);
	/* If this fails, all that waits is sent again. */
	if (rc == 0 && to->state == PEER_LIVING && peer_begin_batch(to) == 0) {
		size_t before = to->outgoing.n;
		if (buffer_append(&to->outgoing, packed.bytes, packed.n) == 0) {
			COUNT_PEER(to, frames_out);
			mirror(to, request, before);
		} else {
			to->is_torn = true;
		}
	}
	buffer_fini(&packed);
	return rc;
}

/* The side that was connected to counts its requests from here: each side hears
 * the ids of both. A reader of JSON still takes them for exact. */
#define ACCEPTED_ID (UINT64_C(1) << 52)

static uint64_t
next_id(struct peer *to)
{
	return ++to->bus->last_id | (to->is_link ? 0 : ACCEPTED_ID);
}

uint64_t
bus_ask(struct peer *to, struct frame *request, unsigned timeout_ms,
	answer_handler *on_answer, void *self, void *context)
{
	if (to->requests.closed)
		return 0;
	request->id = next_id(to);
	mark(to, request);
	if (keep_request(to, request, timeout_ms, on_answer, self, context) !=
	    0)
		return 0;
	relieve(to);
	return request->id;
}

bool
bus_has_room(const struct peer *peer)
{
	return peer->requests.count < REQUESTS_MAX &&
	       peer->requests.bytes < REQUESTS_MAX_BYTES;
}

bool
bus_has_drained(const struct peer *peer)
{
	return peer->requests.count <= REQUESTS_MAX / 2 &&
	       peer->requests.bytes <= REQUESTS_MAX_BYTES / 2;
}

bool
bus_can_relay(const struct peer *peer)
{
	return peer->requests.bytes < RELAYED_MAX_BYTES;
}

/* --- Up and down */

void
peer_fill_hello(const struct bus *bus, struct frame *hello)
{
	*hello = (struct frame){
		.kind = FRAME_hello,
		.hello.kind = slice_of(party_name(bus->config.party)),
		.hello.name = slice_of(bus->config.name),
		.hello.epoch = bus->config.epoch,
		.hello.version = FRAME_VERSION,
	};
}

/* Who is asked anew before it could answer would never have answered the last
 * greeting: a slow daemon gets twice the time. */
static unsigned
longer_patience(unsigned ms)
{
	if (ms == 0)
		return PING_EVERY_MS;
	return ms < PATIENCE_MS ? ms * 2 : ms;
}

void
peer_greet(struct peer *link)
{
	struct frame hello;

	peer_fill_hello(link->bus, &hello);
	hello.id = link->hello_id = ++link->bus->last_id;
	link->greeted_ms = loop_now_ms(link->bus->loop);
	link->patience_ms = longer_patience(link->patience_ms);
	link->state = PEER_GREETING;
	buffer_clear(&link->outgoing);
	(void)append_frame(link, &hello);
}

void
peer_go_down(struct peer *peer)
{
	bool was_living = peer->state == PEER_LIVING;

	peer->state = PEER_AWAY;
	peer->numbers_batches = false;
	buffer_clear(&peer->outgoing);
	if (!was_living)
		return;
	log_info("peer_down", KT("peer", peer->name));
	peer_tell_news(peer, PEER_DOWN);
}

void
peer_go_up(struct peer *peer, const struct frame *hello)
{
	snprintf(peer->name, sizeof peer->name, "%.*s",
		 (int)hello->hello.name.n, hello->hello.name.at);
	peer->epoch = hello->hello.epoch;
	peer->state = PEER_LIVING;
	peer->patience_ms = 0;
	peer->seen = (struct events_in){ 0 };
	peer->batches = 0;
	peer->numbers_batches =
	    peer->is_link && hello->hello.version >= VERSION_OF_BATCHES;
	events_fini(&peer->sent);
	if (peer->was_up)
		COUNT_PEER(peer, reconnects);
	peer->was_up = peer->is_link;
	log_info("peer_up", KT("peer", peer->name));
}

void
peer_reached(struct peer *link)
{
	link->reachable = true;
	link->patience_ms = 0;
	if (link->state != PEER_LIVING)
		peer_greet(link);
}

void
peer_lost(struct peer *link)
{
	link->reachable = false;
	peer_go_down(link);
}

void
peer_drop(struct peer *accepted)
{
	peer_go_down(accepted);
	requests_cancel(&accepted->requests);
	HASH_DEL(accepted->bus->accepted, accepted);
	peer_free(accepted);
}

/* The ticks are not exact: half of one too early is soon enough. */
static bool
is_patience_over(const struct peer *link, uint64_t now_ms)
{
	return now_ms - link->greeted_ms + PING_EVERY_MS / 2 >=
	       link->patience_ms;
}

/* Nobody is silent whose words may be among what is still unread. */
static bool
is_silent(const struct peer *peer, unsigned for_ms)
{
	return bus_drained_ms(peer->socket) > peer->heard_ms + for_ms;
}

static void
tick_link(struct peer *link, uint64_t now_ms, bool judge, bool due)
{
	struct frame ping = { .kind = FRAME_ping };

	if (link->state == PEER_LIVING && judge &&
	    is_silent(link, SILENT_LINK_MS))
		peer_go_down(link);
	if (!link->reachable || !due)
		return;
	if (link->state == PEER_GREETING) {
		if (is_patience_over(link, now_ms))
			peer_greet(link);
		return;
	}
	ping.ping.seen = link->seen.seen;
	if (peer_begin_batch(link) == 0)
		(void)append_frame(link, &ping);
}

/* Its ping waits behind the work of others: we live all the same. */
static void
reassure(struct peer *accepted, uint64_t now_ms)
{
	struct frame pong;

	if (now_ms < accepted->sent_us / 1000 + LATE_ANSWER_MS)
		return;
	peer_fill_pong(accepted, &pong);
	bus_tell(accepted, &pong);
}

static void
tick_accepted(struct peer *accepted, uint64_t now_ms, bool judge, bool due)
{
	if (judge && is_silent(accepted, SILENT_PEER_MS))
		peer_drop(accepted);
	else if (due)
		reassure(accepted, now_ms);
}

void
peer_tick(struct peer *peer, uint64_t now_ms, bool judge, bool ping)
{
	if (!judge)
		peer->heard_ms = now_ms;
	/* A burst may have made it large. */
	if (peer->outgoing.n == 0)
		buffer_fini(&peer->outgoing);
	peer->bus->figures->expired[party_place(peer->kind)] +=
	    requests_expire(&peer->requests, now_ms);
	if (peer->is_link)
		tick_link(peer, now_ms, judge, ping);
	else
		tick_accepted(peer, now_ms, judge, ping);
}

/* --- What others may know of a peer */

bool
peer_is_up(const struct peer *peer)
{
	return peer->state == PEER_LIVING;
}

enum party
peer_kind(const struct peer *peer)
{
	return peer->kind;
}

const char *
peer_name(const struct peer *peer)
{
	return peer->name;
}

uint64_t
peer_epoch(const struct peer *peer)
{
	return peer->epoch;
}
