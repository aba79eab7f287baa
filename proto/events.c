/* SPDX-License-Identifier: MIT */
/* proto/events.c - a ring of packed events, bounded in number and bytes. */
#include "proto/events.h"

#include <stdlib.h>

static struct buffer *
place_of(const struct events *events, uint64_t number)
{
	return &events->kept[number % EVENTS_KEPT];
}

static void
forget_oldest(struct events *events)
{
	struct buffer *oldest = place_of(events, events->first_kept++);

	events->bytes -= oldest->n;
	buffer_fini(oldest);
}

static bool
is_full(const struct events *events, size_t more)
{
	uint64_t kept = events->last - events->first_kept;

	return kept > 0 && (kept >= EVENTS_KEPT ||
			    events->bytes + more > EVENTS_KEPT_BYTES);
}

int
events_keep(struct events *events, const void *packed, size_t n)
{
	if (events->kept == NULL) {
		events->kept = calloc(EVENTS_KEPT, sizeof *events->kept);
		if (events->kept == NULL)
			return -1;
		events->first_kept = events->last;
	}
	while (is_full(events, n))
		forget_oldest(events);
	if (buffer_append(place_of(events, events->last), packed, n) != 0) {
		while (events->first_kept < events->last)
			forget_oldest(events);
		events->first_kept = events->last + 1;
		return -1;
	}
	events->bytes += n;
	return 0;
}

bool
events_replay(const struct events *events, uint64_t from, struct buffer *into)
{
	if (from > events->last)
		return true;
	if (events->kept == NULL || from < events->first_kept)
		return false;
	for (uint64_t number = from; number <= events->last; number++) {
		const struct buffer *event = place_of(events, number);
		if (buffer_append(into, event->bytes, event->n) != 0)
			return false;
	}
	return true;
}

void
events_seen(struct events *events, uint64_t number)
{
	if (events->kept == NULL)
		return;
	while (events->first_kept <= number &&
	       events->first_kept <= events->last)
		forget_oldest(events);
}

void
events_fini(struct events *events)
{
	for (size_t i = 0; events->kept != NULL && i < EVENTS_KEPT; i++)
		buffer_fini(&events->kept[i]);
	free(events->kept);
	*events = (struct events){ 0 };
}

enum event_verdict
events_judge(struct events_in *in, uint64_t number)
{
	if (number <= in->seen)
		return EVENT_OLD;
	if (number != in->seen + 1)
		return EVENT_GAP;
	in->seen = number;
	in->replaying = false;
	return EVENT_NEXT;
}
