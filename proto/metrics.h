/* SPDX-License-Identifier: MIT */
/* proto/metrics.h - what a daemon counts, as tables, and as Prometheus reads
 * it.
 *
 * A daemon declares its metrics once, in its metrics.def: a row each, with the
 * name that Prometheus sees and the words that explain it. From the rows come
 * the struct that is counted in (metrics_fields.h), the table that is read out
 * (metrics_rows.h), and docs/metrics.md. Counting is an increment:
 *
 *   COUNTER(field, name, help)     a number that only grows
 *   SECONDS(field, name, help)     the same, kept in microseconds
 *   GAUGE(field, name, help)       a number of now
 *   TIMES(field, name, help)       a struct times: how long things take
 *   SIZES(field, name, help)       a struct sizes: how many at once
 *   COUNTERS(field, set, label, name, help), and GAUGES and TIMES_OF likewise:
 *       an array, of one for each word of `set`, which is the label's value.
 *       SET_WORDS says how many there may be, set_word(i) which they are; a
 * word that is NULL has no number.
 */
#ifndef PARLEY_PROTO_METRICS_H
#define PARLEY_PROTO_METRICS_H

#include "proto/buffer.h"

#include <stdint.h>

/* Counts what falls below each bound; the last one is for the rest. */
#define HISTOGRAM_BOUNDS 16

struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS + 1];
	uint64_t sum;
};

/* Two types, so that nothing is measured by the bounds of the other. */
struct times {
	struct histogram histogram; /* in microseconds */
};

struct sizes {
	struct histogram histogram;
};

void times_add(struct times *times, uint64_t us);
void sizes_add(struct sizes *sizes, uint64_t n);

enum metric_type {
	METRIC_COUNTER,
	METRIC_SECONDS,
	METRIC_GAUGE,
	METRIC_TIMES,
	METRIC_SIZES,
};

struct metric_row {
	const char *name; /* as Prometheus sees it, parley_... */
	enum metric_type type;
	size_t offset;     /* in the struct that is counted in */
	const char *label; /* NULL: there is but one number */
	const char *(*word)(size_t i);
	size_t words;
	const char *help;
};

/* `rows` end with { 0 }; `figures` is what their offsets count from. */
struct metric_table {
	const struct metric_row *rows;
	const void *figures;
};

/* The type's word in the text format. */
const char *metric_type_name(enum metric_type type);

/* Appends the samples of one row, a line each, with the label `daemon` (and
 * the row's own) on each. 0, or -1 with errno ENOMEM. */
int metric_print_samples(const struct metric_row *row, const void *figures,
			 const char *daemon, struct buffer *into);

/* Appends the two lines that stand before the samples of a metric. */
int metric_print_head(const char *name, const char *type, const char *help,
		      struct buffer *into);

/* Appends a label's value, escaped. */
int metric_print_value(const char *value, struct buffer *into);

#endif
