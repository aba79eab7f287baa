/* SPDX-License-Identifier: MIT */
/* tests/unit/parleyctl/view_test.c - numbers for people, and what `top` makes
 * of two surveys: which rows, in which order, in how much room.
 */
#include "tools/parleyctl/amounts.h"
#include "tools/parleyctl/view.h"

#include "tests/unit/check.h"

#include <math.h>

/* --- Numbers */

static void
numbers_are_short_and_have_units(void)
{
	char text[AMOUNT_BYTES];

	CHECK_STR(amount_count(text, 0), "0");
	CHECK_STR(amount_count(text, 999), "999");
	CHECK_STR(amount_count(text, 1000), "1,000");
	CHECK_STR(amount_count(text, 1234567), "1,234,567");
	CHECK_STR(amount_count(text, 2.5), "2.5");
	CHECK_STR(amount_count(text, 1e30), "999,999,999,999,999");
	CHECK_STR(amount_count(text, NAN), "-");
	CHECK_STR(amount_rate(text, 0), "0");
	CHECK_STR(amount_rate(text, 3), "3.0");
	CHECK_STR(amount_rate(text, 1234.5), "1,234");
	CHECK_STR(amount_bytes(text, 640), "640 B");
	CHECK_STR(amount_bytes(text, 1024), "1.0 KiB");
	CHECK_STR(amount_bytes(text, 1048575), "1.0 MiB");
	CHECK_STR(amount_bytes(text, 25270681), "24.1 MiB");
	CHECK_STR(amount_delay(text, 0.00025), "0.25 ms");
	CHECK_STR(amount_delay(text, 0.0123), "12.3 ms");
	CHECK_STR(amount_delay(text, 0.9994), "999 ms");
	CHECK_STR(amount_delay(text, 1.25), "1.25 s");
	CHECK_STR(amount_age(text, 59.9), "59s");
	CHECK_STR(amount_age(text, 184), "3m 4s");
	CHECK_STR(amount_age(text, 5 * 3600 + 6 * 60), "5h 6m");
	CHECK_STR(amount_age(text, 7 * 86400 + 8 * 3600), "7d 8h");
	CHECK_STR(amount_age(text, -1), "-");
	CHECK_STR(amount_percent(text, 3.21), "3.2%");
	CHECK_STR(amount_percent(text, 187.4), "187%");
}

/* --- Views */

static struct survey before, now;
static struct history history;
static struct view view;
static struct look look;

static void
tell(struct survey *survey, const char *name, enum party kind, unsigned started,
     unsigned cpu_s, unsigned memory, unsigned out)
{
	struct surveyed *daemon = survey_add(survey, slice_of(name), kind);
	char text[1024];

	snprintf(text, sizeof text,
		 "parley_process_start_time_seconds{daemon=\"x\"} %u\n"
		 "parley_restarts_total{daemon=\"x\"} 0\n"
		 "parley_process_cpu_seconds_total{daemon=\"x\"} %u\n"
		 "parley_process_resident_memory_bytes{daemon=\"x\"} %u\n"
		 "parley_gateway_deliveries_total{daemon=\"x\",dialect=\"hub\"}"
		 " %u\n",
		 started, cpu_s, memory, out);
	daemon->state = DAEMON_UP;
	daemon->heard_us = (uint64_t)(survey->at * 1e6);
	CHECK_INT(samples_add(&daemon->samples, slice_of(text)), 0);
}

/* A gateway at half a core, a router at rest, a store that has begun anew. */
static void
look_twice(void)
{
	survey_fini(&before);
	survey_fini(&now);
	before.at = 1000;
	now.at = 1002;
	tell(&before, "gateway", GATEWAY, 100, 10, 2048, 50);
	tell(&before, "router", ROUTER, 100, 10, 4096, 0);
	tell(&before, "store", STORE, 100, 10, 1024, 0);
	tell(&now, "gateway", GATEWAY, 100, 11, 2048, 2050);
	tell(&now, "router", ROUTER, 100, 10, 4096, 0);
	tell(&now, "store", STORE, 1001, 50, 1024, 0);
	survey_add(&now, slice_of("auth"), AUTH)->state = DAEMON_HUNG;
	look = (struct look){
		.before = &before,
		.now = &now,
		.where = "/run/parley",
		.interval = 2,
		.width = 80,
		.height = 40,
	};
}

static const struct view_line *
find(const char *text)
{
	for (size_t i = 0; i < view.n; i++)
		if (strstr(view.lines[i].text, text) != NULL)
			return &view.lines[i];
	return NULL;
}

static bool
has(const char *line, const char *text)
{
	const struct view_line *found = find(line);

	return found != NULL && strstr(found->text, text) != NULL;
}

/* Where a line stands; view.n: nowhere. */
static size_t
place_of(const char *text)
{
	const struct view_line *found = find(text);

	return found == NULL ? view.n : (size_t)(found - view.lines);
}

static void
rates_are_of_the_interval(void)
{
	look_twice();
	view_build(&view, &look);
	CHECK(has(" parley  /run/parley", "3 of 4 up"));
	CHECK(has(" parley  /run/parley", "every 2 s"));
	CHECK(has(" messages ", "out 1,000/s"));
	CHECK(has(" gateway ", "50%"));
	CHECK(has(" router ", "0.0%"));
	CHECK(view_rate(&before, &now) == 1000);
}

static void
what_began_anew_has_no_rates(void)
{
	look_twice();
	view_build(&view, &look);
	CHECK(has(" store ", " - "));
	CHECK(!has(" store ", "%"));
	CHECK(has(" store ", "1.0 KiB"));
	look.before = NULL;
	view_build(&view, &look);
	CHECK(!has(" gateway ", "%"));
	CHECK(has(" messages ", "out -/s"));
}

static void
who_hangs_stands_out(void)
{
	look_twice();
	view_build(&view, &look);
	CHECK(has(" auth ", "hung"));
	CHECK_INT(find(" auth ")->tone, TONE_ALARM);
	CHECK_INT(view.lines[0].tone, TONE_ALARM_TITLE);
}

static void
rows_are_sorted_by_what_is_highest(void)
{
	static const struct {
		const char *by;
		const char *names[4];
	} cases[] = {
		{ "name", { " gateway ", " router ", " store ", " auth " } },
		{ "state", { " auth ", " gateway ", " router ", " store " } },
		{ "memory", { " router ", " gateway ", " store ", " auth " } },
		{ "cpu", { " gateway ", " router ", " store ", " auth " } },
	};

	look_twice();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		look.sort = 0;
		while (strcmp(view_sort_name(look.sort), cases[i].by) != 0)
			look.sort++;
		view_build(&view, &look);
		for (size_t k = 0; k + 1 < 4; k++)
			CHECK(place_of(cases[i].names[k]) <
			      place_of(cases[i].names[k + 1]));
	}
}

static void
every_line_fits_where_there_is_room(void)
{
	look_twice();
	for (look.width = 20; look.width <= 120; look.width++) {
		view_build(&view, &look);
		for (size_t i = place_of(" DAEMON"); i < view.n; i++)
			CHECK(strlen(view.lines[i].text) <= look.width ||
			      look.width < 24);
	}
	CHECK(find("DAEMON") != NULL);
	look.width = 80;
	look.height = 8;
	view_build(&view, &look);
	CHECK_INT(view.n, 8); /* title, two lines, heading, four daemons */
	CHECK(find("commits") == NULL);
}

static void
bars_are_as_high_as_their_part_of_the_highest(void)
{
	look_twice();
	history.n = 0;
	history_add(&history, 0);
	history_add(&history, 500);
	history_add(&history, NAN);
	history_add(&history, 1000);
	look.history = &history;
	view_build(&view, &look);
	CHECK(has("out, lately", "  = #  at most 1,000/s"));
	look.has_utf8 = true;
	view_build(&view, &look);
	CHECK(has("out, lately", " \u2584 \u2588  at most"));
	for (int i = 0; i < 2 * HISTORY_VALUES; i++)
		history_add(&history, i);
	CHECK_INT(history.n, HISTORY_VALUES);
	CHECK(history.values[history.n - 1] == 2 * HISTORY_VALUES - 1);
	look.width = 4096;
	view_build(&view, &look);
	CHECK(has("out, lately", "\u2588  at most 1,023/s"));
}

static void
help_is_wrapped_where_the_screen_ends(void)
{
	view_help(&view, 200);
	CHECK(has(" Rates", "nothing was measured."));
	CHECK(has(" q ", "           ends it"));
	view_help(&view, 60);
	for (size_t i = 0; i < view.n; i++)
		CHECK(strlen(view.lines[i].text) <= 60);
	CHECK(!has(" Rates", "else"));
	view_help(&view, 30);
	CHECK(has(" s, right", "sorts by the"));
	CHECK(has("             the one", "before"));
	view_help(&view, 0);
	CHECK(view.n < VIEW_LINES);
}

int
main(void)
{
	RUN(numbers_are_short_and_have_units);
	RUN(rates_are_of_the_interval);
	RUN(what_began_anew_has_no_rates);
	RUN(who_hangs_stands_out);
	RUN(rows_are_sorted_by_what_is_highest);
	RUN(every_line_fits_where_there_is_room);
	RUN(bars_are_as_high_as_their_part_of_the_highest);
	RUN(help_is_wrapped_where_the_screen_ends);
	survey_fini(&before);
	survey_fini(&now);
	return check_done();
}
