/* SPDX-License-Identifier: MIT */
/* presence/grace.c - holds what connections left behind in one list, in the
 * order in which they closed; guests that are given up go to its front.
 */
#include "presence/grace.h"

#include "proto/hash.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest name of a daemon, and its NUL. */
#define GATEWAY_NAME_BYTES 33

struct held {
	struct claimant claimant;
	uint64_t due_ms;
	uint64_t epoch;
	char gateway[GATEWAY_NAME_BYTES];
	struct held *prev, *next;
	size_t n;
	struct stay stays[];
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
drop_held(struct grace *grace, struct held *held)
{
	struct person *person = held->claimant.person;

	DL_DELETE(grace->first, held);
	grace->count--;
	claims_release_all(grace->parts.claims, &held->claimant);
	for (size_t i = 0; i < held->n; i++)
		rooms_drop_stay(grace->parts.rooms, person, &held->stays[i]);
	people_release(grace->parts.people, person);
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

static struct held *
add_held(struct grace *grace, const struct leavings *leavings, uint64_t now_ms)
{
	size_t n = connection_stay_count(leavings->connection);
	struct held *held = calloc(1, sizeof(*held) + n * sizeof(*held->stays));

	if (held == NULL)
		return NULL;
	held->claimant.person = leavings->connection->person;
	held->claimant.is_held = true;
	held->due_ms = now_ms + grace->grace_ms;
	held->epoch = leavings->epoch;
	snprintf(held->gateway, sizeof(held->gateway), "%s", leavings->gateway);
	for (held->n = 0; held->n < n; held->n++)
		held->stays[held->n] =
		    connection_stay(leavings->connection, held->n);
	DL_APPEND(grace->first, held);
	grace->count++;
	return held;
}

/* Ends all that there is of a connection. */
static void
drop(struct grace *grace, const struct connection *connection,
     struct claimant *claimant)
{
	struct stay stay;

	if (claimant != NULL)
		claims_release_all(grace->parts.claims, claimant);
	for (size_t i = 0; i < connection_stay_count(connection); i++) {
		stay = connection_stay(connection, i);
		rooms_drop_stay(grace->parts.rooms, connection->person, &stay);
	}
	people_release(grace->parts.people, connection->person);
}

void
grace_hold(struct grace *grace, const struct leavings *leavings,
	   uint64_t now_ms)
{
	const struct connection *connection = leavings->connection;
	struct claimant *claimant = connection_claimant(connection);
	bool has_names = claimant != NULL && claimant->count > 0;
	struct held *held = NULL;

	if (connection_stay_count(connection) > 0 || has_names)
		held = add_held(grace, leavings, now_ms);
	if (held == NULL) {
		drop(grace, connection, claimant);
		return;
	}
	if (has_names)
		claims_pass(claimant, &held->claimant);
	for (size_t i = 0; i < held->n; i++)
		rooms_hold_stay(grace->parts.rooms, connection->person,
				&held->stays[i]);
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
