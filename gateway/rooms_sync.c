/* SPDX-License-Identifier: MIT */
/* gateway/rooms_sync.c - keeps rooms without holes: subscribes them at the
 * router, takes its messages in order, and reads from the store what is missing
 * in between.
 */
#include "gateway/rooms.h"

#include "gateway/catch_up.h"
#include "gateway/changes.h"
#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/fanout.h"
#include "gateway/moderation.h"
#include "gateway/typing.h"
#include "gateway/users.h"

#include <stdlib.h>
#include <utlist.h>

#define IDS_PER_FRAME 1000
#define REPAIR_PAGE   1000

static void repair(struct room *room);

/* --- Messages in their order */

/* The message that is next: whoever is live hears it. */
static void
tell_message(struct room *room, const struct frame_message *message)
{
	const struct event event = { .kind = EVENT_MESSAGE,
				     .room = room,
				     .message = message,
				     .seq = message->seq };

	room->seq = message->seq;
	typing_end_by_message(room, &message->user);
	if (message->deleted)
		return;
	fanout_add(room, &event, message->since);
}

static void
note_gap(struct room *room, uint64_t seq)
{
	if (seq > room->repair_to)
		room->repair_to = seq;
	repair(room);
}

void
rooms_hear_message(struct room *room, const struct frame_message *message)
{
	if (!room->was_synced || message->seq <= room->seq)
		return;
	if (room->is_repairing || message->seq != room->seq + 1)
		note_gap(room, message->seq);
	else
		tell_message(room, message);
}

/* Whoever reads the room now may get the message as it was before. That it is
 * not known here shows that there is a gap. */
void
rooms_hear_change(struct room *room, const struct event *event)
{
	for (uint32_t i = 0; i < room->seat_count; i++)
		if (room->seats[i]->state == SEAT_BEHIND &&
		    room->seats[i]->seq < event->seq)
			room->seats[i]->is_outdated = true;
	if (room->was_synced && room->seq < event->seq) {
		room->is_outdated = room->is_repairing;
		note_gap(room, event->seq);
	}
	rooms_tell(room, event, NULL);
}

/* --- Gaps */

static void
on_history(void *self, void *context, const struct frame *answer)
{
	struct gateway *g = self;
	struct uuid *id = context;
	struct room *room = rooms_find(g, id);
	const struct frame_message *messages;

	free(id);
	if (room == NULL)
		return;
	room->is_repairing = false;
	if (room->is_outdated) {
		room->is_outdated = false;
		repair(room);
		return;
	}
	if (answer->kind != FRAME_history) {
		rooms_ask_again(g);
		return;
	}
	messages = answer->history.messages.items;
	for (size_t i = 0; i < answer->history.messages.n; i++)
		if (messages[i].seq == room->seq + 1)
			tell_message(room, &messages[i]);
	if (answer->history.messages.n == 0)
		room->repair_to = room->seq; /* there is nothing after all */
	repair(room);
}

/* Reads what lies between what was told and what is known to exist. */
static void
repair(struct room *room)
{
	struct frame frame = { .kind = FRAME_get_history };
	struct uuid *id;

	if (room->is_repairing || room->repair_to <= room->seq)
		return;
	id = malloc(sizeof *id);
	if (id == NULL) {
		rooms_ask_again(room->gateway);
		return;
	}
	*id = room->id;
	room->gateway->count.gaps++;
	frame.get_history.room = room->id;
	frame.get_history.forward = true;
	frame.get_history.after = room->seq;
	frame.get_history.limit = REPAIR_PAGE;
	if (bus_ask(bus_next(room->gateway->bus, STORE), &frame, 0, on_history,
		    room->gateway, id) == 0) {
		free(id);
		rooms_ask_again(room->gateway);
	} else {
		room->is_repairing = true;
	}
}

/* --- Subscriptions */

/* A room that had been told before goes on from there; a new one begins at the
 * head, and its seats catch up by themselves. */
static void
sync(struct room *room, const struct frame_position *position)
{
	room->is_synced = true;
	if (!room->was_synced) {
		room->was_synced = true;
		room->seq = position->seq;
		if (position->change > room->change)
			room->change = position->change;
		for (uint32_t i = 0; i < room->seat_count; i++)
			rooms_settle(room->seats[i]);
		moderation_check_facts(room);
	} else {
		if (position->seq > room->seq)
			note_gap(room, position->seq);
		changes_note_head(room, position->change);
	}
	if (position->change >= room->change)
		moderation_check_visits(room, position->change);
	/* Seats that hear nothing yet may owe their clients the roster. */
	roster_ask(room);
	catch_up_room(room);
	if (!changes_are_missing(room))
		rooms_drop_stale(room);
}

static void
on_subscribed(void *self, void *context, const struct frame *answer)
{
	struct gateway *g = self;
	const struct frame_position *positions = answer->subscribed.rooms.items;

	(void)context;
	if (answer->kind != FRAME_subscribed) {
		rooms_ask_again(g);
		return;
	}
	for (size_t i = 0; i < answer->subscribed.rooms.n; i++) {
		struct room *room = rooms_find(g, &positions[i].room);
		if (room != NULL)
			sync(room, &positions[i]);
	}
}

struct batch {
	struct peer *router;
	struct uuid *ids;
	size_t n;
};

static void
send_batch(struct gateway *gateway, struct batch *batch)
{
	struct frame frame = { .kind = FRAME_subscribe };

	frame.subscribe.rooms = (frame_UUIDS){ batch->ids, batch->n };
	if (bus_ask(batch->router, &frame, 0, on_subscribed, gateway, NULL) ==
	    0)
		rooms_ask_again(gateway);
	batch->n = 0;
}

static void
add_to_batch(struct gateway *gateway, struct batch *batch, struct room *room)
{
	struct peer *router = bus_owner(gateway->bus, ROUTER, &room->id);

	if (batch->n == IDS_PER_FRAME ||
	    (batch->n > 0 && batch->router != router))
		send_batch(gateway, batch);
	batch->router = router;
	batch->ids[batch->n++] = room->id;
	room->is_waiting = false;
	LL_DELETE2(gateway->to_subscribe, room, next_waiting);
}

void
rooms_turn(struct gateway *gateway)
{
	struct batch batch = { 0 };

	if (gateway->to_subscribe == NULL)
		return;
	batch.ids = arena_array(bus_arena(gateway->bus), IDS_PER_FRAME,
				sizeof *batch.ids);
	while (batch.ids != NULL && gateway->to_subscribe != NULL)
		add_to_batch(gateway, &batch, gateway->to_subscribe);
	if (batch.n > 0)
		send_batch(gateway, &batch);
}

void
rooms_ask_again(struct gateway *gateway)
{
	gateway->must_ask_again = true;
}

void
rooms_sweep(struct gateway *gateway)
{
	if (!gateway->must_ask_again)
		return;
	gateway->must_ask_again = false;
	rooms_subscribe_all(gateway);
	users_announce_all(gateway);
}

void
rooms_subscribe_all(struct gateway *gateway)
{
	struct room *room;
	size_t cursor = 0;

	while ((room = table_next(&gateway->rooms, &cursor)) != NULL)
		rooms_wait_for_turn(room);
}
