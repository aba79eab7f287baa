/* SPDX-License-Identifier: MIT */
/* presence/schedule.c - a binary heap whose items know their place, so that one
 * can be moved or taken out from the middle.
 */
#include "presence/schedule.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int
schedule_reserve(struct schedule *schedule, size_t n)
{
	struct schedule_item **heap;
	size_t room = schedule->room == 0 ? 64 : schedule->room;

	while (room < n + 1) {
		if (room > SIZE_MAX / 2 / sizeof(*heap)) {
			errno = ENOMEM;
			return -1;
		}
		room *= 2;
	}
	if (room == schedule->room)
		return 0;
	heap = realloc(schedule->heap, room * sizeof(*heap));
	if (heap == NULL)
		return -1;
	schedule->heap = heap;
	schedule->room = room;
	return 0;
}

static void
put(struct schedule *schedule, struct schedule_item *item, size_t place)
{
	schedule->heap[place] = item;
	item->place = place;
}

static void
move_up(struct schedule *schedule, struct schedule_item *item)
{
	size_t place = item->place;

	while (place > 1 && schedule->heap[place / 2]->due_ms > item->due_ms) {
		put(schedule, schedule->heap[place / 2], place);
		place /= 2;
	}
	put(schedule, item, place);
}

static void
move_down(struct schedule *schedule, struct schedule_item *item)
{
	size_t place = item->place;
	size_t child;

	while ((child = place * 2) <= schedule->n) {
		if (child < schedule->n && schedule->heap[child + 1]->due_ms <
					       schedule->heap[child]->due_ms)
			child++;
		if (schedule->heap[child]->due_ms >= item->due_ms)
			break;
		put(schedule, schedule->heap[child], place);
		place = child;
	}
	put(schedule, item, place);
}

void
schedule_set(struct schedule *schedule, struct schedule_item *item,
	     uint64_t due_ms)
{
	item->due_ms = due_ms;
	if (item->place == 0) {
		assert(schedule->n + 1 < schedule->room);
		put(schedule, item, ++schedule->n);
	}
	move_up(schedule, item);
	move_down(schedule, item);
}

void
schedule_clear(struct schedule *schedule, struct schedule_item *item)
{
	size_t place = item->place;
	struct schedule_item *last;

	if (place == 0)
		return;
	item->place = 0;
	last = schedule->heap[schedule->n--];
	if (last == item)
		return;
	put(schedule, last, place);
	move_up(schedule, last);
	move_down(schedule, last);
}

struct schedule_item *
schedule_first(const struct schedule *schedule)
{
	return schedule->n == 0 ? NULL : schedule->heap[1];
}

void
schedule_fini(struct schedule *schedule)
{
	free(schedule->heap);
	*schedule = (struct schedule){ 0 };
}
