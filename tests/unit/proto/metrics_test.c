/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/metrics_test.c - the text that a scraper reads. */
#include "proto/metrics.h"

#include "tests/unit/check.h"

static uint64_t open_now = 3, closed_normal = 0, closed_bad = UINT64_MAX;

static const struct metric_row rows[] = {
	{ "connections", NULL, METRIC_GAUGE, &open_now, "open\nnow \\o/" },
	{ "closed_total", "code=\"1000\"", METRIC_COUNTER, &closed_normal,
	  "closes by code" },
	{ "closed_total", "code=\"1002\"", METRIC_COUNTER, &closed_bad,
	  "closes by code" },
	{ 0 },
};

static void
table_is_printed_behind_what_is_there(void)
{
	struct buffer b = { 0 };

	CHECK_INT(buffer_append_text(&b, "# before\n"), 0);
	CHECK_INT(metrics_print(rows, "gateway", &b), 0);
	CHECK_INT(buffer_append(&b, "", 1), 0);
	CHECK_STR((char *)b.bytes,
		  "# before\n"
		  "# HELP parley_gateway_connections open\\nnow \\\\o/\n"
		  "# TYPE parley_gateway_connections gauge\n"
		  "parley_gateway_connections 3\n"
		  "# HELP parley_gateway_closed_total closes by code\n"
		  "# TYPE parley_gateway_closed_total counter\n"
		  "parley_gateway_closed_total{code=\"1000\"} 0\n"
		  "parley_gateway_closed_total{code=\"1002\"} "
		  "18446744073709551615\n");
	buffer_fini(&b);
}

static void
empty_table_prints_nothing(void)
{
	static const struct metric_row none[] = { { 0 } };
	struct buffer b = { 0 };

	CHECK_INT(metrics_print(none, "gateway", &b), 0);
	CHECK_INT(b.n, 0);
	buffer_fini(&b);
}

int
main(void)
{
	RUN(table_is_printed_behind_what_is_there);
	RUN(empty_table_prints_nothing);
	return check_done();
}
