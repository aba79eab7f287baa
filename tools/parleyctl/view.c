/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/view.c - the upper part of `top`: what all daemons together
 * do, a line for each concern. The table of daemons is in view_table.c.
 */
#include "tools/parleyctl/view_internal.h"

#include "tools/parleyctl/amounts.h"

#include <math.h>
#include <stdarg.h>
#include <time.h>

/* Lines beside the daemons. With fewer there are no empty ones, and no bars;
 * with still fewer, what matters most: the daemons are never crowded out. */
#define ROOMY_LINES 13
#define PLAIN_LINES 9

/* A line has room for so many, of three bytes each. */
#define BARS_MAX 300

#define DELIVERIES "parley_gateway_deliveries_total"

/* --- Lines */

struct view_line *
view_line(struct view *view, enum tone tone)
{
	struct view_line *line =
	    &view->lines[view->n < VIEW_LINES ? view->n++ : VIEW_LINES - 1];

	*line = (struct view_line){ .tone = tone };
	return line;
}

void
view_append(struct view_line *line, const char *format, ...)
{
	size_t n = strlen(line->text);
	va_list args;

	va_start(args, format);
	vsnprintf(line->text + n, sizeof line->text - n, format, args);
	va_end(args);
}

/* A line that begins with its name. */
static struct view_line *
add_labelled(struct view *view, const char *label)
{
	struct view_line *line = view_line(view, TONE_PLAIN);

	view_append(line, " %-17s ", label);
	line->label = strlen(line->text);
	return line;
}

/* --- Parts of lines */

static void
append_rate(struct view_line *line, const struct look *look, const char *what,
	    const char *metric)
{
	char amount[AMOUNT_BYTES];
	double rate =
	    look->before == NULL
		? NAN
		: survey_rate(look->before, look->now, GATEWAY, metric);

	view_append(line, "%s %s/s   ", what, amount_rate(amount, rate));
}

static void
append_sum(struct view_line *line, const struct look *look, enum party kind,
	   const char *what, const char *metric)
{
	char amount[AMOUNT_BYTES];

	view_append(
	    line, "%s %s   ", what,
	    amount_count(amount, survey_sum(look->now, kind, metric, NULL)));
}

/* Of what was measured since the look before; nothing, where there was none. */
static void
find_recent(const struct look *look, enum party kind, const char *metric,
	    struct distribution *into)
{
	*into = (struct distribution){ 0 };
	if (look->before != NULL)
		survey_distribution(look->before, look->now, kind, metric,
				    into);
}

static void
append_percentiles(struct view_line *line, const struct distribution *d)
{
	char half[AMOUNT_BYTES], most[AMOUNT_BYTES];

	view_append(line, "p50 %-9s p99 %-9s ",
		    amount_delay(half, distribution_percentile(d, 0.5)),
		    amount_delay(most, distribution_percentile(d, 0.99)));
}

/* --- The lines */

static void
add_title(struct view *view, const struct look *look)
{
	size_t up = survey_count(look->now, ANY, true);
	size_t all = survey_count(look->now, ANY, false);
	struct view_line *line =
	    view_line(view, up == all ? TONE_TITLE : TONE_ALARM_TITLE);
	time_t at = (time_t)look->now->at;
	char right[80], when[16] = "";
	struct tm local;
	int room;

	if (localtime_r(&at, &local) != NULL)
		strftime(when, sizeof when, "%H:%M:%S", &local);
	snprintf(right, sizeof right, "%zu of %zu up  %s  %s", up, all, when,
		 look->is_paused ? "PAUSED" : "");
	if (!look->is_paused)
		snprintf(right + strlen(right), sizeof right - strlen(right),
			 "every %g s ", look->interval);
	room = (int)look->width - (int)strlen(right) - 11;
	view_append(line, " parley  %-*.*s  %s", room > 0 ? room : 0,
		    room > 0 ? room : 0, look->where, right);
}

static void
add_websockets(struct view *view, const struct look *look)
{
	static const char metric[] = "parley_gateway_websockets";
	struct view_line *line = add_labelled(view, "websockets");
	const struct surveyed *gateway = NULL;
	char amount[AMOUNT_BYTES];

	view_append(
	    line, "%s   ",
	    amount_count(amount, survey_sum(look->now, GATEWAY, metric, NULL)));
	for (size_t i = 0; i < look->now->n && gateway == NULL; i++)
		if (look->now->daemons[i].kind == GATEWAY &&
		    look->now->daemons[i].state == DAEMON_UP)
			gateway = &look->now->daemons[i];
	for (size_t i = 0; gateway != NULL && i < gateway->samples.n; i++) {
		const struct sample *row = &gateway->samples.rows[i];
		double n;

		if (strcmp(row->name, metric) != 0)
			continue;
		n = survey_sum(look->now, GATEWAY, metric, row->word);
		if (n > 0)
			view_append(line, "%s %s  ", row->word,
				    amount_count(amount, n));
	}
}

static void
add_traffic(struct view *view, const struct look *look)
{
	struct view_line *line = add_labelled(view, "messages");

	append_rate(line, look, "in", "parley_gateway_messages_received_total");
	append_rate(line, look, "out", DELIVERIES);
	append_rate(line, look, "posts", "parley_gateway_posts_total");
	append_rate(line, look, "HTTP", "parley_gateway_http_requests_total");
}

/* Each value as one of these, by its part of the highest. */
static const char *const blocks[] = { " ",      "\u2581", "\u2582",
				      "\u2583", "\u2584", "\u2585",
				      "\u2586", "\u2587", "\u2588" };
static const char *const signs[] = {
	" ", ".", ":", "-", "=", "+", "*", "%", "#"
};

static void
add_bars(struct view *view, const struct look *look)
{
	const struct history *h = look->history;
	struct view_line *line = add_labelled(view, "out, lately");
	size_t room = look->width > 44 ? look->width - 44 : 0;
	size_t most_bars = room < BARS_MAX ? room : BARS_MAX;
	size_t from = h->n > most_bars ? h->n - most_bars : 0;
	char amount[AMOUNT_BYTES];
	double most = 0;

	for (size_t i = from; i < h->n; i++)
		most = fmax(most, h->values[i]); /* passes over NAN */
	for (size_t i = from; i < h->n; i++) {
		double part = h->values[i] / most * 8;
		size_t bar = most > 0 && part > 0 ? (size_t)ceil(part) : 0;

		view_append(line, "%s",
			    look->has_utf8 ? blocks[bar] : signs[bar]);
	}
	if (most > 0)
		view_append(line, "  at most %s/s", amount_rate(amount, most));
}

static void
add_delay(struct view *view, const struct look *look, const char *label,
	  const char *metric)
{
	struct distribution d;

	find_recent(look, GATEWAY, metric, &d);
	append_percentiles(add_labelled(view, label), &d);
}

static void
add_store(struct view *view, const struct look *look)
{
	struct view_line *line = add_labelled(view, "commits");
	struct distribution d;
	char amount[AMOUNT_BYTES];
	double rate = look->before == NULL
			  ? NAN
			  : survey_rate(look->before, look->now, STORE,
					"parley_store_commits_total");

	find_recent(look, STORE, "parley_store_commit_seconds", &d);
	append_percentiles(line, &d);
	view_append(line, "%s/s", amount_rate(amount, rate));
	find_recent(look, STORE, "parley_store_group_writes", &d);
	view_append(line, " of %s writes  ",
		    amount_count(amount, distribution_mean(&d)));
	view_append(
	    line, "%s kept",
	    amount_count(amount, survey_sum(look->now, STORE,
					    "parley_store_messages", NULL)));
}

static void
add_waiting(struct view *view, const struct look *look)
{
	struct view_line *line = add_labelled(view, "waiting");
	char amount[AMOUNT_BYTES];

	append_sum(line, look, ROUTER, "writes", "parley_router_waiting");
	append_sum(line, look, AUTH, "hashes", "parley_auth_hashing");
	append_sum(line, look, GATEWAY, "paused", "parley_gateway_paused");
	view_append(
	    line, "to clients %s",
	    amount_bytes(amount,
			 survey_sum(look->now, GATEWAY,
				    "parley_gateway_outbox_bytes", NULL)));
}

/* What an operator must not overlook; nothing on other days. */
static void
add_troubles(struct view *view, const struct look *look)
{
	if (survey_sum(look->now, STORE, "parley_store_writes_failing", NULL) >
	    0)
		view_append(view_line(view, TONE_ALARM),
			    " the store cannot write: is the disk full?");
}

double
view_rate(const struct survey *before, const struct survey *now)
{
	return survey_rate(before, now, GATEWAY, DELIVERIES);
}

void
history_add(struct history *history, double value)
{
	if (history->n == HISTORY_VALUES)
		memmove(history->values, history->values + 1,
			--history->n * sizeof *history->values);
	history->values[history->n++] = value;
}

void
view_build(struct view *view, const struct look *look)
{
	bool is_roomy = look->height >= look->now->n + ROOMY_LINES;
	bool is_plain = look->height >= look->now->n + PLAIN_LINES;

	view->n = 0;
	add_title(view, look);
	if (is_roomy)
		view_line(view, TONE_PLAIN);
	add_troubles(view, look);
	if (is_plain)
		add_websockets(view, look);
	add_traffic(view, look);
	if (is_roomy && look->history != NULL)
		add_bars(view, look);
	add_delay(view, look, "post to ack", "parley_gateway_post_ack_seconds");
	if (is_plain) {
		add_delay(view, look, "post to delivery",
			  "parley_gateway_delivery_seconds");
		add_store(view, look);
		add_waiting(view, look);
	}
	if (is_roomy)
		view_line(view, TONE_PLAIN);
	view_table(view, look);
}

/* --- Help */

#define HELP_INDENT 13

/* Adds `text` as lines of up to `width` columns, broken at blanks; `left`
 * stands before the first. */
static void
add_wrapped(struct view *view, size_t width, const char *left, const char *text)
{
	size_t indent = *left == '\0' ? 1 : HELP_INDENT;
	size_t column = indent;
	struct view_line *line = view_line(view, TONE_PLAIN);

	view_append(line, " %-*s", (int)indent - 1, left);
	while (*text != '\0') {
		size_t n = strcspn(text, " ");
		bool is_first = column == indent;

		if (!is_first && column + 1 + n > width) {
			line = view_line(view, TONE_PLAIN);
			view_append(line, "%*s", (int)indent, "");
			column = indent;
			is_first = true;
		}
		view_append(line, "%s%.*s", is_first ? "" : " ", (int)n, text);
		column += n + !is_first;
		text += n + (text[n] == ' ');
	}
}

void
view_help(struct view *view, size_t width)
{
	static const struct {
		const char *left, *text;
	} lines[] = {
		{ "", "" },
		{ "q", "ends it" },
		{ "p, blank", "holds the figures, and lets them go on" },
		{ "s, right",
		  "sorts by the next column; left: by the one before" },
		{ "?", "this page; any key leaves it" },
		{ "", "" },
		{ "", "Rates and percentiles are those of the last interval, "
		      "all else is as it is now. '-' is not known: the daemon "
		      "has just begun, or nothing was measured." },
		{ "", "" },
		{ "hung", "its process is there and does not answer" },
		{ "away", "no process of it can be seen from here" },
	};

	view->n = 0;
	view_append(view_line(view, TONE_TITLE), " parleyctl top");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		add_wrapped(view, width, lines[i].left, lines[i].text);
}
