/* SPDX-License-Identifier: MIT */
/* tools/client/terminal_curses.h - ncurses with wide characters. For the files
 * that touch the terminal.
 */
#ifndef PARLEY_TOOLS_CLIENT_TERMINAL_CURSES_H
#define PARLEY_TOOLS_CLIENT_TERMINAL_CURSES_H

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

#endif
