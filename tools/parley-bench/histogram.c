/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/histogram.h"

#include <stddef.h>

#define DIRECT      256
#define STEPS       128
#define FIRST_POWER 8 /* DIRECT is 2 to this */

static size_t
place_of(uint64_t us)
{
	unsigned power;
	size_t place;

	if (us < DIRECT)
		return (size_t)us;
	power = 63 - (unsigned)__builtin_clzll(us);
	place = DIRECT + (size_t)(power - FIRST_POWER) * STEPS +
		(size_t)((us >> (power - 7)) - STEPS);
	return place < HISTOGRAM_PLACES ? place : HISTOGRAM_PLACES - 1;
}

/* The largest value of a place. */
static uint64_t
value_of(size_t place)
{
	unsigned power;
	uint64_t step;

	if (place < DIRECT)
		return place;
	power = FIRST_POWER + (unsigned)((place - DIRECT) / STEPS);
	step = STEPS + (place - DIRECT) % STEPS;
	return ((step + 1) << (power - 7)) - 1;
}

void
histogram_add(struct histogram *h, uint64_t us)
{
	h->count++;
	h->sum_us += us;
	if (us > h->max_us)
		h->max_us = us;
	h->places[place_of(us)]++;
}

void
histogram_merge(struct histogram *h, const struct histogram *other)
{
	h->count += other->count;
	h->sum_us += other->sum_us;
	if (other->max_us > h->max_us)
		h->max_us = other->max_us;
	for (size_t i = 0; i < HISTOGRAM_PLACES; i++)
		h->places[i] += other->places[i];
}

uint64_t
histogram_quantile(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)h->count + 0.5), seen = 0;

	if (h->count == 0)
		return 0;
	if (wanted == 0)
		wanted = 1;
	for (size_t i = 0; i < HISTOGRAM_PLACES; i++) {
		seen += h->places[i];
		if (seen >= wanted)
			return value_of(i) < h->max_us ? value_of(i)
						       : h->max_us;
	}
	return h->max_us;
}
