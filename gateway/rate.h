/* SPDX-License-Identifier: MIT */
/* gateway/rate.h - how many messages a user or guest may send.
 *
 * Each has a bucket of tokens that holds a burst and fills at a steady rate; a
 * message takes one. Full buckets are forgotten: that is what a new one is.
 */
#ifndef PARLEY_GATEWAY_RATE_H
#define PARLEY_GATEWAY_RATE_H

#include "proto/uuid.h"

#include <stdbool.h>
#include <stdint.h>

struct bucket;
struct gateway;

/* The buckets, by user. All zero is empty. */
struct rates {
	struct bucket *buckets; /* the one used longest ago first */
};

/* Whether `user` may send one more message now, which then counts. A refused
 * one does not. False, too, without memory. */
bool rate_allows(struct gateway *gateway, const struct uuid *user);

/* The same by these settings (`per_second` above 0, `burst` at least 1) and at
 * this time. */
bool rates_take(struct rates *rates, const struct uuid *user, double per_second,
		double burst, uint64_t now_ms);

/* How many are not full, as far as it was noticed. */
unsigned rates_count(const struct rates *rates);

void rates_fini(struct rates *rates);

#endif
