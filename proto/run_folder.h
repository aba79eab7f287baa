/* SPDX-License-Identifier: MIT */
/* proto/run_folder.h - where the daemons' sockets are: in the folder `run` of
 * what is kept, unless another one is set.
 */
#ifndef PARLEY_PROTO_RUN_FOLDER_H
#define PARLEY_PROTO_RUN_FOLDER_H

#include <limits.h>

/* Leaves *run alone if it is set (neither NULL nor empty); otherwise writes
 * DATA/run to `into` and points there. 0, or -1 with errno ENAMETOOLONG. */
int run_folder_choose(const char **run, const char *data, char into[PATH_MAX]);

#endif
