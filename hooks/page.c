/* SPDX-License-Identifier: MIT */
/* hooks/page.c - see page.h. */
#include "hooks/page.h"

#include "proto/frame_values.h"

/* The place for the next event. NULL: the page is full. */
static struct delivery *
next_place(struct page *page)
{
	if (page->n == PAGE_EVENTS || page->bytes >= PAGE_BYTES)
		return NULL;
	return &page->deliveries[page->n];
}

static void
keep(struct page *page)
{
	page->bytes += page->deliveries[page->n].event.body_bytes;
	page->n++;
}

int
page_of_history(struct page *page, const struct event_place *place,
		const struct frame_history *history)
{
	const struct frame_message *messages = history->messages.items;

	for (size_t i = 0; i < history->messages.n; i++) {
		struct delivery *d = next_place(page);
		if (d == NULL)
			break;
		page->seq = messages[i].seq;
		if (messages[i].deleted)
			continue;
		if (event_of_message(&d->event, place, &messages[i]) != 0) {
			page_clear(page);
			return -1;
		}
		d->seq = messages[i].seq;
		d->change = 0;
		keep(page);
	}
	return 0;
}

/* The edited message of a change, which are in the same order; NULL for other
 * changes. */
static const struct frame_message *
take_message(frame_list *messages, const struct frame_change *change)
{
	const struct frame_message *message = messages->items;

	if (change->kind != CHANGE_EDIT || messages->n == 0 ||
	    !uuid_equal(&message->message, &change->message))
		return NULL;
	*messages = (frame_list){ message + 1, messages->n - 1 };
	return message;
}

int
page_of_changes(struct page *page, const struct event_place *place,
		const struct frame_changes *changes, uint64_t wishes,
		uint64_t seq)
{
	const struct frame_change *items = changes->changes.items;
	frame_list messages = changes->messages;

	for (size_t i = 0; i < changes->changes.n; i++) {
		const struct frame_change *change = &items[i];
		const struct frame_message *message =
		    take_message(&messages, change);
		struct delivery *d = next_place(page);
		if (change->seq > seq)
			page->needs_seq = change->seq;
		if (d == NULL || page->needs_seq != 0)
			return 0;
		page->change = change->change;
		if (!event_is_wanted(event_of_change(change), wishes) ||
		    (change->kind == CHANGE_EDIT && message == NULL))
			continue;
		if (event_make(&d->event, place, change, message) != 0) {
			page_clear(page);
			return -1;
		}
		d->seq = 0;
		d->change = change->change;
		keep(page);
	}
	page->change = changes->upto;
	return 0;
}

void
page_clear(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		event_fini(&page->deliveries[i].event);
	page->n = page->next = page->bytes = 0;
	page->seq = page->change = page->needs_seq = 0;
}
