/* SPDX-License-Identifier: MIT */
/* proto/metrics_pages.c - see metrics_pages.h. */
#include "proto/metrics_pages.h"

#include <string.h>

#define PAGE_FAMILIES 200
#define PAGE_BYTES    (128 * 1024)

/* The row at a place, counted over all tables; NULL behind the last. */
static const struct metric_row *
find_row(const struct metric_source *source, uint64_t place,
	 const void **figures)
{
	for (size_t t = 0; t < METRIC_TABLES; t++) {
		const struct metric_row *row = source->tables[t].rows;

		*figures = source->tables[t].figures;
		for (; row != NULL && row->name != NULL; row++)
			if (place-- == 0)
				return row;
	}
	return NULL;
}

static int
fill(struct frame_family *family, const struct metric_source *source,
     const struct metric_row *row, const void *figures, struct arena *arena)
{
	struct buffer text = { 0 };
	char *copy = NULL;

	if (metric_print_samples(row, figures, source->daemon, &text) == 0)
		copy = arena_copy(arena, text.n == 0 ? "" : (char *)text.bytes,
				  text.n);
	*family = (struct frame_family){
		.name = slice_of(row->name),
		.type = slice_of(metric_type_name(row->type)),
		.help = slice_of(row->help),
		.samples = { copy, text.n },
	};
	buffer_fini(&text);
	return copy == NULL ? -1 : 0;
}

int
metrics_page(const struct metric_source *source, uint64_t after,
	     struct arena *arena, struct frame *answer)
{
	struct frame_family *families =
	    arena_array(arena, PAGE_FAMILIES, sizeof *families);
	const struct metric_row *row;
	const void *figures;
	size_t n = 0, bytes = 0;

	if (families == NULL)
		return -1;
	if (after == 0 && source->measure != NULL)
		source->measure(source->self);
	*answer = (struct frame){ .kind = FRAME_metrics };
	while ((row = find_row(source, after + n, &figures)) != NULL) {
		if (n == PAGE_FAMILIES || bytes >= PAGE_BYTES) {
			answer->metrics.next = after + n;
			break;
		}
		if (fill(&families[n], source, row, figures, arena) != 0)
			return -1;
		bytes += families[n++].samples.n;
	}
	answer->metrics.families.items = families;
	answer->metrics.families.n = n;
	return 0;
}

static bool
is_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.at[i];

		if ((c < 'a' || c > 'z') && c != '_' &&
		    (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.n > strlen("parley_") &&
	       memcmp(name.at, "parley_", strlen("parley_")) == 0;
}

static bool
is_type(struct slice type)
{
	return slice_is(type, "counter") || slice_is(type, "gauge") ||
	       slice_is(type, "histogram");
}

/* A help text stands in one line, as the samples do. */
bool
metrics_family_is_sound(const struct frame_family *family)
{
	struct slice rest = family->samples;

	if (!is_name(family->name) || !is_type(family->type))
		return false;
	while (rest.n > 0) {
		const char *end = memchr(rest.at, '\n', rest.n);

		if (end == NULL || rest.n <= family->name.n ||
		    memcmp(rest.at, family->name.at, family->name.n) != 0)
			return false;
		rest.n -= (size_t)(end + 1 - rest.at);
		rest.at = end + 1;
	}
	return true;
}
