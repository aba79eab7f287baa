/* SPDX-License-Identifier: MIT */
/* gateway/roster.h - who is online in a room, as presence told last.
 *
 * Presence tells changes with running versions; a gap is mended by asking for
 * the whole set. What the clients are told is always the difference to what
 * they were told before.
 */
#ifndef PARLEY_GATEWAY_ROSTER_H
#define PARLEY_GATEWAY_ROSTER_H

#include "gateway/persons.h"
#include "proto/frame.h"

#include <stdbool.h>
#include <stdint.h>

struct room;
struct seat;

/* A room with more online hears no single comings and goings. */
#define ROSTER_SMALL 500

/* At most so many are named to a client. */
#define ROSTER_NAMED 1000

struct roster {
	struct persons persons;
	struct persons next; /* the set that is being told in parts */
	uint64_t epoch;      /* of presence; 0: nothing is known */
	uint64_t version;
	uint64_t next_version;
	uint64_t heard_epoch; /* the newest that presence told of at all */
	uint64_t heard_version;
	bool is_known : 1; /* a whole set has been heard */
	bool is_collecting : 1;
	bool is_asked : 1; /* the whole set is on its way */
};

size_t roster_count(const struct roster *roster);

/* The newest `max` persons, oldest of them first: calls `tell` for each. */
void roster_each(const struct roster *roster, size_t max,
		 void (*tell)(void *context, const struct frame_person *person),
		 void *context);

bool roster_has(const struct roster *roster, const struct uuid *user);

/* Somebody of that name: fills *who, whose name lives as long as the roster is
 * not changed. False if there is nobody. */
bool roster_find(const struct roster *roster, struct slice name,
		 struct frame_person *who);

/* The same by id. */
bool roster_get(const struct roster *roster, const struct uuid *user,
		struct frame_person *who);

/* Whether the user is among the newest ROSTER_NAMED. */
bool roster_names(const struct roster *roster, const struct uuid *user);

/* Hears what presence told of a room. */
void roster_hear(struct room *room, const struct frame_present *present);

/* Asks presence for the whole set. */
void roster_ask(struct room *room);

/* The seat's client is to be told who is there: now, or as soon as it is known.
 * `request_id` is JSON to go with it, copied; or empty. */
void roster_owe(struct seat *seat, struct slice request_id);

void roster_fini(struct roster *roster);

#endif
