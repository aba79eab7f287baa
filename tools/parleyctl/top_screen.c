/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/top_screen.c - `top` on a terminal: draws what view.c says,
 * hears keys and signals.
 */
#include "tools/parleyctl/top.h"

#include "tools/client/terminal.h"
#include "tools/client/terminal_curses.h"
#include "tools/parleyctl/ask.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define CTRL(c) ((c)&0x1f)

#define PAIR_ALARM 1

/* --- Drawing */

static attr_t
attributes_of_alarm(void)
{
	return A_BOLD | (terminal_has_colours() ? (attr_t)COLOR_PAIR(PAIR_ALARM)
						: A_NORMAL);
}

static attr_t
attributes_of(enum tone tone)
{
	switch (tone) {
	case TONE_TITLE:
		return A_REVERSE;
	case TONE_HEADING:
		return A_REVERSE | A_DIM;
	case TONE_ALARM:
		return attributes_of_alarm();
	case TONE_ALARM_TITLE:
		return attributes_of_alarm() | A_REVERSE;
	default:
		return A_NORMAL;
	}
}

/* The bytes at the front that take so many columns. */
static int
bytes_of(const char *text, size_t columns)
{
	const char *at = text;

	while (*at != '\0') {
		if (((unsigned char)*at & 0xc0) != 0x80 && columns-- == 0)
			break;
		at++;
	}
	return (int)(at - text);
}

static void
put(int y, size_t from, size_t to, const char *text, attr_t attributes)
{
	int begin = bytes_of(text, from), end = bytes_of(text, to);

	(void)attrset((int)attributes);
	if (from < (size_t)COLS && end > begin)
		(void)mvaddnstr(y, (int)from, text + begin, end - begin);
	(void)attrset(A_NORMAL);
}

static void
draw_line(int y, const struct view_line *line)
{
	attr_t attributes = attributes_of(line->tone);
	size_t width = (size_t)COLS;

	if ((attributes & A_REVERSE) != 0) {
		(void)attrset((int)attributes);
		(void)mvhline(y, 0, ' ' | attributes, COLS);
	}
	put(y, line->label, width, line->text, attributes);
	if (line->label > 0)
		put(y, 0, line->label < width ? line->label : width, line->text,
		    A_DIM);
	if (line->mark_end > line->mark && line->mark_end <= width)
		put(y, line->mark, line->mark_end, line->text,
		    A_REVERSE | A_BOLD);
}

static void
build(struct top *top)
{
	struct look look = {
		.before = top->before.n > 0 ? &top->before : NULL,
		.now = &top->now,
		.history = &top->history,
		.where = top->call->settings->run,
		.interval = top->interval,
		.sort = top->sort,
		.width = (size_t)COLS,
		.height = (size_t)LINES,
		.is_paused = top->is_paused,
		.has_utf8 = terminal_has_utf8(),
	};

	if (top->is_help)
		view_help(&top->view, look.width);
	else
		view_build(&top->view, &look);
}

/* The last line is for what there is to press, where there is room. */
void
top_screen_draw(struct top *top)
{
	size_t rows = LINES > 0 ? (size_t)LINES : 0;

	if (!terminal_is_open() || (top->now.n == 0 && !top->is_help))
		return;
	build(top);
	(void)erase();
	for (size_t i = 0; i < top->view.n && i < rows; i++)
		draw_line((int)i, &top->view.lines[i]);
	if (top->view.n + 1 < rows)
		put((int)rows - 1, 0, (size_t)COLS,
		    top->is_help ? " any key goes back"
				 : " q quit   p pause   s sort   ? help",
		    A_DIM);
	(void)refresh();
}

/* --- Keys */

static void
sort_by(struct top *top, bool is_next)
{
	size_t n = 0;

	while (view_sort_name(n) != NULL)
		n++;
	top->sort = (top->sort + (is_next ? 1 : n - 1)) % n;
	top_screen_draw(top);
}

/* What has passed meanwhile is no interval: it begins anew. */
static void
pause_or_go_on(struct top *top)
{
	top->is_paused = !top->is_paused;
	if (top->is_paused) {
		loop_timer_clear(top->loop, &top->timer);
		top_screen_draw(top);
		return;
	}
	top_look(top);
}

static void
show_help(struct top *top, bool is_help)
{
	top->is_help = is_help;
	top_screen_draw(top);
}

static void
suspend(struct top *top)
{
	terminal_close();
	terminal_stop();
	(void)terminal_renew();
	top_screen_draw(top);
}

static void
press(struct top *top, int key)
{
	if (top->is_help && key != 'q' && key != CTRL('c')) {
		show_help(top, false);
		return;
	}
	switch (key) {
	case 'q':
	case 'Q':
	case CTRL('c'):
	case CTRL('d'):
		top_quit(top);
		break;
	case CTRL('z'):
		suspend(top);
		break;
	case 'p':
	case ' ':
		pause_or_go_on(top);
		break;
	case 's':
	case KEY_RIGHT:
		sort_by(top, true);
		break;
	case KEY_LEFT:
		sort_by(top, false);
		break;
	case '?':
	case 'h':
		show_help(top, true);
		break;
	default:
		break;
	}
}

/* --- What comes */

static void
on_input(void *self, uint32_t events)
{
	struct top *top = self;
	int key;

	if ((events & EPOLLIN) == 0) { /* the terminal is gone */
		top_quit(top);
		return;
	}
	while (terminal_is_open() && (key = getch()) != ERR)
		press(top, key);
}

static void
on_signal(void *self, uint32_t events)
{
	struct top *top = self;
	struct signalfd_siginfo info;

	(void)events;
	if (read(top->signals.fd, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGWINCH) {
		(void)terminal_renew();
		top_screen_draw(top);
	} else if (info.ssi_signo == SIGTSTP) {
		suspend(top);
	} else {
		top->died_of = (int)info.ssi_signo;
		top_quit(top);
	}
}

/* --- Begin and end */

static void
choose_colours(void)
{
	if (!terminal_has_colours())
		return;
	(void)init_pair(PAIR_ALARM, COLOR_RED, -1);
}

static int
watch(struct top *top)
{
	top->signals = (struct loop_watch){ .fd = terminal_watch_signals(),
					    .on_ready = on_signal,
					    .self = top };
	top->input = (struct loop_watch){ .fd = STDIN_FILENO,
					  .on_ready = on_input,
					  .self = top };
	if (top->signals.fd < 0 ||
	    loop_watch(top->loop, &top->signals, EPOLLIN) != 0 ||
	    loop_watch(top->loop, &top->input, EPOLLIN) != 0)
		return fail(top->call, "%s", strerror(errno));
	return 0;
}

int
top_screen_open(struct top *top)
{
	int status = watch(top);

	if (status != 0)
		return status;
	if (terminal_open() != 0)
		return wrong_usage(top->call,
				   "this terminal (TERM) is not known");
	(void)curs_set(0);
	choose_colours();
	return 0;
}

void
top_screen_close(struct top *top)
{
	(void)curs_set(1);
	terminal_close();
	close(top->signals.fd);
}
