/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/snapshot.h - databases that daemons write meanwhile, read as
 * they are at one moment. In WAL mode a reader holds up no writer. What takes
 * long gives up where stop_wanted() says so (tools/client/stop.h).
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_SNAPSHOT_H
#define PARLEY_TOOLS_PARLEYCTL_SNAPSHOT_H

#include "tools/parleyctl/ctl.h"

#include <sqlite3.h>

/* Opens a database to read. NULL after a line on stderr. */
sqlite3 *snapshot_open(struct call *call, const char *path);

/* Copies all of the database at `path`, as it is now, to a new file. 0, or an
 * exit status after a line on stderr; then the new file may be there in part.
 */
int snapshot_copy(struct call *call, const char *path, const char *to);

/* Runs PRAGMA integrity_check on `schema` and tells each finding. Returns how
 * many there are, or -1 after a line on stderr. */
int snapshot_check(struct call *call, sqlite3 *db, const char *schema,
		   void (*tell)(void *self, const char *finding), void *self);

#endif
