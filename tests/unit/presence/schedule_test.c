/* SPDX-License-Identifier: MIT */
/* tests/unit/presence/schedule_test.c - items come in order of time, also when
 * they were moved or taken out in between.
 */
#include "presence/schedule.h"

#include "tests/unit/check.h"

#define ITEMS 1000

static struct schedule_item items[ITEMS];

/* A fixed sequence that looks random. */
static uint64_t
next_number(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static size_t
take_all(struct schedule *schedule)
{
	struct schedule_item *item;
	uint64_t last_ms = 0;
	size_t n = 0;

	while ((item = schedule_first(schedule)) != NULL) {
		CHECK(item->due_ms >= last_ms);
		last_ms = item->due_ms;
		schedule_clear(schedule, item);
		CHECK_INT(item->place, 0);
		n++;
	}
	return n;
}

static void
items_come_in_order_whatever_was_moved(void)
{
	struct schedule schedule = { 0 };
	uint64_t state = 7;

	CHECK_INT(schedule_reserve(&schedule, ITEMS), 0);
	for (int i = 0; i < ITEMS; i++)
		schedule_set(&schedule, &items[i], next_number(&state) % 5000);
	for (int i = 0; i < ITEMS; i += 3)
		schedule_set(&schedule, &items[i], next_number(&state) % 5000);
	for (int i = 0; i < ITEMS; i += 10)
		schedule_clear(&schedule, &items[i]);
	CHECK_INT(take_all(&schedule), ITEMS - ITEMS / 10);
	schedule_fini(&schedule);
}

static void
an_item_that_is_not_set_may_be_cleared(void)
{
	struct schedule schedule = { 0 };
	struct schedule_item item = { 0 };

	schedule_clear(&schedule, &item);
	CHECK(schedule_first(&schedule) == NULL);
	schedule_fini(&schedule);
}

static void
the_only_item_may_be_moved(void)
{
	struct schedule schedule = { 0 };
	struct schedule_item item = { 0 };

	CHECK_INT(schedule_reserve(&schedule, 1), 0);
	schedule_set(&schedule, &item, 5);
	schedule_set(&schedule, &item, 3);
	CHECK(schedule_first(&schedule) == &item);
	CHECK_INT(schedule_first(&schedule)->due_ms, 3);
	schedule_clear(&schedule, &item);
	CHECK(schedule_first(&schedule) == NULL);
	schedule_fini(&schedule);
}

int
main(void)
{
	RUN(items_come_in_order_whatever_was_moved);
	RUN(an_item_that_is_not_set_may_be_cleared);
	RUN(the_only_item_may_be_moved);
	return check_done();
}
