/* SPDX-License-Identifier: MIT */
/* gateway/rate.c - token buckets, in the order of their last use.
 *
 * A bucket that nobody used for as long as an empty one takes to fill is full.
 * Those stand in front, so each use forgets at most two of them and the table
 * shrinks faster than it can grow.
 */
/* A failed HASH_ADD leaves the table as it was and `hh.tbl` NULL. */
#define HASH_NONFATAL_OOM 1

#include "gateway/rate.h"

#include "gateway/gateway.h"

#include <stdlib.h>
#include <uthash.h>

#define FORGET_AT_ONCE 2

struct bucket {
	struct uuid user;
	double tokens; /* at `used_ms` */
	uint64_t used_ms;
	UT_hash_handle hh;
};

static void
forget_full(struct rates *rates, double fill_ms, uint64_t now_ms)
{
	for (int i = 0; i < FORGET_AT_ONCE && rates->buckets != NULL; i++) {
		struct bucket *oldest = rates->buckets;

		if ((double)(now_ms - oldest->used_ms) < fill_ms)
			return;
		HASH_DEL(rates->buckets, oldest);
		free(oldest);
	}
}

/* A bucket out of the table: the user's, or a full one; or NULL. */
static struct bucket *
take_out(struct rates *rates, const struct uuid *user, double burst,
	 uint64_t now_ms)
{
	struct bucket *bucket;

	HASH_FIND(hh, rates->buckets, user, sizeof *user, bucket);
	if (bucket != NULL) {
		HASH_DEL(rates->buckets, bucket);
		return bucket;
	}
	bucket = calloc(1, sizeof *bucket);
	if (bucket == NULL)
		return NULL;
	bucket->user = *user;
	bucket->tokens = burst;
	bucket->used_ms = now_ms;
	return bucket;
}

static bool
take_token(struct bucket *bucket, double per_second, double burst,
	   uint64_t now_ms)
{
	double passed_ms = (double)(now_ms - bucket->used_ms);

	bucket->tokens += passed_ms * per_second / 1000;
	if (bucket->tokens > burst)
		bucket->tokens = burst;
	bucket->used_ms = now_ms;
	if (bucket->tokens < 1)
		return false;
	bucket->tokens -= 1;
	return true;
}

bool
rates_take(struct rates *rates, const struct uuid *user, double per_second,
	   double burst, uint64_t now_ms)
{
	struct bucket *bucket;
	bool is_allowed;

	forget_full(rates, burst / per_second * 1000, now_ms);
	bucket = take_out(rates, user, burst, now_ms);
	if (bucket == NULL)
		return false;
	is_allowed = take_token(bucket, per_second, burst, now_ms);
	HASH_ADD(hh, rates->buckets, user, sizeof bucket->user, bucket);
	if (bucket->hh.tbl == NULL) {
		free(bucket);
		return false;
	}
	return is_allowed;
}

bool
rate_allows(struct gateway *gateway, const struct uuid *user)
{
	if (gateway->rate_per_second <= 0)
		return true;
	if (rates_take(&gateway->rates, user, gateway->rate_per_second,
		       gateway->rate_burst, loop_now_ms(gateway->loop)))
		return true;
	gateway->count.rate_limited++;
	return false;
}

unsigned
rates_count(const struct rates *rates)
{
	return HASH_COUNT(rates->buckets);
}

void
rates_fini(struct rates *rates)
{
	struct bucket *bucket, *next;

	HASH_ITER (hh, rates->buckets, bucket, next) {
		HASH_DEL(rates->buckets, bucket);
		free(bucket);
	}
}
