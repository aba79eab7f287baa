/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/scrape_page_test.c - the metrics of many as one text. */
#include "gateway/scrape_page.h"

#include "tests/unit/check.h"

static int
add(struct scrape_part *part, const char *name, const char *type,
    const char *samples)
{
	const struct frame_family family = {
		.name = slice_of(name),
		.type = slice_of(type),
		.help = slice_of("help"),
		.samples = slice_of(samples),
	};
	const frame_list list = { &family, 1 };

	return scrape_part_add(part, &list);
}

static void
prints(const struct scrape_page *page, const char *wanted)
{
	struct buffer text = { 0 };

	CHECK_INT(scrape_page_print(page, &text), 0);
	CHECK_INT(buffer_append(&text, "", 1), 0);
	CHECK_STR((char *)text.bytes, wanted);
	buffer_fini(&text);
}

#define UP                                                                     \
	"# HELP parley_up 1: the daemon told its metrics in time; 0: it is "   \
	"away\n"                                                               \
	"# TYPE parley_up gauge\n"

static void
samples_of_one_name_stand_together(void)
{
	struct scrape_page page = { 0 };
	struct scrape_part *a = scrape_page_part(&page, slice_of("gateway"));
	struct scrape_part *b = scrape_page_part(&page, slice_of("store"));

	CHECK_INT(
	    add(a, "parley_y", "gauge", "parley_y{daemon=\"gateway\"} 1\n"), 0);
	CHECK_INT(add(a, "parley_x", "counter", "parley_x{d=\"1\"} 1\n"), 0);
	CHECK_INT(add(b, "parley_y", "gauge", "parley_y{daemon=\"store\"} 2\n"),
		  0);
	a->is_whole = b->is_whole = true;
	prints(&page, UP "parley_up{daemon=\"gateway\"} 1\n"
			 "parley_up{daemon=\"store\"} 1\n"
			 "# HELP parley_x help\n# TYPE parley_x counter\n"
			 "parley_x{d=\"1\"} 1\n"
			 "# HELP parley_y help\n# TYPE parley_y gauge\n"
			 "parley_y{daemon=\"gateway\"} 1\n"
			 "parley_y{daemon=\"store\"} 2\n");
	scrape_page_fini(&page);
}

static void
who_has_not_told_all_is_down_and_told_of_by_nothing_else(void)
{
	struct scrape_page page = { 0 };
	struct scrape_part *a = scrape_page_part(&page, slice_of("a\"b"));

	CHECK(scrape_page_part(&page, slice_of("a\"b")) == a);
	CHECK_INT(add(a, "parley_y", "gauge", "parley_y 1\n"), 0);
	prints(&page, UP "parley_up{daemon=\"a\\\"b\"} 0\n");
	scrape_part_drop(a);
	CHECK_INT(a->n, 0);
	scrape_page_fini(&page);
}

static void
type_of_the_first_counts(void)
{
	struct scrape_page page = { 0 };
	struct scrape_part *a = scrape_page_part(&page, slice_of("a"));
	struct scrape_part *b = scrape_page_part(&page, slice_of("b"));

	CHECK_INT(add(a, "parley_y", "gauge", "parley_y 1\n"), 0);
	CHECK_INT(add(b, "parley_y", "counter", "parley_y 2\n"), 0);
	a->is_whole = b->is_whole = true;
	prints(&page, UP "parley_up{daemon=\"a\"} 1\nparley_up{daemon=\"b\"} "
			 "1\n# HELP parley_y help\n# TYPE parley_y gauge\n"
			 "parley_y 1\n");
	scrape_page_fini(&page);
}

static void
what_would_spoil_the_page_is_refused(void)
{
	struct scrape_page page = { 0 };
	struct scrape_part *a = scrape_page_part(&page, slice_of("a"));
	struct frame_family families[2001] = { 0 };
	const frame_list list = { families, 2001 };

	CHECK_INT(add(a, "parley_y", "gauge", "y 1\n"), -1);
	CHECK_INT(scrape_part_add(a, &list), -1);
	CHECK(scrape_page_part(&page, slice_of("")) == NULL);
	CHECK(scrape_page_part(
		  &page, slice_of("a-name-that-is-longer-than-32-bytes")) ==
	      NULL);
	CHECK_INT(page.n, 1);
	scrape_page_fini(&page);
}

int
main(void)
{
	RUN(samples_of_one_name_stand_together);
	RUN(who_has_not_told_all_is_down_and_told_of_by_nothing_else);
	RUN(type_of_the_first_counts);
	RUN(what_would_spoil_the_page_is_refused);
	return check_done();
}
