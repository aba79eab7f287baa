/* SPDX-License-Identifier: MIT */
/* tools/client/terminal.c - see terminal.h. */
#include "tools/client/terminal.h"

#include "tools/client/terminal_curses.h"

#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static SCREEN *screen;
static bool is_open;
static bool has_colours;

bool
terminal_has_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool
begin_colours(void)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || *no == '\0') && has_colors() &&
	       start_color() == OK && use_default_colors() == OK;
}

int
terminal_open(void)
{
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL)
		return -1;
	(void)raw();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)set_escdelay(25);
	has_colours = begin_colours();
	is_open = true;
	return 0;
}

void
terminal_close(void)
{
	if (is_open)
		(void)endwin();
	is_open = false;
}

bool
terminal_renew(void)
{
	struct winsize size;
	bool was_closed = !is_open;

	is_open = true;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0)
		(void)resizeterm(size.ws_row, size.ws_col);
	(void)clearok(stdscr, TRUE);
	return was_closed;
}

bool
terminal_is_open(void)
{
	return is_open;
}

bool
terminal_has_colours(void)
{
	return has_colours;
}

/* --- Signals */

int
terminal_watch_signals(void)
{
	static const int numbers[] = { SIGINT,  SIGTERM, SIGHUP,
				       SIGQUIT, SIGTSTP, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&set, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

void
terminal_stop(void)
{
	(void)raise(SIGSTOP);
}

void
terminal_die_of(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	signal(number, SIG_DFL);
	(void)raise(number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}
