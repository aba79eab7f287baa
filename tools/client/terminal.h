/* SPDX-License-Identifier: MIT */
/* tools/client/terminal.h - a terminal that is taken as a whole screen, and
 * given back as it was whatever ends the program. What is drawn on it is the
 * caller's business, with ncurses (terminal_curses.h).
 */
#ifndef PARLEY_TOOLS_CLIENT_TERMINAL_H
#define PARLEY_TOOLS_CLIENT_TERMINAL_H

#include <stdbool.h>

/* Whether the locale is one of UTF-8. */
bool terminal_has_utf8(void);

/* Takes it: no echo, each key at once and as a byte even with Ctrl, reading
 * does not wait. 0, or -1: it is of no known kind (TERM). */
int terminal_open(void);

/* Gives it back as it was. Calling it again is fine. */
void terminal_close(void);

/* After it got another size, or was closed for somebody else: all is to be
 * drawn again. True if it was closed. */
bool terminal_renew(void);

/* Whether it is taken. */
bool terminal_is_open(void);

/* Whether there are colours, and nobody wants none (NO_COLOR). */
bool terminal_has_colours(void);

/* Blocks the signals that end or stop a program or tell of another size, and
 * returns a descriptor to read them from (signalfd). -1 with errno. */
int terminal_watch_signals(void);

/* Stops as SIGTSTP would have stopped us; returns when we go on. */
void terminal_stop(void);

/* Ends as that signal would have ended us, had there been nothing to put in
 * order. */
void terminal_die_of(int number);

#endif
