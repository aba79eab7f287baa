/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/password.h - a password or secret from somebody who types it,
 * from a pipe, or made here. It is never an argument: others could read that.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_PASSWORD_H
#define PARLEY_TOOLS_PARLEYCTL_PASSWORD_H

#include "tools/parleyctl/ctl.h"

#define PASSWORD_ROOM 1026

/* Reads one: with --generate it is made; on a terminal it is asked for twice,
 * without echo; otherwise it is the first line of stdin. 0, or an exit status
 * after a line on stderr. */
int password_get(struct call *call, char into[PASSWORD_ROOM]);

/* Reads a secret that was made elsewhere: on a terminal it is asked for once,
 * without echo; otherwise it is the first line of stdin. The same results. */
int password_get_secret(struct call *call, char into[PASSWORD_ROOM]);

/* Prints one that was made; nothing otherwise. */
void password_show(const struct call *call, const char *password);

#endif
