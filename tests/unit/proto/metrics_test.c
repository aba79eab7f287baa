/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/metrics_test.c - counting, and the text that a scraper
 * reads.
 */
#include "proto/metrics.h"

#include "tests/unit/check.h"

#define CODE_WORDS 3

static const char *
CODE_word(size_t i)
{
	static const char *const words[] = { "1000", NULL, "a\"b\\c\nd" };

	return words[i];
}

struct figures {
	uint64_t now, busy_us, codes[CODE_WORDS];
	struct times took, each[CODE_WORDS];
	struct sizes groups;
};

#define AT(member) offsetof(struct figures, member)
static const struct metric_row now = { "parley_now", METRIC_GAUGE, AT(now),
				       NULL,         NULL,         1,
				       "open now" };
static const struct metric_row busy = { "parley_busy_seconds_total",
					METRIC_SECONDS,
					AT(busy_us),
					NULL,
					NULL,
					1,
					"busy" };
static const struct metric_row codes = {
	"parley_codes_total", METRIC_COUNTER, AT(codes), "code", CODE_word,
	CODE_WORDS,           "by code"
};
static const struct metric_row took = {
	"parley_took_seconds", METRIC_TIMES, AT(took), NULL, NULL, 1, "took"
};
static const struct metric_row each = { "parley_each_seconds",
					METRIC_TIMES,
					AT(each),
					"code",
					CODE_word,
					CODE_WORDS,
					"each" };
static const struct metric_row groups = {
	"parley_groups", METRIC_SIZES, AT(groups), NULL, NULL, 1, "groups"
};

/* What a row prints, valid until the next call. */
static const char *
text_of(const struct metric_row *row, const struct figures *figures,
	const char *daemon)
{
	static struct buffer text;

	buffer_clear(&text);
	CHECK_INT(metric_print_samples(row, figures, daemon, &text), 0);
	CHECK_INT(buffer_append(&text, "", 1), 0);
	return (const char *)text.bytes;
}

static void
number_is_a_line_with_its_daemon(void)
{
	const struct figures figures = { .now = UINT64_MAX };

	CHECK_STR(text_of(&now, &figures, "gateway.2"),
		  "parley_now{daemon=\"gateway.2\"} 18446744073709551615\n");
	CHECK_STR(text_of(&now, &figures, "a\"b"),
		  "parley_now{daemon=\"a\\\"b\"} 18446744073709551615\n");
}

static void
microseconds_are_told_as_seconds(void)
{
	static const struct {
		uint64_t us;
		const char *line;
	} cases[] = {
		{ 0, "parley_busy_seconds_total{daemon=\"d\"} 0\n" },
		{ 1, "parley_busy_seconds_total{daemon=\"d\"} 0.000001\n" },
		{ 1500000, "parley_busy_seconds_total{daemon=\"d\"} 1.5\n" },
		{ 20000000, "parley_busy_seconds_total{daemon=\"d\"} 20\n" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct figures figures = { .busy_us = cases[i].us };

		CHECK_STR(text_of(&busy, &figures, "d"), cases[i].line);
	}
}

static void
words_are_escaped_and_gaps_left_out(void)
{
	const struct figures figures = { .codes = { 1, 2, 3 } };

	CHECK_STR(text_of(&codes, &figures, "d"),
		  "parley_codes_total{daemon=\"d\",code=\"1000\"} 1\n"
		  "parley_codes_total{daemon=\"d\",code=\"a\\\"b\\\\c\\nd\"} "
		  "3\n");
}

static void
help_is_escaped(void)
{
	struct buffer text = { 0 };

	CHECK_INT(metric_print_head("parley_x", "gauge", "a\\b\n\"c\"", &text),
		  0);
	CHECK_INT(buffer_append(&text, "", 1), 0);
	CHECK_STR((char *)text.bytes, "# HELP parley_x a\\\\b\\n\"c\"\n"
				      "# TYPE parley_x gauge\n");
	buffer_fini(&text);
}

static void
buckets_count_all_below_their_bound(void)
{
	struct figures figures = { 0 };
	const char *text;

	times_add(&figures.took, 0);
	times_add(&figures.took, 100);
	times_add(&figures.took, 101);
	times_add(&figures.took, 10000000);
	times_add(&figures.took, 10000001);
	text = text_of(&took, &figures, "d");
#define HAS(line) CHECK(strstr(text, line) != NULL)
	HAS("parley_took_seconds_bucket{daemon=\"d\",le=\"0.0001\"} 2\n");
	HAS("parley_took_seconds_bucket{daemon=\"d\",le=\"0.00025\"} 3\n");
	HAS("parley_took_seconds_bucket{daemon=\"d\",le=\"5\"} 3\n");
	HAS("parley_took_seconds_bucket{daemon=\"d\",le=\"10\"} 4\n");
	HAS("parley_took_seconds_bucket{daemon=\"d\",le=\"+Inf\"} 5\n");
	HAS("parley_took_seconds_sum{daemon=\"d\"} 20.000202\n");
	HAS("parley_took_seconds_count{daemon=\"d\"} 5\n");
}

static void
sizes_have_bounds_of_their_own(void)
{
	struct figures figures = { 0 };
	const char *text;

	sizes_add(&figures.groups, 0);
	sizes_add(&figures.groups, 3);
	sizes_add(&figures.groups, 1000000);
	text = text_of(&groups, &figures, "d");
	HAS("parley_groups_bucket{daemon=\"d\",le=\"0\"} 1\n");
	HAS("parley_groups_bucket{daemon=\"d\",le=\"2\"} 1\n");
	HAS("parley_groups_bucket{daemon=\"d\",le=\"5\"} 2\n");
	HAS("parley_groups_bucket{daemon=\"d\",le=\"50000\"} 2\n");
	HAS("parley_groups_bucket{daemon=\"d\",le=\"+Inf\"} 3\n");
	HAS("parley_groups_sum{daemon=\"d\"} 1000003\n");
}

static void
of_several_histograms_empty_ones_are_left_out(void)
{
	struct figures figures = { 0 };
	const char *text;

	CHECK_STR(text_of(&each, &figures, "d"), "");
	times_add(&figures.each[0], 7);
	text = text_of(&each, &figures, "d");
	HAS("parley_each_seconds_count{daemon=\"d\",code=\"1000\"} 1\n");
	CHECK(strstr(text, "code=\"a") == NULL);
	CHECK(strstr(text_of(&took, &figures, "d"), "_count") != NULL);
}

int
main(void)
{
	RUN(number_is_a_line_with_its_daemon);
	RUN(microseconds_are_told_as_seconds);
	RUN(words_are_escaped_and_gaps_left_out);
	RUN(help_is_escaped);
	RUN(buckets_count_all_below_their_bound);
	RUN(sizes_have_bounds_of_their_own);
	RUN(of_several_histograms_empty_ones_are_left_out);
	return check_done();
}
