/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/distribution.h - a histogram as numbers: of one daemon or of
 * several, since their starts or between two looks.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_DISTRIBUTION_H
#define PARLEY_TOOLS_PARLEYCTL_DISTRIBUTION_H

#include "tools/parleyctl/samples.h"

#define BUCKETS_MAX 64

/* All zero is an empty one. */
struct distribution {
	double bounds[BUCKETS_MAX]; /* ascending; the last one is INFINITY */
	double counts[BUCKETS_MAX]; /* what fell between it and the one before
				     */
	size_t n;
	double sum; /* of what was measured */
};

/* Adds the histogram of that name. False, and nothing changes, if there is none
 * or its buckets are others. */
bool distribution_add(struct distribution *into, const struct samples *samples,
		      const char *name);

/* Adds what is in `now` and was not yet in `before`. False, and nothing
 * changes, if `before` has more of something, or one of them other buckets. */
bool distribution_add_growth(struct distribution *into,
			     const struct distribution *before,
			     const struct distribution *now);

double distribution_count(const struct distribution *d);

/* NAN if it is empty. */
double distribution_mean(const struct distribution *d);

/* The value that this part (0 to 1) of all lies below, as far as buckets can
 * tell: evenly spread within one, and never above the highest bound. NAN if it
 * is empty. */
double distribution_percentile(const struct distribution *d, double part);

#endif
