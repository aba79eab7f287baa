/* SPDX-License-Identifier: MIT */
/* proto/metrics.c - counts into buckets, and prints rows as the Prometheus text
 * format, version 0.0.4, wants them.
 */
#include "proto/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define US_PER_S 1000000

/* In microseconds: from what a hop costs to what a client no longer waits for.
 */
static const uint64_t time_bounds[HISTOGRAM_BOUNDS] = {
	100,   250,    500,    1000,   2500,    5000,    10000,   25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

static const uint64_t size_bounds[HISTOGRAM_BOUNDS] = {
	0,   1,   2,    5,    10,   20,    50,    100,
	200, 500, 1000, 2000, 5000, 10000, 20000, 50000,
};

static void
add(struct histogram *histogram, const uint64_t *bounds, uint64_t value)
{
	size_t i = 0;

	while (i < HISTOGRAM_BOUNDS && value > bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += value;
}

void
times_add(struct times *times, uint64_t us)
{
	add(&times->histogram, time_bounds, us);
}

void
sizes_add(struct sizes *sizes, uint64_t n)
{
	add(&sizes->histogram, size_bounds, n);
}

const char *
metric_type_name(enum metric_type type)
{
	switch (type) {
	case METRIC_COUNTER:
	case METRIC_SECONDS:
		return "counter";
	case METRIC_GAUGE:
		return "gauge";
	default:
		return "histogram";
	}
}

static int
print_escaped(const char *text, bool escapes_quotes, struct buffer *into)
{
	for (; *text != '\0'; text++) {
		int rc;

		if (*text == '\\')
			rc = buffer_append_text(into, "\\\\");
		else if (*text == '\n')
			rc = buffer_append_text(into, "\\n");
		else if (*text == '"' && escapes_quotes)
			rc = buffer_append_text(into, "\\\"");
		else
			rc = buffer_append(into, text, 1);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int
metric_print_value(const char *value, struct buffer *into)
{
	return print_escaped(value, true, into);
}

int
metric_print_head(const char *name, const char *type, const char *help,
		  struct buffer *into)
{
	if (buffer_printf(into, "# HELP %s ", name) != 0 ||
	    print_escaped(help, false, into) != 0)
		return -1;
	return buffer_printf(into, "\n# TYPE %s %s\n", name, type);
}

/* One line's beginning: whose number it is, up to the closing brace. */
struct line {
	const struct metric_row *row;
	const char *daemon;
	const char *word; /* the label's value; NULL: there is no label */
	struct buffer *into;
};

/* `suffix` goes behind the name; an empty `le` is none. */
static int
begin_line(const struct line *line, const char *suffix, const char *le)
{
	struct buffer *into = line->into;

	if (buffer_printf(into, "%s%s{daemon=\"", line->row->name, suffix) !=
		0 ||
	    metric_print_value(line->daemon, into) != 0)
		return -1;
	if (line->word != NULL &&
	    (buffer_printf(into, "\",%s=\"", line->row->label) != 0 ||
	     metric_print_value(line->word, into) != 0))
		return -1;
	return buffer_printf(into, *le == '\0' ? "\"%s} " : "\",le=\"%s\"} ",
			     le);
}

/* Microseconds as seconds, with as many digits as they need. */
static void
format_seconds(char into[32], uint64_t us)
{
	int n = snprintf(into, 32, "%" PRIu64 ".%06" PRIu64, us / US_PER_S,
			 us % US_PER_S);

	while (into[n - 1] == '0')
		n--;
	if (into[n - 1] == '.')
		n--;
	into[n] = '\0';
}

static void
format_number(char into[32], bool is_time, uint64_t number)
{
	if (is_time)
		format_seconds(into, number);
	else
		snprintf(into, 32, "%" PRIu64, number);
}

static int
print_number(const struct line *line, const char *suffix, const char *le,
	     bool is_time, uint64_t number)
{
	char text[32];

	format_number(text, is_time, number);
	if (begin_line(line, suffix, le) != 0)
		return -1;
	return buffer_printf(line->into, "%s\n", text);
}

/* Each bucket counts all that is below its bound. */
static int
print_histogram(const struct line *line, const struct histogram *histogram)
{
	bool is_time = line->row->type == METRIC_TIMES;
	const uint64_t *bounds = is_time ? time_bounds : size_bounds;
	uint64_t total = 0;
	char le[32];

	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		total += histogram->counts[i];
		format_number(le, is_time, bounds[i]);
		if (print_number(line, "_bucket", le, false, total) != 0)
			return -1;
	}
	total += histogram->counts[HISTOGRAM_BOUNDS];
	if (print_number(line, "_bucket", "+Inf", false, total) != 0 ||
	    print_number(line, "_sum", "", is_time, histogram->sum) != 0)
		return -1;
	return print_number(line, "_count", "", false, total);
}

static bool
is_empty(const struct histogram *histogram)
{
	uint64_t total = 0;

	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		total += histogram->counts[i];
	return total == 0;
}

/* Of histograms for several words, those that nothing fell into are left out:
 * most are for peers that a daemon never asks. */
static bool
is_shown(const struct metric_row *row, const void *figure, size_t i)
{
	return row->type != METRIC_TIMES || row->label == NULL ||
	       !is_empty(&((const struct times *)figure)[i].histogram);
}

static int
print_one(const struct line *line, const void *figure, size_t i)
{
	switch (line->row->type) {
	case METRIC_TIMES:
		return print_histogram(
		    line, &((const struct times *)figure)[i].histogram);
	case METRIC_SIZES:
		return print_histogram(
		    line, &((const struct sizes *)figure)[i].histogram);
	default:
		return print_number(line, "", "",
				    line->row->type == METRIC_SECONDS,
				    ((const uint64_t *)figure)[i]);
	}
}

int
metric_print_samples(const struct metric_row *row, const void *figures,
		     const char *daemon, struct buffer *into)
{
	const void *figure = (const char *)figures + row->offset;
	struct line line = { row, daemon, NULL, into };
	size_t before = into->n;

	for (size_t i = 0; i < row->words; i++) {
		if (row->word != NULL && (line.word = row->word(i)) == NULL)
			continue;
		if (!is_shown(row, figure, i))
			continue;
		if (print_one(&line, figure, i) != 0) {
			into->n = before;
			return -1;
		}
	}
	return 0;
}
