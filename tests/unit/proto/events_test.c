/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/events_test.c - numbered events: kept for replay, judged on
 * arrival.
 */
#include "proto/events.h"
#include "tests/unit/check.h"

static void
keep(struct events *events, const char *text)
{
	events->last++;
	CHECK_INT(events_keep(events, text, strlen(text)), 0);
}

static void
the_newest_are_replayed_in_order(void)
{
	struct events events = { 0 };
	struct buffer into = { 0 };

	keep(&events, "a");
	keep(&events, "b");
	keep(&events, "c");
	CHECK(events_replay(&events, 2, &into));
	CHECK_INT(into.n, 2);
	CHECK(memcmp(into.bytes, "bc", 2) == 0);
	CHECK(events_replay(&events, 4, &into));
	CHECK_INT(into.n, 2);
	buffer_fini(&into);
	events_fini(&events);
}

static void
the_oldest_are_forgotten(void)
{
	struct events events = { 0 };
	struct buffer into = { 0 };

	for (int i = 0; i < EVENTS_KEPT + 10; i++)
		keep(&events, "x");
	CHECK(!events_replay(&events, 10, &into));
	CHECK(events_replay(&events, 11, &into));
	CHECK_INT(into.n, EVENTS_KEPT);
	buffer_fini(&into);
	events_fini(&events);
}

static void
large_events_are_bounded_in_bytes(void)
{
	static char large[EVENTS_KEPT_BYTES / 4];
	struct events events = { 0 };

	for (int i = 0; i < 20; i++) {
		events.last++;
		CHECK_INT(events_keep(&events, large, sizeof large), 0);
		CHECK(events.bytes <= EVENTS_KEPT_BYTES);
	}
	events_fini(&events);
}

static void
what_was_seen_is_kept_no_longer(void)
{
	struct events events = { 0 };
	struct buffer into = { 0 };

	events_seen(&events, 5);
	keep(&events, "a");
	keep(&events, "b");
	keep(&events, "c");
	events_seen(&events, 2);
	CHECK_INT(events.bytes, 1);
	CHECK(!events_replay(&events, 2, &into));
	CHECK(events_replay(&events, 3, &into));
	CHECK(memcmp(into.bytes, "c", 1) == 0);
	events_seen(&events, UINT64_MAX);
	CHECK_INT(events.bytes, 0);
	keep(&events, "d");
	buffer_clear(&into);
	CHECK(events_replay(&events, 4, &into));
	CHECK(memcmp(into.bytes, "d", 1) == 0);
	buffer_fini(&into);
	events_fini(&events);
}

static void
arrivals_are_judged_by_their_number(void)
{
	struct events_in in = { 0 };

	CHECK_INT(events_judge(&in, 1), EVENT_NEXT);
	CHECK_INT(events_judge(&in, 1), EVENT_OLD);
	CHECK_INT(events_judge(&in, 3), EVENT_GAP);
	CHECK_INT(events_judge(&in, 2), EVENT_NEXT);
	CHECK_INT(events_judge(&in, 3), EVENT_NEXT);
	CHECK_INT(in.seen, 3);
}

int
main(void)
{
	RUN(the_newest_are_replayed_in_order);
	RUN(the_oldest_are_forgotten);
	RUN(large_events_are_bounded_in_bytes);
	RUN(what_was_seen_is_kept_no_longer);
	RUN(arrivals_are_judged_by_their_number);
	return check_done();
}
