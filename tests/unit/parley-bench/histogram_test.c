/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-bench/histogram_test.c - quantiles are within one part in
 * 128 of what they would be if every value were kept.
 */
#include "tests/unit/check.h"
#include "tools/parley-bench/histogram.h"

#include <stdbool.h>

static struct histogram h, other;

static void
an_empty_one_has_no_quantiles(void)
{
	memset(&h, 0, sizeof h);
	CHECK_INT(histogram_quantile(&h, 0.5), 0);
	CHECK_INT(h.max_us, 0);
}

static void
small_values_are_exact(void)
{
	memset(&h, 0, sizeof h);
	for (uint64_t us = 1; us <= 200; us++)
		histogram_add(&h, us);
	CHECK_INT(histogram_quantile(&h, 0.5), 100);
	CHECK_INT(histogram_quantile(&h, 0.99), 198);
	CHECK_INT(histogram_quantile(&h, 1), 200);
	CHECK_INT(histogram_quantile(&h, 0), 1);
	CHECK_INT(h.sum_us, 200 * 201 / 2);
}

static bool
is_near(uint64_t got, uint64_t want)
{
	return got >= want && got - want <= want / 128 + 1;
}

static void
large_values_are_near(void)
{
	for (uint64_t us = 256; us < UINT64_C(1) << 35; us = us * 5 / 3 + 1) {
		memset(&h, 0, sizeof h);
		histogram_add(&h, us);
		histogram_add(&h, us * 2);
		CHECK(is_near(histogram_quantile(&h, 0.5), us));
		CHECK(histogram_quantile(&h, 1) == us * 2);
	}
}

static void
what_is_beyond_the_end_counts_at_the_end(void)
{
	memset(&h, 0, sizeof h);
	histogram_add(&h, UINT64_MAX);
	histogram_add(&h, 1);
	CHECK(h.max_us == UINT64_MAX);
	CHECK_INT(h.count, 2);
	CHECK_INT(histogram_quantile(&h, 0.5), 1);
}

static void
two_are_merged_as_if_they_were_one(void)
{
	memset(&h, 0, sizeof h);
	memset(&other, 0, sizeof other);
	for (uint64_t us = 1; us <= 100; us++)
		histogram_add(us % 2 ? &h : &other, us);
	histogram_merge(&h, &other);
	CHECK_INT(h.count, 100);
	CHECK_INT(h.max_us, 100);
	CHECK_INT(histogram_quantile(&h, 0.9), 90);
}

int
main(void)
{
	RUN(an_empty_one_has_no_quantiles);
	RUN(small_values_are_exact);
	RUN(large_values_are_near);
	RUN(what_is_beyond_the_end_counts_at_the_end);
	RUN(two_are_merged_as_if_they_were_one);
	return check_done();
}
