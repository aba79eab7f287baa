/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/quiet.c - see quiet.h. */
#include "tools/parleyctl/quiet.h"

#include <sqlite3.h>

#define WHY "paused by a restore"

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* SQLITE_ROW if there are, SQLITE_DONE if not, or what is wrong. */
static int
look_for_hooks(sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db,
				    "SELECT 1 FROM sqlite_schema "
				    "WHERE type = 'table' AND name = 'hooks'",
				    -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	sqlite3_finalize(q);
	return rc;
}

static int
pause_all(sqlite3 *db, unsigned *paused)
{
	int rc = look_for_hooks(db);

	if (rc == SQLITE_DONE)
		return SQLITE_OK;
	if (rc == SQLITE_ROW)
		rc = run(db, "UPDATE hooks SET paused = 1, last_error = '" WHY
			     "' WHERE paused = 0");
	if (rc == SQLITE_OK)
		*paused = (unsigned)sqlite3_changes(db);
	return rc;
}

int
quiet_pause_hooks(struct call *call, const char *path, unsigned *paused)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(
	    path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	*paused = 0;
	if (rc == SQLITE_OK)
		rc = pause_all(db, paused);
	sqlite3_close(db);
	return rc == SQLITE_OK ? STATUS_FINE
			       : fail(call, "%s: hooks cannot be paused: %s",
				      path, sqlite3_errstr(rc));
}
