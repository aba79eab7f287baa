/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/sessions.h - sessions of a user, and tokens of all. */
#ifndef PARLEY_TOOLS_PARLEYCTL_SESSIONS_H
#define PARLEY_TOOLS_PARLEYCTL_SESSIONS_H

#include "tools/parleyctl/ctl.h"

/* Prints the sessions of `user`; NULL: the tokens that were made by a tool. */
int sessions_list(struct call *call, const char *user);

/* Ends one session, or for NULL all of `user`. The user may be NULL where a
 * session is named. */
int sessions_revoke(struct call *call, const char *user, const char *session);

#endif
