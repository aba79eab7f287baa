/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/view_table.c - the daemons of `top`, a row each. What a
 * column is, is a row of a table.
 */
#include "tools/parleyctl/view_internal.h"

#include "tools/parleyctl/amounts.h"
#include "tools/parleyctl/stats.h"

#include <math.h>
#include <stdlib.h>

/* --- Columns */

typedef double value_fn(const struct surveyed *before,
			const struct surveyed *now, const struct survey *all);
typedef const char *show_fn(char into[AMOUNT_BYTES], double value);

static double
cpu(const struct surveyed *before, const struct surveyed *now,
    const struct survey *all)
{
	(void)all;
	return 100 *
	       surveyed_rate(before, now, "parley_process_cpu_seconds_total");
}

static double
memory(const struct surveyed *before, const struct surveyed *now,
       const struct survey *all)
{
	(void)before;
	(void)all;
	return surveyed_sum(now, "parley_process_resident_memory_bytes", NULL);
}

static double
frames_in(const struct surveyed *before, const struct surveyed *now,
	  const struct survey *all)
{
	(void)all;
	return surveyed_rate(before, now, "parley_bus_frames_received_total");
}

static double
frames_out(const struct surveyed *before, const struct surveyed *now,
	   const struct survey *all)
{
	(void)all;
	return surveyed_rate(before, now, "parley_bus_frames_sent_total");
}

static double
queue(const struct surveyed *before, const struct surveyed *now,
      const struct survey *all)
{
	(void)before;
	(void)all;
	return surveyed_sum(now, "parley_bus_requests_in_flight", NULL);
}

static double
turn(const struct surveyed *before, const struct surveyed *now,
     const struct survey *all)
{
	struct distribution d = { 0 };

	(void)all;
	surveyed_growth(before, now, "parley_loop_turn_seconds", &d);
	return distribution_percentile(&d, 0.99);
}

static double
restarts(const struct surveyed *before, const struct surveyed *now,
	 const struct survey *all)
{
	(void)before;
	(void)all;
	return surveyed_sum(now, "parley_restarts_total", NULL);
}

static double
age(const struct surveyed *before, const struct surveyed *now,
    const struct survey *all)
{
	(void)before;
	return surveyed_age(now, all);
}

/* The first two are words, and stand at the left. Those with the higher numbers
 * go first where the screen is narrow. */
static const struct {
	const char *name; /* to sort by */
	const char *title;
	int width;
	int dispensable;
	value_fn *value;
	show_fn *show;
} columns[] = {
	{ "name", "DAEMON", 11, 0, NULL, NULL },
	{ "state", "STATE", 5, 0, NULL, NULL },
	{ "cpu", "CPU", 6, 1, cpu, amount_percent },
	{ "memory", "MEMORY", 10, 2, memory, amount_bytes },
	{ "in", "IN/s", 7, 5, frames_in, amount_rate },
	{ "out", "OUT/s", 7, 6, frames_out, amount_rate },
	{ "queue", "QUEUE", 6, 4, queue, amount_count },
	{ "turn", "TURN99", 8, 7, turn, amount_delay },
	{ "restarts", "RESTARTS", 9, 3, restarts, amount_count },
	{ "up", "UP", 8, 8, age, amount_age },
};

#define COLUMNS (sizeof columns / sizeof *columns)

const char *
view_sort_name(size_t column)
{
	return column < COLUMNS ? columns[column].name : NULL;
}

/* How dispensable a column may be to be shown in that width. */
static int
find_limit(size_t width)
{
	for (int limit = (int)COLUMNS;; limit--) {
		size_t taken = 1;

		for (size_t i = 0; i < COLUMNS; i++)
			if (columns[i].dispensable <= limit)
				taken += (size_t)columns[i].width;
		if (taken <= width || limit == 0)
			return limit;
	}
}

/* --- Order */

struct place {
	const struct surveyed *before, *now;
	double value;
	size_t at; /* in the survey */
};

/* High numbers first, what is not known last; else as in the survey. */
static int
compare(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	double first = isnan(one->value) ? -1 : one->value;
	double second = isnan(other->value) ? -1 : other->value;

	if (first != second)
		return first > second ? -1 : 1;
	return one->at < other->at ? -1 : one->at > other->at;
}

/* By state: those that do not answer first. */
static double
sort_value(const struct look *look, const struct place *place)
{
	if (columns[look->sort].value != NULL)
		return columns[look->sort].value(place->before, place->now,
						 look->now);
	return look->sort == 1 ? DAEMON_UP - place->now->state : 0;
}

static struct place *
sort_daemons(const struct look *look)
{
	struct place *places = calloc(look->now->n + 1, sizeof *places);

	for (size_t i = 0; places != NULL && i < look->now->n; i++) {
		struct place *place = &places[i];

		place->now = &look->now->daemons[i];
		place->at = i;
		if (look->before != NULL)
			place->before =
			    survey_find(look->before, place->now->name);
		place->value = sort_value(look, place);
	}
	if (places != NULL)
		qsort(places, look->now->n, sizeof *places, compare);
	return places;
}

/* --- Rows */

static void
add_heading(struct view *view, const struct look *look, int limit)
{
	struct view_line *line = view_line(view, TONE_HEADING);

	view_append(line, " ");
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t from = strlen(line->text);

		if (columns[i].dispensable > limit)
			continue;
		view_append(line, columns[i].value == NULL ? "%-*s" : "%*s",
			    columns[i].width, columns[i].title);
		if (i != look->sort)
			continue;
		line->mark_end = strlen(line->text);
		line->mark = columns[i].value == NULL
				 ? from
				 : line->mark_end - strlen(columns[i].title);
		if (columns[i].value == NULL)
			line->mark_end = from + strlen(columns[i].title);
	}
	while (strlen(line->text) < look->width &&
	       strlen(line->text) + 1 < VIEW_BYTES)
		view_append(line, " ");
}

static void
add_row(struct view *view, const struct look *look, const struct place *place,
	int limit)
{
	bool is_up = place->now->state == DAEMON_UP;
	struct view_line *line =
	    view_line(view, is_up ? TONE_PLAIN : TONE_ALARM);
	char amount[AMOUNT_BYTES];

	view_append(line, " %-*.*s%-*s", columns[0].width, columns[0].width - 1,
		    place->now->name, columns[1].width,
		    stats_state_name(place->now->state));
	for (size_t i = 2; i < COLUMNS; i++) {
		double value;

		if (columns[i].dispensable > limit)
			continue;
		value = columns[i].value(place->before, place->now, look->now);
		view_append(line, "%*s", columns[i].width,
			    columns[i].show(amount, value));
	}
}

void
view_table(struct view *view, const struct look *look)
{
	struct place *places = sort_daemons(look);
	int limit = find_limit(look->width);

	add_heading(view, look, limit);
	for (size_t i = 0; places != NULL && i < look->now->n; i++)
		add_row(view, look, &places[i], limit);
	free(places);
}
