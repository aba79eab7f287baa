/* SPDX-License-Identifier: MIT */
/* presence/schedule.h - things that are due at some time, the earliest first.
 *
 * A heap of items that are embedded in what is due. The memory is reserved
 * beforehand, so that setting and moving an item cannot fail.
 */
#ifndef PARLEY_PRESENCE_SCHEDULE_H
#define PARLEY_PRESENCE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: not set. */
struct schedule_item {
	uint64_t due_ms;
	size_t place; /* in the heap, from 1; 0: not set */
};

/* All zero is an empty schedule, ready for use. */
struct schedule {
	struct schedule_item **heap; /* from 1 on */
	size_t n;
	size_t room;
};

/* Makes room for `n` items in all. 0, or -1 with errno ENOMEM. */
int schedule_reserve(struct schedule *schedule, size_t n);

/* Sets the item, or moves it if it is set. */
void schedule_set(struct schedule *schedule, struct schedule_item *item,
		  uint64_t due_ms);

/* Takes the item out, if it is in. */
void schedule_clear(struct schedule *schedule, struct schedule_item *item);

/* The item that is due first, or NULL. */
struct schedule_item *schedule_first(const struct schedule *schedule);

/* Gives the memory back; the items are not ours. */
void schedule_fini(struct schedule *schedule);

#endif
