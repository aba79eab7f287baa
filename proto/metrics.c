/* SPDX-License-Identifier: MIT */
/* proto/metrics.c - prints a table of figures as the Prometheus text format,
 * version 0.0.4, wants it: HELP and TYPE once a name, then its samples.
 */
#include "proto/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* In a HELP line, the backslash and the line feed are escaped. */
static int
print_help(const char *help, struct buffer *into)
{
	for (; *help != '\0'; help++) {
		int rc;

		if (*help == '\\')
			rc = buffer_append_text(into, "\\\\");
		else if (*help == '\n')
			rc = buffer_append_text(into, "\\n");
		else
			rc = buffer_append(into, help, 1);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
print_head(const struct metric_row *row, const char *daemon,
	   struct buffer *into)
{
	const char *type = row->type == METRIC_COUNTER ? "counter" : "gauge";

	if (buffer_printf(into, "# HELP parley_%s_%s ", daemon, row->name) < 0)
		return -1;
	if (print_help(row->help != NULL ? row->help : "", into) < 0)
		return -1;
	return buffer_printf(into, "\n# TYPE parley_%s_%s %s\n", daemon,
			     row->name, type);
}

static int
print_sample(const struct metric_row *row, const char *daemon,
	     struct buffer *into)
{
	if (row->labels == NULL)
		return buffer_printf(into, "parley_%s_%s %" PRIu64 "\n", daemon,
				     row->name, *row->value);
	return buffer_printf(into, "parley_%s_%s{%s} %" PRIu64 "\n", daemon,
			     row->name, row->labels, *row->value);
}

int
metrics_print(const struct metric_row *rows, const char *daemon,
	      struct buffer *into)
{
	size_t before = into->n;
	const char *last = "";

	for (; rows->name != NULL; rows++) {
		bool is_new = strcmp(rows->name, last) != 0;

		if ((is_new && print_head(rows, daemon, into) < 0) ||
		    print_sample(rows, daemon, into) < 0) {
			into->n = before;
			return -1;
		}
		last = rows->name;
	}
	return 0;
}
