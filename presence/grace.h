/* SPDX-License-Identifier: MIT */
/* presence/grace.h - the stays of connections that have closed.
 *
 * They count for a while longer, so that a brief reconnect is not heard of:
 * when it is over, the new connection's stays have long begun. The grace is the
 * same for all, so the list is in order by itself.
 */
#ifndef PARLEY_PRESENCE_GRACE_H
#define PARLEY_PRESENCE_GRACE_H

#include "presence/rooms.h"

#define GRACE_MS 3000

/* Connections whose stays are dropped in one turn. */
#define GRACE_TURN_CONNECTIONS 2000

struct grace;

/* NULL with errno ENOMEM. `rooms` stays the caller's; `grace_ms` is how long.
 */
struct grace *grace_new(struct rooms *rooms, uint64_t grace_ms);

/* Drops all stays. Frees and sets *grace to NULL; NULL is fine. */
void grace_free(struct grace **grace);

/* Holds the stays of a closed connection for a while. Takes the array of them,
 * which came from malloc(). Without memory they end at once. */
void grace_add(struct grace *grace, struct stay *stays, size_t n,
	       uint64_t now_ms);

/* Drops those whose time is over. */
void grace_turn(struct grace *grace, uint64_t now_ms);

/* When grace_turn() has something to do; ROOMS_NEVER: nothing. */
uint64_t grace_due_ms(const struct grace *grace);

/* Closed connections that are held. */
size_t grace_count(const struct grace *grace);

#endif
