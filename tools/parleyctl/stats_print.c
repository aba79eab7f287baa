/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/stats_print.c - `stats` for people: a table of the daemons,
 * and below it a part for each kind, a line for each thing.
 */
#include "tools/parleyctl/amounts.h"
#include "tools/parleyctl/list.h"
#include "tools/parleyctl/stats.h"

#include <math.h>

/* --- Daemons */

static const struct column columns[] = {
	{ "daemon", "DAEMON" },
	{ "state", "STATE" },
	{ "up", "UP", true },
	{ "cpu", "CPU", true },
	{ "memory", "MEMORY", true },
	{ "files", "FILES", true },
	{ "links", "LINKS", true },
	{ "waiting", "WAITING", true },
	{ "restarts", "RESTARTS", true },
	{ "lost", "LOST", true },
	{ "errors", "ERRORS", true },
	{ 0 },
};

/* The number under a key, or the sum of those under its words. */
static double
total(const json_t *value)
{
	const char *key;
	json_t *each;
	double sum = 0;

	if (json_is_number(value))
		return json_number_value(value);
	if (!json_is_object(value))
		return NAN;
	json_object_foreach ((json_t *)value, key, each)
		sum += json_number_value(each);
	return sum;
}

static double
total_of(const json_t *object, const char *key)
{
	return total(json_object_get(object, key));
}

static json_t *
table_row(const json_t *daemon)
{
	char up[AMOUNT_BYTES], cpu[AMOUNT_BYTES], memory[AMOUNT_BYTES];
	char files[AMOUNT_BYTES], links[AMOUNT_BYTES], waiting[AMOUNT_BYTES];
	char restarts[AMOUNT_BYTES], lost[AMOUNT_BYTES], errors[AMOUNT_BYTES];

	return json_pack(
	    "{s:O,s:O,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "daemon",
	    json_object_get(daemon, "daemon"), "state",
	    json_object_get(daemon, "state"), "up",
	    amount_age(up, total_of(daemon, "up_seconds")), "cpu",
	    amount_percent(cpu, total_of(daemon, "cpu_percent")), "memory",
	    amount_bytes(memory, total_of(daemon, "memory_bytes")), "files",
	    amount_count(files, total_of(daemon, "open_files")), "links",
	    amount_count(links, total_of(daemon, "links")), "waiting",
	    amount_count(waiting, total_of(daemon, "waiting")), "restarts",
	    amount_count(restarts, total_of(daemon, "restarts")), "lost",
	    amount_count(lost, total_of(daemon, "lost")), "errors",
	    amount_count(errors, total_of(json_object_get(daemon, "log_lines"),
					  "error")));
}

static void
print_daemons(const json_t *daemons)
{
	json_t *table = json_array(), *each;
	size_t i;

	json_array_foreach(daemons, i, each)(void)
	    json_array_append_new(table, table_row(each));
	list_table(columns, table);
	json_decref(table);
}

/* --- Kinds */

static void
print_words(const json_t *value)
{
	char amount[AMOUNT_BYTES];
	const char *key, *between = "  ";
	json_t *each;

	fputs(amount_count(amount, total(value)), stdout);
	json_object_foreach ((json_t *)value, key, each) {
		double number = json_number_value(each);

		if (number == 0)
			continue;
		printf("%s%s %s", between, key, amount_count(amount, number));
		between = ", ";
	}
}

static void
print_times(const json_t *value)
{
	static const char *const parts[] = { "p50", "p90", "p99" };
	char amount[AMOUNT_BYTES];

	if (total_of(value, "count") == 0) {
		putchar('-');
		return;
	}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		printf("%s %-9s", parts[i],
		       amount_delay(amount, total_of(value, parts[i])));
	printf("of %s", amount_count(amount, total_of(value, "count")));
}

static void
print_value(const struct stat_row *row, const json_t *value)
{
	char amount[AMOUNT_BYTES];

	switch (row->form) {
	case STAT_TIMES:
		print_times(value);
		break;
	case STAT_SIZES:
		fputs(amount_count(amount, total_of(value, "mean")), stdout);
		fputs(total_of(value, "count") > 0 ? " on average" : "",
		      stdout);
		break;
	case STAT_BYTES:
		fputs(amount_bytes(amount, total(value)), stdout);
		break;
	default:
		print_words(value);
	}
}

static void
print_section(const char *name, size_t instances, enum party kind,
	      const json_t *object)
{
	printf("\n%s", name);
	if (instances > 1)
		printf(" (%zu)", instances);
	puts(object == NULL || json_is_null(object) ? ": no answer" : "");
	for (const struct stat_row *row = stat_rows; row->key != NULL; row++) {
		const json_t *value = json_object_get(object, row->key);

		if (row->kind != kind || value == NULL ||
		    (row->form == STAT_TROUBLE && !(total(value) > 0)))
			continue;
		printf("  %-20s", row->title);
		print_value(row, value);
		putchar('\n');
	}
}

void
stats_print(const struct survey *survey, const json_t *stats)
{
	const char *key;
	enum party kind;

	print_daemons(json_object_get(stats, "daemons"));
	for (size_t i = 0; (key = stats_kind(i, &kind)) != NULL; i++) {
		size_t instances = survey_count(survey, kind, false);

		if (instances > 0)
			print_section(key, instances, kind,
				      json_object_get(stats, key));
	}
}
