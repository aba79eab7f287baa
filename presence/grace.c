/* SPDX-License-Identifier: MIT */
/* presence/grace.c - holds the stays of closed connections in one list, in the
 * order in which they closed.
 */
#include "presence/grace.h"

#include <stdlib.h>

struct held {
	struct stay *stays;
	size_t n;
	uint64_t due_ms;
	struct held *prev, *next;
};

struct grace {
	struct rooms *rooms;
	uint64_t grace_ms;
	struct held *first;
	size_t count;
};

struct grace *
grace_new(struct rooms *rooms, uint64_t grace_ms)
{
	struct grace *grace = calloc(1, sizeof(*grace));

	if (grace == NULL)
		return NULL;
	grace->rooms = rooms;
	grace->grace_ms = grace_ms;
	return grace;
}

static void
drop_stays(struct grace *grace, struct stay *stays, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rooms_drop_stay(grace->rooms, &stays[i]);
	free(stays);
}

static void
drop_first(struct grace *grace)
{
	struct held *held = grace->first;

	DL_DELETE(grace->first, held);
	grace->count--;
	drop_stays(grace, held->stays, held->n);
	free(held);
}

void
grace_free(struct grace **grace)
{
	if (*grace == NULL)
		return;
	while ((*grace)->first != NULL)
		drop_first(*grace);
	free(*grace);
	*grace = NULL;
}

void
grace_add(struct grace *grace, struct stay *stays, size_t n, uint64_t now_ms)
{
	struct held *held;

	for (size_t i = 0; i < n; i++)
		rooms_hold_stay(grace->rooms, &stays[i]);
	held = n == 0 ? NULL : malloc(sizeof(*held));
	if (held == NULL) {
		drop_stays(grace, stays, n);
		return;
	}
	*held = (struct held){ stays, n, now_ms + grace->grace_ms, NULL, NULL };
	DL_APPEND(grace->first, held);
	grace->count++;
}

void
grace_turn(struct grace *grace, uint64_t now_ms)
{
	for (int i = 0; i < GRACE_TURN_CONNECTIONS; i++) {
		if (grace_due_ms(grace) > now_ms)
			break;
		drop_first(grace);
	}
}

uint64_t
grace_due_ms(const struct grace *grace)
{
	return grace->first == NULL ? ROOMS_NEVER : grace->first->due_ms;
}

size_t
grace_count(const struct grace *grace)
{
	return grace->count;
}
