/* SPDX-License-Identifier: MIT */
/* hooks/page.h - a few deliveries of a hook, made ready from what the store has
 * told: all that is held in memory of what waits.
 */
#ifndef PARLEY_HOOKS_PAGE_H
#define PARLEY_HOOKS_PAGE_H

#include "hooks/event.h"

#define PAGE_EVENTS 50
#define PAGE_BYTES  (256 * 1024)

/* An event, and how far the hook is once it is delivered. */
struct delivery {
	struct event event;
	uint64_t seq;    /* 0: unchanged */
	uint64_t change; /* 0: unchanged */
};

/* All zero is an empty page. */
struct page {
	struct delivery deliveries[PAGE_EVENTS];
	size_t n;
	size_t next;  /* the first one that is not delivered */
	size_t bytes; /* of the bodies */
	/* How far the hook is after all of it, what it does not want included;
	 * 0: unchanged. */
	uint64_t seq;
	uint64_t change;
	uint64_t needs_seq; /* changes up to this message were left */
};

/* Fill an empty page with as much as fits; at least one event does, if there is
 * one. 0, or -1 without memory: the page is empty then. */
int page_of_history(struct page *page, const struct event_place *place,
		    const struct frame_history *history);

/* Of changes that are about messages behind `seq`, and of those behind them,
 * nothing is taken: what is not told yet cannot be changed. */
int page_of_changes(struct page *page, const struct event_place *place,
		    const struct frame_changes *changes, uint64_t wishes,
		    uint64_t seq);

void page_clear(struct page *page);

#endif
