/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/histogram.h - how often something took how long, within
 * one part in 128, from 1 µs to 19 hours.
 *
 * All zero is an empty one; it holds no pointers, so that processes can share
 * it.
 */
#ifndef PARLEY_TOOLS_BENCH_HISTOGRAM_H
#define PARLEY_TOOLS_BENCH_HISTOGRAM_H

#include <stdint.h>

/* Values below 256 have a place each, then 128 places for each power of 2. */
#define HISTOGRAM_PLACES (256 + 128 * 28)

struct histogram {
	uint64_t count;
	uint64_t sum_us;
	uint64_t max_us;
	uint64_t places[HISTOGRAM_PLACES];
};

void histogram_add(struct histogram *h, uint64_t us);

/* Adds all that is in `other`. */
void histogram_merge(struct histogram *h, const struct histogram *other);

/* What a share of the values, such as 0.99, does not exceed; 0 if there are
 * none. */
uint64_t histogram_quantile(const struct histogram *h, double share);

#endif
