/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/survey.c - see survey.h. */
#include "tools/parleyctl/survey.h"

#include <math.h>
#include <stdlib.h>

#define STARTED  "parley_process_start_time_seconds"
#define RESTARTS "parley_restarts_total"
#define CPU      "parley_process_cpu_seconds_total"

/* --- Who there is */

/* Names are shown as they are, and are those of files. */
static bool
is_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.at[i] <= ' ' || name.at[i] >= 0x7f ||
		    name.at[i] == '/')
			return false;
	return name.n > 0 && name.n < DAEMON_NAME_BYTES;
}

bool
survey_is_daemon(enum party kind)
{
	unsigned bits = kind;

	return bits != 0 && (bits & (bits - 1)) == 0 && kind != TOOL;
}

static struct surveyed *
find(const struct survey *survey, struct slice name)
{
	for (size_t i = 0; i < survey->n; i++)
		if (slice_is(name, survey->daemons[i].name))
			return &survey->daemons[i];
	return NULL;
}

struct surveyed *
survey_add(struct survey *survey, struct slice name, enum party kind)
{
	struct surveyed *daemon = find(survey, name);
	size_t room = survey->room == 0 ? 8 : 2 * survey->room;

	if (daemon != NULL || !is_name(name))
		return daemon;
	if (survey->n == survey->room) {
		daemon = realloc(survey->daemons, room * sizeof *daemon);
		if (daemon == NULL)
			return NULL;
		survey->daemons = daemon;
		survey->room = room;
	}
	daemon = &survey->daemons[survey->n++];
	*daemon = (struct surveyed){ .kind = kind };
	memcpy(daemon->name, name.at, name.n);
	return daemon;
}

const struct surveyed *
survey_find(const struct survey *survey, const char *name)
{
	return find(survey, slice_of(name));
}

/* gateway.2 stands before gateway.10. */
static int
compare(const void *a, const void *b)
{
	const struct surveyed *one = a, *other = b;
	size_t n = strlen(one->name), m = strlen(other->name);

	if (one->kind != other->kind)
		return one->kind < other->kind ? -1 : 1;
	if (n != m)
		return n < m ? -1 : 1;
	return strcmp(one->name, other->name);
}

void
survey_sort(struct survey *survey)
{
	if (survey->n > 0)
		qsort(survey->daemons, survey->n, sizeof *survey->daemons,
		      compare);
}

void
survey_fini(struct survey *survey)
{
	for (size_t i = 0; i < survey->n; i++)
		samples_fini(&survey->daemons[i].samples);
	free(survey->daemons);
	*survey = (struct survey){ 0 };
}

/* --- Of one daemon */

double
surveyed_sum(const struct surveyed *daemon, const char *metric,
	     const char *word)
{
	return daemon->state == DAEMON_UP
		   ? samples_sum(&daemon->samples, metric, word)
		   : NAN;
}

double
surveyed_age(const struct surveyed *daemon, const struct survey *survey)
{
	double started = surveyed_sum(daemon, STARTED, NULL);

	/* Clocks are set, and ours may be another one. */
	return isnan(started) ? NAN : fmax(survey->at - started, 0);
}

/* Whether the two are the same process: nothing that it counts begins anew.
 * Its start is known to the second only, so there are more signs. */
static bool
is_same(const struct surveyed *before, const struct surveyed *now)
{
	if (before == NULL || before->state != DAEMON_UP ||
	    now->state != DAEMON_UP || now->heard_us <= before->heard_us)
		return false;
	return surveyed_sum(before, STARTED, NULL) ==
		   surveyed_sum(now, STARTED, NULL) &&
	       surveyed_sum(before, RESTARTS, NULL) ==
		   surveyed_sum(now, RESTARTS, NULL) &&
	       surveyed_sum(before, CPU, NULL) <= surveyed_sum(now, CPU, NULL);
}

double
surveyed_rate(const struct surveyed *before, const struct surveyed *now,
	      const char *metric)
{
	double growth;

	if (!is_same(before, now))
		return NAN;
	growth = surveyed_sum(now, metric, NULL) -
		 surveyed_sum(before, metric, NULL);
	return growth < 0
		   ? NAN
		   : growth * 1e6 / (double)(now->heard_us - before->heard_us);
}

void
surveyed_growth(const struct surveyed *before, const struct surveyed *now,
		const char *metric, struct distribution *into)
{
	struct distribution then = { 0 }, since = { 0 };

	if (is_same(before, now) &&
	    distribution_add(&then, &before->samples, metric) &&
	    distribution_add(&since, &now->samples, metric))
		(void)distribution_add_growth(into, &then, &since);
}

/* --- Of a kind */

static double
add(double sum, double more)
{
	if (isnan(sum))
		return more;
	return isnan(more) ? sum : sum + more;
}

double
survey_sum(const struct survey *survey, enum party kind, const char *metric,
	   const char *word)
{
	double sum = NAN;

	for (size_t i = 0; i < survey->n; i++)
		if (survey->daemons[i].kind == kind)
			sum = add(sum, surveyed_sum(&survey->daemons[i], metric,
						    word));
	return sum;
}

double
survey_rate(const struct survey *before, const struct survey *now,
	    enum party kind, const char *metric)
{
	double sum = NAN;

	for (size_t i = 0; i < now->n; i++) {
		const struct surveyed *daemon = &now->daemons[i];

		if (daemon->kind == kind)
			sum =
			    add(sum,
				surveyed_rate(survey_find(before, daemon->name),
					      daemon, metric));
	}
	return sum;
}

void
survey_distribution(const struct survey *before, const struct survey *now,
		    enum party kind, const char *metric,
		    struct distribution *into)
{
	*into = (struct distribution){ 0 };
	for (size_t i = 0; i < now->n; i++) {
		const struct surveyed *daemon = &now->daemons[i];

		if (daemon->kind != kind || daemon->state != DAEMON_UP)
			continue;
		if (before == NULL)
			(void)distribution_add(into, &daemon->samples, metric);
		else
			surveyed_growth(survey_find(before, daemon->name),
					daemon, metric, into);
	}
}

size_t
survey_count(const struct survey *survey, enum party kind, bool is_up)
{
	size_t n = 0;

	for (size_t i = 0; i < survey->n; i++)
		n += (survey->daemons[i].kind & kind) != 0 &&
		     (!is_up || survey->daemons[i].state == DAEMON_UP);
	return n;
}
