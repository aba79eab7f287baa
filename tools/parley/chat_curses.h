/* SPDX-License-Identifier: MIT */
/* tools/parley/chat_curses.h - ncurses with wide characters, and the keys that
 * we define beside its own. For the files that touch the terminal.
 */
#ifndef PARLEY_TOOLS_PARLEY_CHAT_CURSES_H
#define PARLEY_TOOLS_PARLEY_CHAT_CURSES_H

#include "tools/client/terminal_curses.h"

/* What a terminal sends around pasted text. */
#define KEY_PASTE_BEGIN (KEY_MAX + 1)
#define KEY_PASTE_END   (KEY_MAX + 2)

#define SIDE_FROM 76 /* columns, from which on there is a side */

#endif
