/* SPDX-License-Identifier: MIT */
/* gateway/scrape_page.c - see scrape_page.h. */
#include "gateway/scrape_page.h"

#include "proto/metrics_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#define PARTS_MAX    1000
#define FAMILIES_MAX 2000
#define PART_BYTES   (1024 * 1024)

struct scrape_part *
scrape_page_part(struct scrape_page *page, struct slice name)
{
	struct scrape_part *part;

	LL_FOREACH (page->parts, part)
		if (slice_is(name, part->name))
			return part;
	if (name.n == 0 || name.n >= sizeof part->name ||
	    page->n >= PARTS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	part = calloc(1, sizeof *part);
	if (part == NULL)
		return NULL;
	memcpy(part->name, name.at, name.n);
	LL_APPEND(page->parts, part);
	page->n++;
	return part;
}

static void
free_family(struct scrape_family *family)
{
	free(family->name);
	free(family->type);
	free(family->help);
	free(family->samples);
}

/* NULL if there is no memory. */
static char *
copy_text(struct slice text)
{
	return strndup(text.n > 0 ? text.at : "", text.n);
}

static int
copy_family(struct scrape_family *into, const struct frame_family *from)
{
	*into = (struct scrape_family){
		.name = copy_text(from->name),
		.type = copy_text(from->type),
		.help = copy_text(from->help),
		.samples = copy_text(from->samples),
	};
	if (into->name != NULL && into->type != NULL && into->help != NULL &&
	    into->samples != NULL)
		return 0;
	free_family(into);
	return -1;
}

int
scrape_part_add(struct scrape_part *part, const frame_list *families)
{
	const struct frame_family *added = families->items;
	struct scrape_family *grown;

	if (families->n > FAMILIES_MAX - part->n) {
		errno = EINVAL;
		return -1;
	}
	grown = reallocarray(part->families, part->n + families->n + 1,
			     sizeof *grown);
	if (grown == NULL)
		return -1;
	part->families = grown;
	for (size_t i = 0; i < families->n; i++) {
		part->bytes += added[i].samples.n;
		if (!metrics_family_is_sound(&added[i]) ||
		    part->bytes > PART_BYTES) {
			errno = EINVAL;
			return -1;
		}
		if (copy_family(&grown[part->n], &added[i]) != 0)
			return -1;
		part->n++;
	}
	return 0;
}

void
scrape_part_drop(struct scrape_part *part)
{
	for (size_t i = 0; i < part->n; i++)
		free_family(&part->families[i]);
	free(part->families);
	part->families = NULL;
	part->n = part->bytes = 0;
	part->is_whole = false;
}

void
scrape_page_fini(struct scrape_page *page)
{
	struct scrape_part *part, *next;

	LL_FOREACH_SAFE (page->parts, part, next) {
		scrape_part_drop(part);
		free(part);
	}
	*page = (struct scrape_page){ 0 };
}

/* --- One text of all */

/* A family and its place, so that those of one name keep their order. */
struct entry {
	const struct scrape_family *family;
	size_t place;
};

static int
compare(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int order = strcmp(one->family->name, other->family->name);

	if (order != 0)
		return order;
	return one->place < other->place ? -1 : one->place > other->place;
}

static struct entry *
gather(const struct scrape_page *page, size_t *n)
{
	const struct scrape_part *part;
	struct entry *entries;
	size_t room = 1;

	LL_FOREACH (page->parts, part)
		room += part->n;
	*n = 0;
	entries = calloc(room, sizeof *entries);
	if (entries == NULL)
		return NULL;
	LL_FOREACH (page->parts, part)
		for (size_t i = 0; part->is_whole && i < part->n; i++) {
			entries[*n].family = &part->families[i];
			entries[*n].place = *n;
			(*n)++;
		}
	qsort(entries, *n, sizeof *entries, compare);
	return entries;
}

static int
print_up(const struct scrape_page *page, struct buffer *into)
{
	const struct scrape_part *part;

	if (metric_print_head(METRIC_UP, "gauge", METRIC_UP_HELP, into) != 0)
		return -1;
	LL_FOREACH (page->parts, part)
		if (buffer_append_text(into, METRIC_UP "{daemon=\"") != 0 ||
		    metric_print_value(part->name, into) != 0 ||
		    buffer_printf(into, "\"} %d\n", part->is_whole) != 0)
			return -1;
	return 0;
}

/* Versions may differ in what they call a metric's type: one that is not as the
 * first of its name is left out. */
static int
print_families(const struct entry *entries, size_t n, struct buffer *into)
{
	const struct scrape_family *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct scrape_family *family = entries[i].family;

		if (first == NULL || strcmp(first->name, family->name) != 0) {
			first = family;
			if (metric_print_head(first->name, first->type,
					      first->help, into) != 0)
				return -1;
		}
		if (strcmp(first->type, family->type) == 0 &&
		    buffer_append_text(into, family->samples) != 0)
			return -1;
	}
	return 0;
}

int
scrape_page_print(const struct scrape_page *page, struct buffer *into)
{
	size_t n;
	struct entry *entries = gather(page, &n);
	int rc = -1;

	if (entries != NULL && print_up(page, into) == 0)
		rc = print_families(entries, n, into);
	free(entries);
	return rc;
}
