/* SPDX-License-Identifier: MIT */
/* tools/parley-metrics.c - prints docs/metrics.md from the daemons'
 * metrics.def.
 */
#include "proto/metrics_pages.h"
#include "proto/program.h"

#include <stdio.h>

struct row {
	const char *name;
	const char *type;
	const char *label; /* empty: none */
	const char *help;
};

static const struct row all[] = {
	{ METRIC_UP, "gauge", "", METRIC_UP_HELP },
#include "tools/metrics_words.h"

#include "proto/metrics.def"
	{ 0 },
};

static const struct row gateway[] = {
#include "tools/metrics_words.h"

#include "gateway/metrics.def"
	{ 0 },
};

static const struct row router[] = {
#include "tools/metrics_words.h"

#include "router/metrics.def"
	{ 0 },
};

static const struct row presence[] = {
#include "tools/metrics_words.h"

#include "presence/metrics.def"
	{ 0 },
};

static const struct row store[] = {
#include "tools/metrics_words.h"

#include "store/metrics.def"
	{ 0 },
};

static const struct row auth[] = {
#include "tools/metrics_words.h"

#include "auth/metrics.def"
	{ 0 },
};

static const struct row hooks[] = {
#include "tools/metrics_words.h"

#include "hooks/metrics.def"
	{ 0 },
};

static const struct {
	const char *title;
	const struct row *rows;
} sections[] = {
	{ "Of every daemon", all },  { "Of a gateway", gateway },
	{ "Of the router", router }, { "Of presence", presence },
	{ "Of the store", store },   { "Of auth", auth },
	{ "Of hooks", hooks },
};

static const char intro[] =
    "# The metrics\n"
    "\n"
    "This page is made from the `metrics.def` of each daemon by `make docs`.\n"
    "\n"
    "`GET /metrics` of any gateway tells those of all daemons, in Prometheus'\n"
    "text format. Each sample has the label `daemon`: `store`, `gateway`,\n"
    "`gateway.2` and so on. What counts since a daemon's start begins at 0\n"
    "when it starts again. A histogram is a metric with `_bucket`, `_sum` and\n"
    "`_count` behind its name; of those with a label besides, only what is "
    "not\n"
    "empty is told. How to read them, and what is worth an alarm, is in\n"
    "[operations.md](operations.md#metrics).\n";

static void
print_section(const char *title, const struct row *row)
{
	printf("\n## %s\n\n| metric | type | label | what |\n"
	       "| --- | --- | --- | --- |\n",
	       title);
	for (; row->name != NULL; row++)
		printf("| `%s` | %s | %s%s%s | %s |\n", row->name, row->type,
		       *row->label == '\0' ? "" : "`", row->label,
		       *row->label == '\0' ? "" : "`", row->help);
}

int
main(int argc, char **argv)
{
	static const struct option_row options[] = { { 0 } };
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"parley-metrics", "prints docs/metrics.md, what is counted",
		NULL, tables
	};
	int status = program_begin(&program, argc, argv, NULL);

	if (status >= 0)
		return status;
	fputs(intro, stdout);
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		print_section(sections[i].title, sections[i].rows);
	return ferror(stdout) || fflush(stdout) != 0;
}
