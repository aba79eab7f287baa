/* SPDX-License-Identifier: MIT */
/* gateway/gather.c - page by page, from the newest back.
 *
 * Pages are kept as JSON, each before the one that came before it, until there
 * are enough or the room has no more.
 */
#include "gateway/gather.h"

#include <stdlib.h>
#include <utlist.h>

#define PAGE_LIMIT 500 /* messages that are asked for at once */

struct page {
	struct json_writer json;
	struct page *next;
};

struct gather {
	struct gather_wish wish;
	gather_handler *on_gathered;
	struct page *pages;   /* oldest first */
	uint64_t wanted;      /* messages that may still be taken */
	uint64_t before;      /* the oldest one read; 0: none yet */
	size_t content_bytes; /* of those that were taken */
};

static void
free_gather(void *context)
{
	struct gather *gather = context;
	struct page *page, *next;

	LL_FOREACH_SAFE (gather->pages, page, next) {
		json_fini(&page->json);
		free(page);
	}
	free(gather);
}

static void
refuse(struct client *client, struct gather *gather,
       const struct frame_refused *why)
{
	gather->on_gathered(client, (struct slice){ 0 }, why);
	free_gather(gather);
	client_release(client);
}

static void
refuse_for_memory(struct client *client, struct gather *gather)
{
	const struct frame refused = asks_unavailable();

	refuse(client, gather, &refused.refused);
}

static void
finish(struct client *client, struct gather *gather)
{
	struct json_writer all = { 0 };
	const struct page *page;

	LL_FOREACH (gather->pages, page)
		if (page->json.buffer.n > 0)
			json_raw(
			    &all, NULL,
			    (struct slice){ (char *)page->json.buffer.bytes,
					    page->json.buffer.n });
	if (all.failed) {
		refuse_for_memory(client, gather);
	} else {
		gather->on_gathered(
		    client,
		    (struct slice){ (char *)all.buffer.bytes, all.buffer.n },
		    NULL);
		free_gather(gather);
		client_release(client);
	}
	json_fini(&all);
}

/* Takes the newest of a page as far as they are wanted and fit; says which is
 * the first of them. Nothing older is wanted once one did not fit. */
static size_t
take_newest(struct gather *gather, const struct frame_message *messages,
	    size_t n)
{
	while (n > 0 && gather->wanted > 0) {
		const struct frame_message *message = &messages[n - 1];

		if (!message->deleted) {
			size_t bytes = gather->content_bytes + message->text.n;
			if (bytes > GATHER_CONTENT_MAX) {
				gather->wanted = 0;
				break;
			}
			gather->content_bytes = bytes;
			gather->wanted--;
		}
		n--;
	}
	return n;
}

/* 0, or -1 without memory. */
static int
keep_page(struct gather *gather, const frame_list *list)
{
	const struct frame_message *messages = list->items;
	size_t i = take_newest(gather, messages, list->n);
	struct page *page = calloc(1, sizeof *page);

	if (page == NULL)
		return -1;
	for (; i < list->n; i++)
		if (!messages[i].deleted)
			gather->wish.write(&page->json, &messages[i]);
	LL_PREPEND(gather->pages, page);
	return page->json.failed ? -1 : 0;
}

static void ask_page(struct client *client, struct gather *gather);

static void
on_page(struct client *client, void *context, const struct frame *answer)
{
	struct gather *gather = context;
	const struct frame_message *messages;

	if (answer->kind != FRAME_history) {
		refuse(client, gather, &answer->refused);
		return;
	}
	messages = answer->history.messages.items;
	if (keep_page(gather, &answer->history.messages) != 0) {
		refuse_for_memory(client, gather);
	} else if (gather->wanted > 0 && answer->history.more &&
		   answer->history.messages.n > 0) {
		gather->before = messages[0].seq;
		ask_page(client, gather);
	} else {
		finish(client, gather);
	}
}

/* Behind the first page lie large messages or many that were taken back: the
 * store itself bounds how much comes. */
static void
ask_page(struct client *client, struct gather *gather)
{
	struct frame frame = { .kind = FRAME_get_history };

	frame.get_history.room = gather->wish.room;
	frame.get_history.before = gather->before;
	frame.get_history.limit =
	    gather->before == 0 ? gather->wanted : PAGE_LIMIT;
	asks_send_for(client, bus_next(client_gateway(client)->bus, STORE),
		      &frame, WAIT_MS, on_page, gather, free_gather);
}

void
gather_newest(struct client *client, const struct gather_wish *wish,
	      gather_handler *on_gathered)
{
	struct gather *gather = calloc(1, sizeof *gather);
	const struct frame refused = asks_unavailable();

	if (gather == NULL) {
		on_gathered(client, (struct slice){ 0 }, &refused.refused);
		return;
	}
	gather->wish = *wish;
	gather->wanted = wish->limit;
	gather->on_gathered = on_gathered;
	client_hold(client);
	ask_page(client, gather);
}
