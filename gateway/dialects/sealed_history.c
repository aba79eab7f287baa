/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed_history.c - the newest messages of the room where the
 * client is, for GetHistory of `?v=2`.
 *
 * The store answers in pages, from the newest back; the client gets them as one
 * answer, oldest first. Meanwhile it is not heard.
 */
#include "gateway/dialects/sealed.h"

#include "gateway/asks.h"

#include <stdlib.h>

#define CONTENT_MAX (1024 * 1024) /* bytes, of one answer */

struct sealed_history {
	uint64_t left;               /* messages that are still wanted */
	size_t content_bytes;        /* of those that were gathered */
	struct json_writer messages; /* those, oldest first */
};

void
sealed_history_free(struct sealed_history *history)
{
	if (history == NULL)
		return;
	json_fini(&history->messages);
	free(history);
}

static struct sealed_history *
history_of(const struct client *client)
{
	return ((struct sealed_state *)client->own)->history;
}

/* Tells the client what was gathered, or that it cannot be had. */
static void
end_history(struct client *client, bool is_whole)
{
	struct sealed_state *state = client->own;
	const struct buffer *b = &state->history->messages.buffer;

	if (is_whole && !state->history->messages.failed)
		client_send_answer(client, sealed_history((struct slice){
					       (const char *)b->bytes, b->n }));
	else
		sealed_tell_error(client, SEALED_UNAVAILABLE);
	sealed_history_free(state->history);
	state->history = NULL;
	client_release(client);
}

/* The first message of a page that still fits. */
static size_t
first_that_fits(struct sealed_history *history,
		const struct frame_message *messages, size_t n)
{
	size_t i = n;

	while (i > 0) {
		size_t bytes = messages[i - 1].text.n;
		if (history->content_bytes + bytes > CONTENT_MAX)
			break;
		history->content_bytes += bytes;
		i--;
	}
	return i;
}

/* Puts the messages of a page before those that were gathered. */
static void
gather(struct sealed_history *history, const struct frame_message *messages,
       size_t n)
{
	const struct buffer *later = &history->messages.buffer;
	struct json_writer w = { 0 };

	for (size_t i = 0; i < n; i++)
		if (!messages[i].deleted)
			sealed_write_message(&w, NULL, &messages[i]);
	if (later->n > 0)
		json_raw(
		    &w, NULL,
		    (struct slice){ (const char *)later->bytes, later->n });
	w.failed |= history->messages.failed;
	json_fini(&history->messages);
	history->messages = w;
}

static void ask_page(struct client *client, uint64_t before);

static void
on_page(struct client *client, void *context, const struct frame *answer)
{
	struct sealed_history *history = history_of(client);
	const struct frame_message *messages;
	size_t n, first;

	(void)context;
	if (answer->kind != FRAME_history) {
		end_history(client, false);
		return;
	}
	messages = answer->history.messages.items;
	n = answer->history.messages.n;
	first = first_that_fits(history, messages, n);
	gather(history, messages + first, n - first);
	history->left -= n < history->left ? n : history->left;
	if (n > 0 && first == 0 && answer->history.more && history->left > 0 &&
	    messages[0].seq > 1)
		ask_page(client, messages[0].seq);
	else
		end_history(client, true);
}

static void
ask_page(struct client *client, uint64_t before)
{
	const struct sealed_state *state = client->own;
	struct frame frame = { .kind = FRAME_get_history };

	frame.get_history.room = state->room->id;
	frame.get_history.before = before;
	frame.get_history.limit = state->history->left;
	asks_send(client, bus_next(client->gateway->bus, STORE), &frame,
		  WAIT_MS, on_page, NULL);
}

void
sealed_history_get(struct client *client, uint64_t limit)
{
	struct sealed_state *state = client->own;

	state->history = calloc(1, sizeof *state->history);
	if (state->history == NULL) {
		sealed_tell_error(client, SEALED_UNAVAILABLE);
		return;
	}
	state->history->left = limit;
	client_hold(client);
	ask_page(client, 0);
}
