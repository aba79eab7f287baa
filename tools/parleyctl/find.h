/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/find.h - who and which room a word of the command line means.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_FIND_H
#define PARLEY_TOOLS_PARLEYCTL_FIND_H

#include "proto/uuid.h"
#include "tools/parleyctl/ctl.h"

struct found_user {
	struct uuid id;
	uint64_t number;
	char name[257];
};

/* A user by name. 0, or an exit status after a line on stderr. */
int find_user(struct call *call, const char *name, struct found_user *user);

/* A room by its id or name. The same results. */
int find_room(struct call *call, const char *word, struct uuid *room);

#endif
