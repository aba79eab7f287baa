/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/distribution.c - see distribution.h. */
#include "tools/parleyctl/distribution.h"

#include <math.h>
#include <string.h>

/* Whether `row` is NAME with `ending` behind. */
static bool
is_named(const struct sample *row, const char *name, const char *ending)
{
	size_t n = strlen(name);

	return strncmp(row->name, name, n) == 0 &&
	       strcmp(row->name + n, ending) == 0;
}

/* The samples count all below a bound; here each bucket counts its own. */
static bool
read_all(struct distribution *d, const struct samples *samples,
	 const char *name)
{
	double below = 0;

	*d = (struct distribution){ 0 };
	for (size_t i = 0; i < samples->n; i++) {
		const struct sample *row = &samples->rows[i];

		if (is_named(row, name, "_sum"))
			d->sum = row->value;
		if (!is_named(row, name, "_bucket"))
			continue;
		if (d->n == BUCKETS_MAX || isnan(row->bound) ||
		    row->value < below ||
		    (d->n > 0 && row->bound <= d->bounds[d->n - 1]))
			return false;
		d->bounds[d->n] = row->bound;
		d->counts[d->n++] = row->value - below;
		below = row->value;
	}
	return d->n > 1 && isinf(d->bounds[d->n - 1]);
}

static bool
has_same_buckets(const struct distribution *a, const struct distribution *b)
{
	return a->n == b->n &&
	       memcmp(a->bounds, b->bounds, a->n * sizeof *a->bounds) == 0;
}

static bool
add(struct distribution *into, const struct distribution *more)
{
	if (into->n == 0) {
		*into = *more;
		return true;
	}
	if (!has_same_buckets(into, more))
		return false;
	for (size_t i = 0; i < into->n; i++)
		into->counts[i] += more->counts[i];
	into->sum += more->sum;
	return true;
}

bool
distribution_add(struct distribution *into, const struct samples *samples,
		 const char *name)
{
	struct distribution read;

	return read_all(&read, samples, name) && add(into, &read);
}

bool
distribution_add_growth(struct distribution *into,
			const struct distribution *before,
			const struct distribution *now)
{
	struct distribution growth = *now;

	if (!has_same_buckets(before, now))
		return false;
	for (size_t i = 0; i < now->n; i++) {
		growth.counts[i] -= before->counts[i];
		if (growth.counts[i] < 0)
			return false;
	}
	growth.sum -= before->sum;
	return add(into, &growth);
}

double
distribution_count(const struct distribution *d)
{
	double count = 0;

	for (size_t i = 0; i < d->n; i++)
		count += d->counts[i];
	return count;
}

double
distribution_mean(const struct distribution *d)
{
	double count = distribution_count(d);

	return count > 0 ? d->sum / count : NAN;
}

double
distribution_percentile(const struct distribution *d, double part)
{
	double wanted = part * distribution_count(d), below = 0, from = 0;

	if (!(distribution_count(d) > 0))
		return NAN;
	for (size_t i = 0; i < d->n; i++) {
		double here = d->counts[i], to = d->bounds[i];

		if (here > 0 && below + here >= wanted)
			return isinf(to)
				   ? from
				   : fmin(to, from + (to - from) *
							 (wanted - below) /
							 here);
		below += here;
		if (!isinf(to))
			from = to;
	}
	return from;
}
