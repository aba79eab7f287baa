/* SPDX-License-Identifier: MIT */
/* presence/claims.h - the names that guests have bound in rooms.
 *
 * In a room a name is one claimant's, however it is written. A claimant is a
 * connection that lives, or what is held of one whose gateway was lost: that
 * one has its names only until somebody else wants them. After a start the
 * gateways tell again what was bound before; where two connections bring the
 * same name the older claim wins. Knows no clock, no rooms, no bus.
 */
#ifndef PARLEY_PRESENCE_CLAIMS_H
#define PARLEY_PRESENCE_CLAIMS_H

#include "proto/frame.h"

#include "presence/people.h"

/* Names that one claimant has at once, each in a room of its own. */
#define CLAIMS_PER_CLAIMANT 64

struct claims;
struct claim;

/* Who has names. Part of what keeps the connection, which sets the person (to
 * whom it has a reference) and whether it is held; all else zero: no names. */
struct claimant {
	struct person *person;
	bool is_held;
	struct claim *first;
	size_t count;
};

enum claims_verdict {
	CLAIMS_GRANTED,
	CLAIMS_TAKEN,
	CLAIMS_INVALID,  /* it is no name */
	CLAIMS_TOO_MANY, /* the claimant has names in too many rooms */
	CLAIMS_NO_MEMORY,
};

/* NULL with errno ENOMEM. */
struct claims *claims_new(void);

/* All names must have been released. Frees and sets *claims to NULL; NULL is
 * fine. */
void claims_free(struct claims **claims);

/* Gives the claimant, who lives, the name that it wants in a room, instead of
 * one that it had there. `unix_ms` is when a claim begins that says nothing of
 * its `since`. *loser is who had the name until now and is not the same guest;
 * or NULL. Unless the verdict is CLAIMS_GRANTED nothing has changed. */
enum claims_verdict claims_bind(struct claims *claims,
				struct claimant *claimant,
				const struct frame_bind *wish, uint64_t unix_ms,
				struct claimant **loser);

/* The claimant's name in a room is free; harmless if it has none there. */
void claims_release(struct claims *claims, struct claimant *claimant,
		    const struct uuid *room);
void claims_release_all(struct claims *claims, struct claimant *claimant);

/* All names of one claimant are now another's, who has none yet. */
void claims_pass(struct claimant *from, struct claimant *to);

/* Fills *who with the guest that has the name in a room, as it was written when
 * it was bound; the text is borrowed until the next change. False if nobody
 * has it, or if it is no name. */
bool claims_find(const struct claims *claims, const struct uuid *room,
		 struct slice name, struct frame_person *who);

/* Names that are bound, summed over the rooms. */
size_t claims_count(const struct claims *claims);

#endif
