/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/metrics_pages_test.c - metrics as frames, page by page. */
#include "proto/metrics_pages.h"

#include "tests/unit/check.h"

#include <stdio.h>

#define ROWS 450

static uint64_t figure = 7;
static char names[ROWS][24];
static struct metric_row many[ROWS + 1];
static const struct metric_row one[] = {
	{ "parley_one", METRIC_GAUGE, 0, NULL, NULL, 1, "one" },
	{ 0 },
};
static unsigned measured;

static void
measure(void *self)
{
	(void)self;
	measured++;
}

static void
fill_rows(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(names[i], sizeof names[i], "parley_x%zu", i);
		many[i] = (struct metric_row){ names[i], METRIC_COUNTER, 0,
					       NULL,     NULL,           1,
					       "many" };
	}
}

static void
all_tables_come_once_whatever_the_pages(void)
{
	const struct metric_source source = {
		.daemon = "store",
		.tables = { { one, &figure }, { many, &figure } },
		.measure = measure,
	};
	struct arena arena = { 0 };
	struct frame page;
	uint64_t after = 0;
	size_t n = 0, pages = 0;

	fill_rows();
	do {
		const struct frame_family *families;

		CHECK_INT(metrics_page(&source, after, &arena, &page), 0);
		families = page.metrics.families.items;
		for (size_t i = 0; i < page.metrics.families.n; i++, n++)
			CHECK(slice_is(families[i].name,
				       n == 0 ? "parley_one" : names[n - 1]));
		after = page.metrics.next;
	} while (after != 0 && ++pages < ROWS);
	CHECK_INT(n, ROWS + 1);
	CHECK(pages >= 2);
	CHECK_INT(measured, 1);
	arena_fini(&arena);
}

static void
page_packs_and_behind_the_last_is_an_empty_one(void)
{
	const struct metric_source source = { .daemon = "store",
					      .tables = { { one, &figure } } };
	struct arena arena = { 0 };
	struct buffer packed = { 0 };
	struct frame page;
	const struct frame_family *family;

	CHECK_INT(metrics_page(&source, 0, &arena, &page), 0);
	CHECK_INT(frame_pack(&page, &packed, NULL), 0);
	family = page.metrics.families.items;
	CHECK_INT(page.metrics.families.n, 1);
	CHECK(slice_is(family->samples, "parley_one{daemon=\"store\"} 7\n"));
	CHECK(metrics_family_is_sound(family));
	CHECK_INT(metrics_page(&source, 99, &arena, &page), 0);
	CHECK_INT(page.metrics.families.n, 0);
	CHECK_INT(page.metrics.next, 0);
	buffer_fini(&packed);
	arena_fini(&arena);
}

static void
what_would_spoil_a_page_is_found(void)
{
	static const struct {
		const char *name, *type, *samples;
		bool is_sound;
	} cases[] = {
		{ "parley_a", "gauge", "parley_a 1\nparley_a 2\n", true },
		{ "parley_a", "gauge", "", true },
		{ "parley_a", "untyped", "parley_a 1\n", false },
		{ "a", "gauge", "a 1\n", false },
		{ "parley_", "gauge", "", false },
		{ "parley_a b", "gauge", "parley_a b 1\n", false },
		{ "parley_\n", "gauge", "", false },
		{ "parley_a", "gauge", "parley_a 1", false },
		{ "parley_a", "gauge", "parley_a 1\nx 2\n", false },
		{ "parley_a", "gauge", "parley_a 1\n\n", false },
		{ "parley_a", "gauge", "# TYPE parley_a gauge\n", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct frame_family family = {
			.name = slice_of(cases[i].name),
			.type = slice_of(cases[i].type),
			.help = slice_of("help"),
			.samples = slice_of(cases[i].samples),
		};

		CHECK_INT(metrics_family_is_sound(&family), cases[i].is_sound);
	}
}

int
main(void)
{
	RUN(all_tables_come_once_whatever_the_pages);
	RUN(page_packs_and_behind_the_last_is_an_empty_one);
	RUN(what_would_spoil_a_page_is_found);
	return check_done();
}
