/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/stats_json.c - a survey as one object: the daemons, and what
 * those of a kind come to together. What is not known is null.
 */
#include "tools/parleyctl/stats.h"

#include <math.h>
#include <time.h>

const struct stat_row stat_rows[] = {
#define STAT(kind, form, key, title, metric)                                   \
	{ kind, STAT_##form, key, title, metric },
#include "tools/parleyctl/stats.def"
	{ 0 },
};

static const struct {
	const char *key;
	enum party kind;
} sections[] = {
	{ "gateways", GATEWAY }, { "router", ROUTER }, { "presence", PRESENCE },
	{ "store", STORE },      { "auth", AUTH },     { "hooks", HOOKS },
};

const char *
stats_kind(size_t i, enum party *kind)
{
	if (i >= sizeof sections / sizeof *sections)
		return NULL;
	*kind = sections[i].kind;
	return sections[i].key;
}

const char *
stats_state_name(enum daemon_state state)
{
	switch (state) {
	case DAEMON_UP:
		return "up";
	case DAEMON_HUNG:
		return "hung";
	default:
		return "away";
	}
}

/* --- Values */

static json_t *
number(double value)
{
	if (isnan(value) || isinf(value))
		return json_null();
	if (value == floor(value) && fabs(value) < 9e15)
		return json_integer((json_int_t)value);
	return json_real(value);
}

/* A millionth of a second is as fine as the daemons measure. */
static json_t *
seconds(double value)
{
	return number(round(value * 1e6) / 1e6);
}

static int
add_words(json_t *into, const struct samples *samples, const char *metric)
{
	for (size_t i = 0; i < samples->n; i++) {
		const struct sample *row = &samples->rows[i];
		json_t *had = json_object_get(into, row->word);

		if (strcmp(row->name, metric) == 0 &&
		    json_object_set_new(
			into, row->word,
			number(row->value + json_number_value(had))) != 0)
			return -1;
	}
	return 0;
}

/* A number for each word, summed over the daemons. */
static json_t *
words(const struct survey *survey, enum party kind, const char *metric)
{
	json_t *object = json_object();

	for (size_t i = 0; object != NULL && i < survey->n; i++) {
		const struct surveyed *daemon = &survey->daemons[i];

		if (daemon->kind == kind && daemon->state == DAEMON_UP &&
		    add_words(object, &daemon->samples, metric) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *
count_or_words(const struct survey *survey, enum party kind, const char *metric)
{
	json_t *object = words(survey, kind, metric);

	/* What has no label has its number under no word. */
	if (object == NULL || json_object_get(object, "") == NULL)
		return object;
	json_decref(object);
	return number(survey_sum(survey, kind, metric, NULL));
}

static json_t *
times(const struct distribution *d)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "count",
			 number(distribution_count(d)), "mean",
			 seconds(distribution_mean(d)), "p50",
			 seconds(distribution_percentile(d, 0.50)), "p90",
			 seconds(distribution_percentile(d, 0.90)), "p99",
			 seconds(distribution_percentile(d, 0.99)));
}

static json_t *
sizes(const struct distribution *d)
{
	return json_pack("{s:o,s:o}", "count", number(distribution_count(d)),
			 "mean",
			 number(round(distribution_mean(d) * 100) / 100));
}

static json_t *
value_of(const struct survey *survey, enum party kind,
	 const struct stat_row *row)
{
	struct distribution d;

	switch (row->form) {
	case STAT_WORDS:
		return words(survey, kind, row->metric);
	case STAT_TROUBLE:
		return count_or_words(survey, kind, row->metric);
	case STAT_TIMES:
	case STAT_SIZES:
		survey_distribution(NULL, survey, kind, row->metric, &d);
		return row->form == STAT_TIMES ? times(&d) : sizes(&d);
	default:
		return number(survey_sum(survey, kind, row->metric, NULL));
	}
}

/* --- Objects */

static int
add_rows(json_t *object, const struct survey *survey, enum party rows,
	 enum party kind)
{
	for (const struct stat_row *row = stat_rows; row->key != NULL; row++)
		if (row->kind == rows &&
		    json_object_set_new(object, row->key,
					value_of(survey, kind, row)) != 0)
			return -1;
	return 0;
}

static json_t *
daemon_object(const struct survey *survey, struct surveyed *daemon)
{
	const struct survey alone = { daemon, 1, 1, survey->at };
	double age = surveyed_age(daemon, survey);
	double cpu =
	    surveyed_sum(daemon, "parley_process_cpu_seconds_total", NULL);
	json_t *object = json_pack(
	    "{s:s,s:s,s:s,s:s*,s:o}", "daemon", daemon->name, "kind",
	    party_name(daemon->kind), "state", stats_state_name(daemon->state),
	    "version", samples_word(&daemon->samples, "parley_build_info"),
	    "up_seconds", number(round(age)));

	if (object == NULL || daemon->state != DAEMON_UP)
		return object;
	if (json_object_set_new(
		object, "cpu_percent",
		number(age > 0 ? round(cpu / age * 1e4) / 100 : NAN)) == 0 &&
	    add_rows(object, &alone, ANY, daemon->kind) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *
daemon_list(const struct survey *survey)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < survey->n; i++)
		if (json_array_append_new(
			list, daemon_object(survey, &survey->daemons[i])) !=
		    0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static int
add_section(json_t *stats, const struct survey *survey, size_t i)
{
	enum party kind;
	const char *key = stats_kind(i, &kind);
	json_t *object;

	if (survey_count(survey, kind, false) == 0)
		return 0;
	if (survey_count(survey, kind, true) == 0)
		return json_object_set_new(stats, key, json_null());
	object = json_object();
	if (object == NULL || json_object_set_new(stats, key, object) != 0)
		return -1;
	return add_rows(object, survey, kind, kind);
}

json_t *
stats_json(const struct survey *survey)
{
	time_t at = (time_t)survey->at;
	char text[40] = "";
	struct tm utc;
	json_t *stats;

	if (gmtime_r(&at, &utc) != NULL)
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	stats =
	    json_pack("{s:s,s:o}", "at", text, "daemons", daemon_list(survey));
	for (size_t i = 0;
	     stats != NULL && i < sizeof sections / sizeof *sections; i++)
		if (add_section(stats, survey, i) != 0) {
			json_decref(stats);
			return NULL;
		}
	return stats;
}
