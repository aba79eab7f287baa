/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/find.h - who and which room a word of the command line means.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_FIND_H
#define PARLEY_TOOLS_PARLEYCTL_FIND_H

#include "tools/client/lookup.h"
#include "tools/parleyctl/ctl.h"

/* A user by name. 0, or an exit status after a line on stderr. */
int find_user(struct call *call, const char *name, struct found_user *user);

/* A room by its id or name. The same results. */
int find_room(struct call *call, const char *word, struct uuid *room);

#endif
