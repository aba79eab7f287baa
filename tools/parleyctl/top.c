/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/top.c - `parleyctl top`: a survey each interval, shown with
 * what has changed since the one before; on a screen of its own, or as text
 * where there is no terminal or a number of looks is asked for.
 */
#include "tools/parleyctl/top.h"

#include "tools/client/terminal.h"
#include "tools/parleyctl/ask.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define INTERVAL_MIN 0.2
#define INTERVAL_MAX 3600.0
#define PIPE_WIDTH   80

/* The first figures show no rates; who looks shall not wait long for some. */
#define FIRST_INTERVAL 0.5

/* --- Looks */

void
top_quit(struct top *top)
{
	loop_stop(top->loop);
}

void
top_look(struct top *top)
{
	loop_timer_clear(top->loop, &top->timer);
	top->begun_us = loop_now_us(top->loop);
	if (surveyor_begin(top->surveyor) != 0) {
		top->status = fail(top->call, "out of memory");
		top_quit(top);
	}
}

static void
on_due(void *self)
{
	top_look(self);
}

static void
print_look(struct top *top)
{
	struct look look = {
		.before = &top->before,
		.now = &top->now,
		.where = top->call->settings->run,
		.interval = top->interval,
		.sort = top->sort,
		.width = PIPE_WIDTH,
		.height = VIEW_LINES,
	};

	view_build(&top->view, &look);
	for (size_t i = 0; i < top->view.n; i++) {
		char *text = top->view.lines[i].text;
		size_t n = strlen(text);

		while (n > 0 && text[n - 1] == ' ')
			n--;
		printf("%.*s\n", (int)n, text);
	}
	if (++top->looked != top->looks)
		putchar('\n');
	if (fflush(stdout) != 0 || top->looked == top->looks)
		top_quit(top);
}

/* From the beginning of one look to that of the next, so that one who hangs
 * does not make them rare. */
static void
set_timer(struct top *top, double interval)
{
	double passed = (double)(loop_now_us(top->loop) - top->begun_us) / 1e6;

	(void)loop_timer_set(top->loop, &top->timer,
			     (uint64_t)(fmax(interval - passed, 0) * 1000));
}

/* Rates want two surveys, so the first one is not printed. */
static void
on_survey(void *self, struct survey *survey)
{
	struct top *top = self;
	bool is_first = top->now.n == 0;

	if (top->is_paused) {
		survey_fini(survey);
		return;
	}
	survey_fini(&top->before);
	top->before = top->now;
	top->now = *survey;
	if (!is_first)
		history_add(&top->history, view_rate(&top->before, &top->now));
	if (top->is_screen)
		top_screen_draw(top);
	else if (!is_first)
		print_look(top);
	set_timer(top, top->is_screen && is_first
			   ? fmin(top->interval, FIRST_INTERVAL)
			   : top->interval);
}

/* --- Beginning and end */

static int
read_interval(struct call *call, double *interval)
{
	const char *text = call_flag(call, "interval");
	char *end;

	*interval = 1;
	if (text == NULL)
		return 0;
	*interval = strtod(text, &end);
	if (end != text && *end == '\0' && *interval >= INTERVAL_MIN &&
	    *interval <= INTERVAL_MAX)
		return 0;
	return wrong_usage(call, "--interval cannot be '%s' (0.2 to 3600)",
			   text);
}

static int
read_count(struct call *call, unsigned long *looks)
{
	const char *text = call_flag(call, "count");

	*looks = call_flag(call, "once") != NULL ? 1 : 0;
	if (text == NULL || option_number(text, 1, 1000000000, looks))
		return 0;
	return wrong_usage(call, "--count cannot be '%s'", text);
}

static int
read_sort(struct call *call, size_t *sort)
{
	const char *text = call_flag(call, "sort"), *name;

	*sort = 0;
	if (text == NULL)
		return 0;
	for (size_t i = 0; (name = view_sort_name(i)) != NULL; i++)
		if (strcmp(name, text) == 0) {
			*sort = i;
			return 0;
		}
	return wrong_usage(call, "--sort cannot be '%s'", text);
}

static int
read_flags(struct top *top, unsigned *wait_ms)
{
	int status = ask_timeout(top->call, wait_ms);

	if (status == 0)
		status = read_interval(top->call, &top->interval);
	if (status == 0)
		status = read_count(top->call, &top->looks);
	if (status == 0)
		status = read_sort(top->call, &top->sort);
	/* One that hangs shall not hold up what the others tell. */
	if (*wait_ms > 1000)
		*wait_ms = 1000;
	return status;
}

static int
run(struct top *top)
{
	int status = 0;

	top->loop = ask_loop(top->call);
	top->timer = (struct loop_timer){ .on_due = on_due, .self = top };
	if (top->is_screen)
		status = top_screen_open(top);
	if (status != 0)
		return status;
	top_look(top);
	if (top->status == 0 && loop_run(top->loop) != 0)
		top->status = fail(top->call, "%s", strerror(errno));
	loop_timer_clear(top->loop, &top->timer);
	if (top->is_screen)
		top_screen_close(top);
	return top->status;
}

int
top_show(struct call *call)
{
	struct top *top = calloc(1, sizeof *top);
	unsigned wait_ms = 0;
	int status, died_of;

	if (top == NULL)
		return fail(call, "out of memory");
	(void)setlocale(LC_CTYPE, "");
	top->call = call;
	status = read_flags(top, &wait_ms);
	top->is_screen =
	    top->looks == 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (status == 0)
		top->surveyor =
		    surveyor_new(call, ANY, wait_ms, on_survey, top, &status);
	if (status == 0)
		status = run(top);
	surveyor_free(&top->surveyor);
	survey_fini(&top->before);
	survey_fini(&top->now);
	died_of = top->died_of;
	free(top);
	if (died_of != 0)
		terminal_die_of(died_of);
	return status;
}
