/* SPDX-License-Identifier: MIT */
/* tools/client/typed.h - a line that somebody types, seen or unseen.
 *
 * Both write it into `into`, without its line break. Its length, or -1 with
 * errno: EMSGSIZE if it needs more than `room` bytes with its 0, ENODATA if
 * nothing came at all, EINTR after a signal that ends programs.
 */
#ifndef PARLEY_TOOLS_CLIENT_TYPED_H
#define PARLEY_TOOLS_CLIENT_TYPED_H

#include <stddef.h>
#include <sys/types.h>

/* Reads up to a line break or the end, and nothing of what follows. */
ssize_t typed_line(int fd, char *into, size_t room);

/* Asks at a terminal, where the answer does not appear: `prompt` goes to `out`.
 * What would end the program does so once the terminal is as it was; what would
 * stop it waits as long. */
ssize_t typed_unseen(int terminal, int out, const char *prompt, char *into,
		     size_t room);

#endif
