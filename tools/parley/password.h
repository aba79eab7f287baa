/* SPDX-License-Identifier: MIT */
/* tools/parley/password.h - what is asked of a person at a terminal. */
#ifndef PARLEY_TOOLS_PARLEY_PASSWORD_H
#define PARLEY_TOOLS_PARLEY_PASSWORD_H

#include <stddef.h>

#define PASSWORD_BYTES                                                         \
	1026 /* 1,024, and one more to see that it is too long                 \
	      */
#define NAME_TYPED_BYTES 512

/* All return 0, or an exit status after a word on stderr. */

/* Asks at the terminal, whatever standard input is. */
int ask_line(const char *prompt, char *into, size_t room);

/* The same without echo. A signal in between leaves the terminal as it was. */
int ask_password(const char *prompt, char into[PASSWORD_BYTES]);

/* Reads standard input up to its first line break or its end. */
int read_password(char into[PASSWORD_BYTES]);

#endif
