/* SPDX-License-Identifier: MIT */
/* presence/grace.c - holds what connections left behind in one list, in the
 * order in which they closed; guests that are given up go to its front.
 */
#include "presence/grace.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* The longest name of a daemon, and its NUL. */
#define GATEWAY_NAME_BYTES 33

struct held {
	struct claimant claimant;
	struct stay *stays;
	size_t n;
	uint64_t due_ms;
	uint64_t epoch;
	char gateway[GATEWAY_NAME_BYTES];
	struct held *prev, *next;
};

struct grace {
	struct grace_parts parts;
	uint64_t grace_ms;
	struct held *first;
	size_t count;
};

struct grace *
grace_new(const struct grace_parts *parts, uint64_t grace_ms)
{
	struct grace *grace = calloc(1, sizeof(*grace));

	if (grace == NULL)
		return NULL;
	grace->parts = *parts;
	grace->grace_ms = grace_ms;
	return grace;
}

static void
drop(struct grace *grace, struct claimant *claimant, struct stay *stays,
     size_t n)
{
	claims_release_all(grace->parts.claims, claimant);
	for (size_t i = 0; i < n; i++)
		rooms_drop_stay(grace->parts.rooms, &stays[i]);
	free(stays);
	people_release(grace->parts.people, claimant->person);
}

static void
drop_held(struct grace *grace, struct held *held)
{
	DL_DELETE(grace->first, held);
	grace->count--;
	drop(grace, &held->claimant, held->stays, held->n);
	free(held);
}

void
grace_free(struct grace **grace)
{
	if (*grace == NULL)
		return;
	while ((*grace)->first != NULL)
		drop_held(*grace, (*grace)->first);
	free(*grace);
	*grace = NULL;
}

void
grace_hold(struct grace *grace, const struct leavings *leavings,
	   uint64_t now_ms)
{
	struct claimant *claimant = leavings->claimant;
	struct held *held = NULL;

	/* What is dropped must have been held, if only for a moment. */
	for (size_t i = 0; i < leavings->n; i++)
		rooms_hold_stay(grace->parts.rooms, &leavings->stays[i]);
	if (leavings->n > 0 || claimant->count > 0)
		held = calloc(1, sizeof(*held));
	if (held == NULL) {
		drop(grace, claimant, leavings->stays, leavings->n);
		return;
	}
	held->claimant.person = claimant->person;
	held->claimant.is_held = true;
	claims_pass(claimant, &held->claimant);
	held->stays = leavings->stays;
	held->n = leavings->n;
	held->due_ms = now_ms + grace->grace_ms;
	held->epoch = leavings->epoch;
	snprintf(held->gateway, sizeof(held->gateway), "%s", leavings->gateway);
	DL_APPEND(grace->first, held);
	grace->count++;
}

void
grace_end(struct grace *grace, struct claimant *claimant)
{
	assert(claimant->is_held);
	drop_held(grace, (struct held *)((char *)claimant -
					 offsetof(struct held, claimant)));
}

static bool
is_lost_guest(const struct held *held, const char *gateway, uint64_t epoch)
{
	return held->claimant.person->number == 0 && held->epoch != epoch &&
	       strcmp(held->gateway, gateway) == 0;
}

void
grace_end_guests(struct grace *grace, const char *gateway, uint64_t epoch)
{
	struct held *held, *next;

	DL_FOREACH_SAFE (grace->first, held, next) {
		if (!is_lost_guest(held, gateway, epoch))
			continue;
		held->due_ms = 0;
		DL_DELETE(grace->first, held);
		DL_PREPEND(grace->first, held);
	}
}

void
grace_turn(struct grace *grace, uint64_t now_ms)
{
	for (int i = 0; i < GRACE_TURN_CONNECTIONS; i++) {
		if (grace_due_ms(grace) > now_ms)
			break;
		drop_held(grace, grace->first);
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
