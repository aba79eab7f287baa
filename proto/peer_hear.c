/* SPDX-License-Identifier: MIT */
/* proto/peer_hear.c - what one other daemon says: hello, ping, batches,
 * numbered events, answers; what is left goes to the daemon's routes.
 *
 * ZeroMQ connects again by itself, loses what was on its way and delivers what
 * came behind it, before either side knows. So a link numbers what it sends,
 * and the other side hears nothing behind a gap.
 */
#include "proto/bus_internal.h"
#include "proto/log.h"

/* A link's own hello was answered, or the other side does not know us. */
static void
hear_hello(struct peer *link, const struct frame *hello)
{
	if (hello->id == 0) {
		if (link->state != PEER_LIVING)
			return;
		peer_go_down(link);
		peer_greet(link);
		return;
	}
	if (link->state != PEER_GREETING || hello->id != link->hello_id ||
	    party_find(hello->hello.kind) != link->kind)
		return;
	peer_go_up(link, hello);
	if (peer_begin_batch(link) != 0 ||
	    requests_repeat(&link->requests, &link->outgoing) != 0) {
		peer_go_down(link);
		return;
	}
	peer_tell_news(link, PEER_UP);
}

/* --- Batches, ping, events, answers */

/* What is missing will come again, in its first order, once it has greeted. */
static void
hear_batch(struct peer *peer, const struct frame *frame)
{
	if (frame->batch.number == ++peer->batches)
		return;
	peer->bus->figures->losses[LOSS_batch]++;
	log_warn("batch_lost", KT("peer", peer->name));
	peer_ask_hello(peer->socket, peer->routing_id, peer->routing_id_bytes);
	peer_drop(peer);
}

static void
on_replay_answer(void *self, void *context, const struct frame *answer)
{
	struct peer *peer = self;

	(void)context;
	if (answer->kind != FRAME_refused || peer->state != PEER_LIVING)
		return;
	/* Whatever was sent up to now is made up for by the owner. */
	peer->seen.replaying = false;
	peer->seen.seen = 0;
	peer->bus->figures->losses[LOSS_events]++;
	log_warn("events_lost", KT("peer", peer->name));
	peer_go_down(peer);
	peer_greet(peer);
}

static void
ask_replay(struct peer *peer)
{
	struct frame replay = { .kind = FRAME_replay };

	if (peer->seen.replaying)
		return;
	replay.replay.from = peer->seen.seen + 1;
	peer->seen.replaying = bus_ask(peer, &replay, SILENT_LINK_MS,
				       on_replay_answer, peer, NULL) != 0;
}

static void
hear_replay(struct peer *peer, const struct frame *frame)
{
	struct frame done = { .kind = FRAME_done };

	if (events_replay(&peer->sent, frame->replay.from, &peer->outgoing))
		bus_answer(peer, frame->id, &done);
	else
		bus_refuse(peer, frame->id, ERROR_lost, "no longer kept");
}

static void
hear_ping(struct peer *peer, const struct frame *frame)
{
	struct frame pong;

	peer_fill_pong(peer, &pong);
	events_seen(&peer->sent, frame->ping.seen);
	bus_answer(peer, frame->id, &pong);
}

static void
hear_pong(struct peer *peer, const struct frame *frame)
{
	if (frame->pong.last > peer->seen.seen)
		ask_replay(peer);
}

static bool
is_next_event(struct peer *peer, const struct frame *frame)
{
	if (frame->event == 0)
		return true;
	switch (events_judge(&peer->seen, frame->event)) {
	case EVENT_NEXT:
		return true;
	case EVENT_GAP:
		ask_replay(peer);
		return false;
	default:
		return false;
	}
}

/* Whoever asked hears it. */
static bool
is_answer(struct peer *peer, struct frame *frame)
{
	struct times *answers =
	    &peer->bus->figures->answers[party_place(peer->kind)];

	return frame->id != 0 &&
	       requests_answer(&peer->requests, frame, answers);
}

void
peer_hear(struct peer *peer, struct frame *frame)
{
	peer->heard_ms = loop_now_ms(peer->bus->loop);
	if (frame->kind == FRAME_hello) {
		if (peer->is_link)
			hear_hello(peer, frame);
		return;
	}
	if (peer->state != PEER_LIVING) {
		/* It hung, and lives again. */
		if (peer->is_link && peer->state == PEER_AWAY)
			peer_greet(peer);
		return;
	}
	if (frame->kind == FRAME_batch && !peer->is_link)
		hear_batch(peer, frame);
	else if (frame->kind == FRAME_ping)
		hear_ping(peer, frame);
	else if (frame->kind == FRAME_pong)
		hear_pong(peer, frame);
	else if (frame->kind == FRAME_replay)
		hear_replay(peer, frame);
	else if (frame->kind == FRAME_get_metrics)
		bus_hear_get_metrics(peer, frame);
	else if (is_next_event(peer, frame) && !is_answer(peer, frame))
		bus_dispatch(peer, frame);
}
