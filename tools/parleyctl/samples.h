/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/samples.h - what a daemon told of its metrics, read from
 * Prometheus' text format and found by name.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_SAMPLES_H
#define PARLEY_TOOLS_PARLEYCTL_SAMPLES_H

#include "proto/arena.h"
#include "proto/slice.h"

#include <stdbool.h>

/* More than any daemon has; what tells more is none of ours. */
#define SAMPLES_MAX 100000

struct sample {
	const char *name; /* with _bucket, _sum or _count */
	const char *word; /* of the label beside `daemon` and `le`; or "" */
	double bound;     /* of a bucket; else NAN */
	double value;
};

/* All zero is none. */
struct samples {
	struct sample *rows;
	size_t n, room;
	struct arena memory;
};

/* Adds a sample for each line of `text`; keeps nothing of it. 0, or -1 with
 * errno ENOMEM, or EINVAL at a line that is no sample, or one too many; those
 * before it stay. */
int samples_add(struct samples *samples, struct slice text);

/* Gives the memory back; then there are none. */
void samples_fini(struct samples *samples);

/* The sum of all samples of that name, or of that word alone if it is not
 * NULL; NAN if there are none. */
double samples_sum(const struct samples *samples, const char *name,
		   const char *word);

/* The word of the first sample of that name, or NULL. */
const char *samples_word(const struct samples *samples, const char *name);

#endif
