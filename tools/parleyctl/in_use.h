/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/in_use.h - whether daemons run on a data folder, and keeping
 * them away while it changes.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_IN_USE_H
#define PARLEY_TOOLS_PARLEYCTL_IN_USE_H

#include "tools/parleyctl/files.h"

#define LOCKS_MAX 4

struct in_use {
	int fds[LOCKS_MAX];
	char paths[LOCKS_MAX][PATH_MAX];
	size_t n;
};

/* Takes the locks of the daemons that own databases, in the folders of sockets
 * that belong to the data, and looks whether somebody has the databases open.
 * 0, with locks until in_use_end(); or an exit status after a line on stderr
 * that says who it is. */
int in_use_begin(struct call *call, const struct files *files,
		 struct in_use *locks);
void in_use_end(struct in_use *locks);

#endif
