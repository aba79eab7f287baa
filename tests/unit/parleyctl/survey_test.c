/* SPDX-License-Identifier: MIT */
/* tests/unit/parleyctl/survey_test.c - what is read from metrics, and how much
 * it grows between two looks: rates, percentiles, restarts.
 */
#include "tools/parleyctl/survey.h"

#include "tests/unit/check.h"

#include <math.h>

#define HISTOGRAM(a, b, c, all, sum)                                           \
	"parley_h_bucket{daemon=\"x\",le=\"0.001\"} " a "\n"                   \
	"parley_h_bucket{daemon=\"x\",le=\"0.01\"} " b "\n"                    \
	"parley_h_bucket{daemon=\"x\",le=\"0.1\"} " c "\n"                     \
	"parley_h_bucket{daemon=\"x\",le=\"+Inf\"} " all "\n"                  \
	"parley_h_sum{daemon=\"x\"} " sum "\n"                                 \
	"parley_h_count{daemon=\"x\"} " all "\n"

#define PROCESS(start, restarts, cpu)                                          \
	"parley_process_start_time_seconds{daemon=\"x\"} " start "\n"          \
	"parley_restarts_total{daemon=\"x\"} " restarts "\n"                   \
	"parley_process_cpu_seconds_total{daemon=\"x\"} " cpu "\n"

static bool
is_near(double got, double want)
{
	return fabs(got - want) < 1e-9;
}

static struct samples
read(const char *text)
{
	struct samples samples = { 0 };

	CHECK_INT(samples_add(&samples, slice_of(text)), 0);
	return samples;
}

static struct distribution
read_histogram(const char *text)
{
	struct samples samples = read(text);
	struct distribution d = { 0 };

	CHECK(distribution_add(&d, &samples, "parley_h"));
	samples_fini(&samples);
	return d;
}

/* --- Samples */

static void
samples_are_found_by_name_and_word(void)
{
	struct samples s = read("parley_a{daemon=\"x\"} 3\n"
				"parley_b{daemon=\"x\",code=\"1000\"} 4\n"
				"parley_b{daemon=\"x\",code=\"a\\\"b\\\\\"} 5\n"
				"parley_c{daemon=\"x\",le=\"0.5\"} 1.25e2\n");

	CHECK_INT(s.n, 4);
	CHECK(is_near(samples_sum(&s, "parley_a", NULL), 3));
	CHECK(is_near(samples_sum(&s, "parley_b", NULL), 9));
	CHECK(is_near(samples_sum(&s, "parley_b", "1000"), 4));
	CHECK(is_near(samples_sum(&s, "parley_b", "a\"b\\"), 5));
	CHECK(is_near(s.rows[3].bound, 0.5));
	CHECK(is_near(s.rows[3].value, 125));
	CHECK(isnan(samples_sum(&s, "parley_", NULL)));
	CHECK(isnan(samples_sum(&s, "parley_b", "1001")));
	CHECK_STR(samples_word(&s, "parley_b"), "1000");
	CHECK(samples_word(&s, "parley_d") == NULL);
	samples_fini(&s);
}

static void
what_is_no_sample_is_refused(void)
{
	static const char *const lines[] = {
		"",
		"parley_a 3",
		"parley_a{daemon=\"x\"}",
		"{daemon=\"x\"} 3",
		"parley_a{daemon=\"x\"} three",
		"parley_a{daemon=\"x\"} nan",
		"parley_a{daemon=x} 3",
		"parley_a{daemon=\"x} 3",
		"parley_a{daemon=\"x\",le=\"wide\"} 3",
		"parley_a{daemon=\"x\"} 3 4",
		"parley_a{daemon=\"x\"}3",
		/* longer than any number */
		"parley_a{daemon=\"x\"} "
		"0000000000000000000000000000000000000000000000001",
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct samples s = { 0 };
		char text[128];

		snprintf(text, sizeof text, "parley_a{daemon=\"x\"} 1\n%s\n",
			 lines[i]);
		CHECK_INT(samples_add(&s, slice_of(text)), -1);
		CHECK_INT(s.n, 1);
		samples_fini(&s);
	}
}

/* --- Histograms */

static void
percentiles_lie_within_their_bucket(void)
{
	struct distribution d =
	    read_histogram(HISTOGRAM("50", "90", "100", "100", "0.8"));

	CHECK(is_near(distribution_count(&d), 100));
	CHECK(is_near(distribution_mean(&d), 0.008));
	CHECK(is_near(distribution_percentile(&d, 0.25), 0.0005));
	CHECK(is_near(distribution_percentile(&d, 0.5), 0.001));
	CHECK(is_near(distribution_percentile(&d, 0.7), 0.0055));
	CHECK(is_near(distribution_percentile(&d, 0.95), 0.055));
	CHECK(is_near(distribution_percentile(&d, 1), 0.1));
}

static void
beyond_the_last_bound_nothing_is_known(void)
{
	struct distribution d =
	    read_histogram(HISTOGRAM("0", "0", "0", "7", "70"));

	CHECK(is_near(distribution_percentile(&d, 0.5), 0.1));
	d = read_histogram(HISTOGRAM("0", "0", "0", "0", "0"));
	CHECK(isnan(distribution_percentile(&d, 0.5)));
	CHECK(isnan(distribution_mean(&d)));
}

static void
what_is_no_histogram_is_none(void)
{
	static const char *const texts[] = {
		"parley_h_sum{daemon=\"x\"} 3\n",
		/* falls */
		HISTOGRAM("5", "4", "6", "7", "1"),
		/* has no end */
		"parley_h_bucket{le=\"1\"} 1\nparley_h_bucket{le=\"2\"} 1\n",
		/* goes back */
		"parley_h_bucket{le=\"2\"} 1\nparley_h_bucket{le=\"1\"} 1\n"
		"parley_h_bucket{le=\"+Inf\"} 1\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct samples s = read(texts[i]);
		struct distribution d = { 0 };

		CHECK(!distribution_add(&d, &s, "parley_h"));
		CHECK_INT(d.n, 0);
		samples_fini(&s);
	}
}

static void
growth_is_what_was_not_there_before(void)
{
	struct distribution before =
	    read_histogram(HISTOGRAM("50", "90", "100", "100", "0.8"));
	struct distribution now =
	    read_histogram(HISTOGRAM("50", "90", "110", "110", "1.8"));
	struct distribution growth = { 0 };

	CHECK(distribution_add_growth(&growth, &before, &now));
	CHECK(is_near(distribution_count(&growth), 10));
	CHECK(is_near(distribution_mean(&growth), 0.1));
	CHECK(is_near(distribution_percentile(&growth, 0.5), 0.055));
	/* of two daemons together */
	CHECK(distribution_add_growth(&growth, &before, &now));
	CHECK(is_near(distribution_count(&growth), 20));
	/* it began anew */
	CHECK(!distribution_add_growth(&growth, &now, &before));
	CHECK(is_near(distribution_count(&growth), 20));
}

/* --- Between two surveys */

static void
tell(struct survey *survey, const char *name, enum party kind, double at_s,
     const char *text)
{
	struct surveyed *daemon = survey_add(survey, slice_of(name), kind);

	daemon->state = DAEMON_UP;
	daemon->heard_us = (uint64_t)(at_s * 1e6);
	daemon->samples = read(text);
}

static double
rate_between(const char *then, const char *since)
{
	struct survey before = { 0 }, now = { 0 };
	double rate;

	tell(&before, "gateway", GATEWAY, 10, then);
	tell(&now, "gateway", GATEWAY, 12, since);
	rate = survey_rate(&before, &now, GATEWAY, "parley_n");
	survey_fini(&before);
	survey_fini(&now);
	return rate;
}

static void
a_rate_is_growth_by_time(void)
{
	CHECK(is_near(
	    rate_between(PROCESS("100", "0", "1") "parley_n{daemon=\"x\"} 5\n",
			 PROCESS("100", "0", "2") "parley_n{daemon=\"x\"} 9\n"),
	    2));
}

static void
a_daemon_that_began_anew_has_no_rate(void)
{
	static const char before[] =
	    PROCESS("100", "0", "1") "parley_n{daemon=\"x\"} 5\n";

	/* Whatever it has counted since: more, or less. */
	CHECK(isnan(rate_between(
	    before, PROCESS("101", "1", "2") "parley_n{daemon=\"x\"} 9\n")));
	CHECK(isnan(rate_between(
	    before, PROCESS("100", "1", "2") "parley_n{daemon=\"x\"} 9\n")));
	CHECK(isnan(rate_between(
	    before, PROCESS("100", "0", "0.5") "parley_n{daemon=\"x\"} 9\n")));
	CHECK(isnan(rate_between(
	    before, PROCESS("100", "0", "2") "parley_n{daemon=\"x\"} 4\n")));
	CHECK(isnan(rate_between(before, "parley_n{daemon=\"x\"} 9\n")));
}

static void
gateways_are_summed_as_far_as_they_are_known(void)
{
	struct survey before = { 0 }, now = { 0 };
	struct distribution d;

	tell(&before, "gateway", GATEWAY, 10,
	     PROCESS("100", "0", "1") HISTOGRAM("1", "1", "1", "1", "0"));
	tell(&before, "gateway.2", GATEWAY, 10,
	     PROCESS("100", "0", "1") HISTOGRAM("9", "9", "9", "9", "0"));
	tell(&now, "gateway", GATEWAY, 12,
	     PROCESS("100", "0", "1") HISTOGRAM("5", "5", "5", "5", "0"));
	tell(&now, "gateway.2", GATEWAY, 12,
	     PROCESS("111", "1", "0") HISTOGRAM("2", "2", "2", "2", "0"));
	tell(&now, "gateway.3", GATEWAY, 12,
	     PROCESS("111", "0", "0") HISTOGRAM("2", "2", "2", "2", "0"));
	tell(&now, "store", STORE, 12,
	     PROCESS("100", "0", "1") HISTOGRAM("8", "8", "8", "8", "0"));
	CHECK(
	    is_near(survey_rate(&before, &now, GATEWAY, "parley_h_count"), 2));
	CHECK(isnan(survey_rate(&before, &now, STORE, "parley_h_count")));
	survey_distribution(&before, &now, GATEWAY, "parley_h", &d);
	CHECK(is_near(distribution_count(&d), 4));
	survey_distribution(NULL, &now, GATEWAY, "parley_h", &d);
	CHECK(is_near(distribution_count(&d), 9));
	CHECK(is_near(survey_sum(&now, GATEWAY, "parley_h_count", NULL), 9));
	CHECK_INT(survey_count(&now, GATEWAY, true), 3);
	CHECK_INT(survey_count(&now, ANY, false), 4);
	/* One that has not answered tells nothing. */
	now.daemons[0].state = DAEMON_HUNG;
	CHECK(is_near(survey_sum(&now, GATEWAY, "parley_h_count", NULL), 4));
	CHECK(isnan(survey_rate(&before, &now, GATEWAY, "parley_h_count")));
	CHECK_INT(survey_count(&now, GATEWAY, true), 2);
	survey_fini(&before);
	survey_fini(&now);
}

static void
daemons_have_an_order_and_names(void)
{
	static const char *const want[] = { "gateway", "gateway.2",
					    "gateway.10", "router", "store" };
	struct survey s = { 0 };

	survey_add(&s, slice_of("store"), STORE);
	survey_add(&s, slice_of("gateway.10"), GATEWAY);
	survey_add(&s, slice_of("router"), ROUTER);
	survey_add(&s, slice_of("gateway.2"), GATEWAY);
	survey_add(&s, slice_of("gateway"), GATEWAY);
	survey_add(&s, slice_of("gateway.2"), GATEWAY);
	CHECK(survey_add(&s, slice_of("../store"), STORE) == NULL);
	CHECK(survey_add(&s, slice_of("a\033b"), STORE) == NULL);
	CHECK(survey_add(&s, slice_of(""), STORE) == NULL);
	CHECK(survey_add(&s, slice_of("a-name-that-is-longer-than-names-be"),
			 STORE) == NULL);
	survey_sort(&s);
	CHECK_INT(s.n, 5);
	for (size_t i = 0; i < s.n; i++)
		CHECK_STR(s.daemons[i].name, want[i]);
	survey_fini(&s);
}

int
main(void)
{
	RUN(samples_are_found_by_name_and_word);
	RUN(what_is_no_sample_is_refused);
	RUN(percentiles_lie_within_their_bucket);
	RUN(beyond_the_last_bound_nothing_is_known);
	RUN(what_is_no_histogram_is_none);
	RUN(growth_is_what_was_not_there_before);
	RUN(a_rate_is_growth_by_time);
	RUN(a_daemon_that_began_anew_has_no_rate);
	RUN(gateways_are_summed_as_far_as_they_are_known);
	RUN(daemons_have_an_order_and_names);
	return check_done();
}
