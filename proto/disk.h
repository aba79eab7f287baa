/* SPDX-License-Identifier: MIT */
/* proto/disk.h - whether a disk has room for what a daemon needs to begin.
 *
 * A database that cannot be opened says "I/O error" for a full disk as for a
 * broken one; the one passes, the other does not.
 */
#ifndef PARLEY_DISK_H
#define PARLEY_DISK_H

#include <stdbool.h>

/* What a daemon's start() returns where a later try may succeed; daemon_main()
 * then ends with DISK_STATUS (EX_TEMPFAIL of sysexits.h). */
#define DISK_FULL   (-2)
#define DISK_STATUS 75

/* To be asked when the database at `path` could not be opened: DISK_FULL after
 * a log line if its disk has no room, else -1. */
int disk_judge(const char *path);

#endif
