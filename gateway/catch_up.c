/* SPDX-License-Identifier: MIT */
/* gateway/catch_up.c - one page at a time for each client, oldest first. */
#include "gateway/catch_up.h"

#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/dialect.h"

#include <stdlib.h>

struct page {
	uint64_t client;
	struct uuid room;
	uint64_t after; /* from where it was asked */
};

/* How much of a client's outbox catch-up may fill. The rest is for what happens
 * meanwhile, for which a full one is closed: of slow readers, none is for what
 * it asked. */
static size_t
share_bytes(const struct client *client)
{
	size_t half = client_gateway(client)->outbox_max / 2;

	return half < 2 * PAGE_BYTES ? half : 2 * PAGE_BYTES;
}

static void
tell_one(struct seat *seat, const struct frame_message *message)
{
	struct client *client = seat->client;
	struct event event = { .kind = EVENT_MESSAGE,
			       .room = seat->room,
			       .message = message };

	seat->seq = message->seq;
	if (message->deleted) {
		event.kind = EVENT_ERASED;
		event.message_id = &message->message;
	}
	client_send_event(client, &event);
	client_gateway(client)->count.catch_ups++;
}

/* The page may be ahead of what the room has heard; that comes live. Escapes
 * can make six bytes of one: what then does not fit is read again. */
static void
tell_page(struct seat *seat, const struct frame_history *history)
{
	const struct frame_message *messages = history->messages.items;
	const struct outbox *box = &seat->client->connection->outbox;
	size_t share = share_bytes(seat->client);

	for (size_t i = 0; i < history->messages.n && outbox_bytes(box) < share;
	     i++)
		if (messages[i].seq > seat->seq &&
		    messages[i].seq <= seat->room->seq)
			tell_one(seat, &messages[i]);
	/* There is nothing after all, or not even that much. */
	if (history->messages.n == 0 &&
	    (seat->seq < seat->room->seq || history->head < seat->seq))
		seat->seq = history->head > seat->room->seq ? history->head
							    : seat->room->seq;
	seat->is_doubtful = false;
	rooms_settle(seat);
}

static void
on_page(void *self, void *context, const struct frame *answer)
{
	struct page *page = context;
	struct client *client = client_find(self, page->client);
	struct seat *seat =
	    client == NULL ? NULL : rooms_seat_of(client, &page->room);
	uint64_t after;

	after = page->after;
	free(page);
	if (client == NULL)
		return;
	client->is_reading = false;
	client->is_resting = answer->kind != FRAME_history;
	if (seat != NULL && seat->state == SEAT_BEHIND && seat->seq == after &&
	    !seat->is_outdated && answer->kind == FRAME_history)
		tell_page(seat, &answer->history);
	catch_up(client);
}

/* What was missed longer ago than the newest so many is left to the history.
 */
static void
apply_limit(struct seat *seat)
{
	if (seat->is_reading)
		return;
	seat->is_reading = true;
	if (seat->seq >= seat->room->seq ||
	    seat->room->seq - seat->seq <= MISSED_MAX)
		return;
	seat->seq = seat->from = seat->room->seq - MISSED_MAX;
	seat->was_cut = true;
}

static void
ask_page(struct seat *seat)
{
	struct client *client = seat->client;
	struct frame frame = { .kind = FRAME_get_history };
	struct page *page = malloc(sizeof *page);

	if (page == NULL) {
		client->is_resting = true;
		return;
	}
	apply_limit(seat);
	seat->is_outdated = false;
	*page = (struct page){ client_id(client), seat->room->id, seat->seq };
	frame.get_history.room = seat->room->id;
	frame.get_history.forward = true;
	frame.get_history.after = seat->seq;
	frame.get_history.limit = MISSED_MAX;
	if (bus_ask(bus_next(client_gateway(client)->bus, STORE), &frame, 0,
		    on_page, client_gateway(client), page) == 0) {
		free(page);
		client->is_resting = true;
	} else {
		client->is_reading = true;
	}
}

void
catch_up(struct client *client)
{
	if (client->behind_count == 0 || client->is_reading ||
	    client->is_resting || client->is_closing ||
	    outbox_bytes(&client->connection->outbox) > share_bytes(client) / 2)
		return;
	for (uint32_t i = 0; i < client->seat_count; i++) {
		struct seat *seat = client_seat(client, i);
		if (seat->state != SEAT_BEHIND || !seat->room->is_synced)
			continue;
		rooms_settle(seat);
		if (seat->state == SEAT_LIVE)
			continue;
		ask_page(seat);
		return;
	}
}

void
catch_up_sweep(struct client *client)
{
	if (!client->is_resting)
		return;
	client->is_resting = false;
	catch_up(client);
}

void
catch_up_room(struct room *room)
{
	for (uint32_t i = 0; i < room->seat_count; i++)
		catch_up(room->seats[i]->client);
}
