/* SPDX-License-Identifier: MIT */
/* hooks/work.c - see work.h. */
#include "hooks/work.h"

#include "hooks/hook.h"
#include "hooks/report.h"
#include "hooks/retry.h"
#include "hooks/rooms.h"
#include "proto/frame_values.h"

#include <stdlib.h>

#define BUSY_MAX    256
#define FAILING_MAX 128

/* After that long a hook lets others in, if any wait. */
#define SHARE_MS 5000

/* When the store did not answer, or there was no memory. */
#define PAUSE_MS 1000

/* At the end, a receiver gets no more time than that. */
#define DRAIN_MS 2000

static void go_on(struct hook *hook);

/* --- Turns */

static void
begin(struct hook *hook)
{
	struct lane *lane = hook->lane;

	DL_DELETE(lane->waiting, hook);
	lane->busy++;
	hook->state = STATE_busy;
	hook->since_ms = loop_now_ms(hook->hooks->loop);
	go_on(hook);
}

void
work_turn(struct hooks *h)
{
	while (h->sound.waiting != NULL &&
	       h->sound.busy + h->failing.busy < BUSY_MAX)
		begin(h->sound.waiting);
	while (h->failing.waiting != NULL && h->failing.busy < FAILING_MAX &&
	       h->sound.busy + h->failing.busy < BUSY_MAX)
		begin(h->failing.waiting);
}

static void
leave_lane(struct hook *hook)
{
	if (hook->state == STATE_waiting)
		DL_DELETE(hook->lane->waiting, hook);
	else if (hook->state == STATE_busy)
		hook->lane->busy--;
	hook->lane = NULL;
	if (hook->page != NULL)
		page_clear(hook->page);
	free(hook->page);
	hook->page = NULL;
}

static void
rest(struct hook *hook, uint64_t in_ms)
{
	struct hooks *h = hook->hooks;

	hook->state = STATE_retrying;
	if (loop_timer_set(h->loop, &hook->timer, in_ms) == 0)
		return;
	/* Then it waits until all hooks are read again. */
	h->count.no_memory++;
	h->must_read_all = true;
	hooks_try_again(h);
}

/* What was written down before the clock was set back says too much. */
static uint64_t
time_to_rest_ms(const struct hook *hook)
{
	const uint64_t most_ms = RETRY_AFTER_MOST_S * UINT64_C(1000);
	uint64_t now_ms = loop_unix_ms(hook->hooks->loop);

	if (hook->retry_at_ms <= now_ms)
		return 0;
	return hook->retry_at_ms - now_ms < most_ms ? hook->retry_at_ms - now_ms
						    : most_ms;
}

/* Where it is when nothing is under way. */
static void
settle(struct hook *hook)
{
	uint64_t rest_ms = time_to_rest_ms(hook);

	hook->is_outdated = false;
	loop_timer_clear(hook->hooks->loop, &hook->timer);
	if (hook->is_paused) {
		hook->state = STATE_paused;
	} else if (rest_ms > 0) {
		rest(hook, rest_ms);
	} else {
		hook->state = STATE_idle;
		work_look(hook);
	}
}

static void
end_turn(struct hook *hook)
{
	leave_lane(hook);
	settle(hook);
}

static void
put_off(struct hook *hook)
{
	leave_lane(hook);
	loop_timer_clear(hook->hooks->loop, &hook->timer);
	rest(hook, PAUSE_MS);
}

static void
on_rested(void *self)
{
	struct hook *hook = self;

	hook->retry_at_ms = 0;
	settle(hook);
}

void
work_look(struct hook *hook)
{
	struct hooks *h = hook->hooks;

	if (hook->state != STATE_idle || h->is_draining || !hook_has_more(hook))
		return;
	hook->state = STATE_waiting;
	hook->lane = hook->failures > 0 ? &h->failing : &h->sound;
	DL_APPEND(hook->lane->waiting, hook);
}

void
work_look_anew(struct hook *hook)
{
	hook->timer.on_due = on_rested;
	hook->timer.self = hook;
	if (hook->state == STATE_busy)
		return; /* go_on() sees to it */
	leave_lane(hook);
	settle(hook);
}

void
work_cancel(struct hook *hook)
{
	if (hook->transfer != NULL)
		sender_cancel(hook->transfer);
	hook->transfer = NULL;
	hook->is_reading = false;
	hook->read_number++;
	leave_lane(hook);
	hook->state = STATE_idle;
}

/* --- Sending */

static void
note_failure(struct hook *hook, const struct outcome *outcome)
{
	struct hooks *h = hook->hooks;
	uint64_t now_ms = loop_unix_ms(h->loop);
	uint32_t random;

	random_bytes(&random, sizeof random);
	hook->failures++;
	if (hook->failing_since_ms == 0)
		hook->failing_since_ms = now_ms;
	hook->retry_at_ms = now_ms + retry_delay_ms(hook->failures, random,
						    outcome->retry_after_s);
	hook->is_paused = outcome->end == END_gone ||
			  (h->give_up_ms != 0 &&
			   now_ms >= hook->failing_since_ms + h->give_up_ms);
	report_failure(hook, outcome);
}

static void
note_success(struct hook *hook, const struct delivery *d)
{
	struct hooks *h = hook->hooks;
	uint64_t now_ms = loop_unix_ms(h->loop);

	if (d->seq > hook->delivered.seq)
		hook->delivered.seq = d->seq;
	if (d->change > hook->delivered.change)
		hook->delivered.change = d->change;
	h->count.delivered[d->event.kind]++;
	if (d->event.kind == EVENT_created && now_ms >= d->event.at_ms)
		times_add(&h->count.delays, (now_ms - d->event.at_ms) * 1000);
	hook->page->next++;
	report_success(hook);
	hook->failures = hook->failing_since_ms = hook->retry_at_ms = 0;
}

static void
on_end(void *context, const struct outcome *outcome)
{
	struct hook *hook = context;
	struct hooks *h = hook->hooks;

	hook->transfer = NULL;
	h->count.attempts[outcome->end]++;
	if (outcome->status != 0)
		times_add(&h->count.answers, outcome->took_us);
	if (outcome->end == END_taken)
		note_success(hook, &hook->page->deliveries[hook->page->next]);
	/* What failed by what it was before says nothing of what it is now. */
	else if (!hook->is_outdated)
		note_failure(hook, outcome);
	if (outcome->end == END_taken && !hook->is_outdated)
		go_on(hook);
	else
		end_turn(hook);
}

static void
send_next(struct hook *hook)
{
	const struct event *e = &hook->page->deliveries[hook->page->next].event;
	struct hooks *h = hook->hooks;
	char signature[SIGNATURE_BYTES];
	struct request request = {
		.url = hook->url,
		.id = e->id,
		.timestamp_s = loop_unix_ms(h->loop) / 1000,
		.signature = signature,
		.event = EVENT_word(e->kind),
		.body = { e->body, e->body_bytes },
	};

	if (signature_make(&hook->key, slice_of(e->id), request.timestamp_s,
			   request.body, signature))
		hook->transfer = sender_send(h->sender, &request, on_end, hook);
	if (hook->transfer != NULL)
		return;
	h->count.attempts[END_unsent]++;
	h->count.no_memory++;
	put_off(hook);
}

/* --- Reading */

/* An answer finds its hook again, if it is still the one that was asked for. */
struct read {
	struct uuid hook;
	uint64_t number;
};

/* How far the room is may have been overrated, if an older copy of the database
 * is in use; or underrated, as changes show. */
static void
note_head(struct hook *hook, const struct frame *answer)
{
	struct room *room = hook->room;

	if (hook->page->needs_seq > room->seq)
		rooms_note(hook->hooks, &room->id, hook->page->needs_seq, 0);
	if (answer->kind == FRAME_history && answer->history.messages.n == 0)
		room->seq = hook->delivered.seq;
	if (answer->kind == FRAME_changes && answer->changes.upto == 0)
		room->change = hook->delivered.change;
}

static int
fill_page(struct hook *hook, const struct frame *answer)
{
	const struct room *room = hook->room;
	const struct event_place place = {
		.hook = hook->id,
		.room = room->id,
		.room_name = { room->name, room->name_bytes },
	};
	uint64_t seq = hook->delivered.seq;

	if (answer->kind == FRAME_history)
		return page_of_history(hook->page, &place, &answer->history);
	if ((hook->wishes & HOOK_MESSAGES) == 0)
		seq = UINT64_MAX;
	return page_of_changes(hook->page, &place, &answer->changes,
			       hook->wishes, seq);
}

static void
on_page(void *self, void *context, const struct frame *answer)
{
	struct read *read = context;
	struct hook *hook = hook_find(self, &read->hook);
	bool is_late = hook == NULL || hook->read_number != read->number;

	free(read);
	if (is_late)
		return;
	hook->is_reading = false;
	if (hook->is_outdated) {
		end_turn(hook);
	} else if ((answer->kind != FRAME_history &&
		    answer->kind != FRAME_changes) ||
		   fill_page(hook, answer) != 0) {
		put_off(hook);
	} else {
		note_head(hook, answer);
		go_on(hook);
	}
}

/* Messages and changes in turn, where both wait. */
static void
make_question(struct hook *hook, struct frame *frame)
{
	const struct progress *at = &hook->delivered;
	bool has_messages = at->seq < hook->room->seq;
	bool has_changes = at->change < hook->room->change;

	hook->was_history = has_messages && !(has_changes && hook->was_history);
	if (hook->was_history) {
		frame->kind = FRAME_get_history;
		frame->get_history.room = hook->room->id;
		frame->get_history.after = at->seq;
		frame->get_history.forward = true;
		frame->get_history.limit = PAGE_EVENTS;
	} else {
		frame->kind = FRAME_get_changes;
		frame->get_changes.room = hook->room->id;
		frame->get_changes.after = at->change;
		frame->get_changes.limit = PAGE_EVENTS;
	}
}

static void
read_page(struct hook *hook)
{
	struct hooks *h = hook->hooks;
	struct peer *store = bus_next(h->bus, STORE);
	struct read *read = malloc(sizeof *read);
	struct frame frame = { 0 };

	if (hook->page == NULL)
		hook->page = calloc(1, sizeof *hook->page);
	if (read == NULL || hook->page == NULL || store == NULL ||
	    !bus_has_room(store))
		goto fail;
	*read = (struct read){ hook->id, ++hook->read_number };
	make_question(hook, &frame);
	if (bus_ask(store, &frame, 0, on_page, h, read) == 0)
		goto fail;
	h->count.reads++;
	hook->is_reading = true;
	return;
fail:
	free(read);
	put_off(hook);
}

/* The page is done with, and what it passed over, too. */
static void
end_page(struct hook *hook)
{
	struct page *page = hook->page;

	if (page->seq > hook->delivered.seq)
		hook->delivered.seq = page->seq;
	if (page->change > hook->delivered.change)
		hook->delivered.change = page->change;
	page_clear(page);
}

static bool
must_let_others_in(const struct hook *hook)
{
	const struct hooks *h = hook->hooks;

	return (h->sound.waiting != NULL || h->failing.waiting != NULL) &&
	       loop_now_ms(h->loop) - hook->since_ms >= SHARE_MS;
}

/* A busy hook that neither reads nor sends. */
static void
go_on(struct hook *hook)
{
	bool is_page_done =
	    hook->page == NULL || hook->page->next == hook->page->n;

	if (is_page_done && hook->page != NULL)
		end_page(hook);
	if (hook->is_outdated || hook->is_paused || hook->hooks->is_draining ||
	    must_let_others_in(hook))
		end_turn(hook);
	else if (!is_page_done)
		send_next(hook);
	else if (hook_has_more(hook))
		read_page(hook);
	else
		end_turn(hook);
}

/* --- The end */

bool
work_drain(struct hooks *h)
{
	const struct hook *hook;

	if (!h->is_draining) {
		h->is_draining = true;
		h->drain_until_ms = loop_now_ms(h->loop) + DRAIN_MS;
	}
	if (loop_now_ms(h->loop) >= h->drain_until_ms)
		return true;
	for (hook = h->by_id; hook != NULL; hook = hook->hh.next)
		if (hook->transfer != NULL || hook->is_telling ||
		    hook->failures_told > 0)
			return false;
	return true;
}
