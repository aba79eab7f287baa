/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_curses.h - ncurses with wide characters, and the keys that
 * we define beside its own. For the two files that touch the terminal.
 */
#ifndef PARLEY_TOOLS_PARLEY_CHAT_CURSES_H
#define PARLEY_TOOLS_PARLEY_CHAT_CURSES_H

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

/* What a terminal sends around pasted text. */
#define KEY_PASTE_BEGIN (KEY_MAX + 1)
#define KEY_PASTE_END   (KEY_MAX + 2)

#endif
