/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/snapshot.c - see snapshot.h. */
#include "tools/parleyctl/snapshot.h"

#include "tools/client/stop.h"

#include <string.h>

#define BUSY_MS       5000
#define PAGES_A_STEP  2048
#define FINDINGS_MOST "100"

static sqlite3 *
open_with(struct call *call, const char *path, int flags)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(db, BUSY_MS);
		return db;
	}
	fail(call, "%s: %s", path, sqlite3_errstr(rc));
	sqlite3_close(db);
	return NULL;
}

sqlite3 *
snapshot_open(struct call *call, const char *path)
{
	return open_with(call, path, SQLITE_OPEN_READONLY);
}

/* An open transaction of the source pins what is copied: the copy need not
 * begin again when somebody writes between two steps. */
static int
copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup;
	int rc = sqlite3_exec(from, "BEGIN; SELECT count(*) FROM sqlite_schema",
			      NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	backup = sqlite3_backup_init(to, "main", from, "main");
	if (backup == NULL)
		return sqlite3_errcode(to);
	do
		rc = sqlite3_backup_step(backup, PAGES_A_STEP);
	while (rc == SQLITE_OK && !stop_wanted());
	sqlite3_backup_finish(backup);
	if (rc == SQLITE_OK)
		return SQLITE_INTERRUPT;
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The copy needs no journal: what is torn is thrown away. Behind it, the file
 * is no longer marked as one with a wal, and stands alone. */
static int
copy_between(sqlite3 *from, sqlite3 *to)
{
	int rc = sqlite3_exec(
	    to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL,
	    NULL, NULL);

	if (rc == SQLITE_OK)
		rc = copy_pages(from, to);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL,
				  NULL, NULL);
	return rc;
}

int
snapshot_copy(struct call *call, const char *path, const char *to)
{
	sqlite3 *from = snapshot_open(call, path);
	sqlite3 *copy =
	    from == NULL
		? NULL
		: open_with(call, to,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int status = STATUS_FAILED;
	int rc;

	if (copy != NULL) {
		rc = copy_between(from, copy);
		status = rc == SQLITE_OK
			     ? 0
			     : fail(call, "%s: %s", path, sqlite3_errstr(rc));
	}
	if (copy != NULL && sqlite3_close(copy) != SQLITE_OK && status == 0)
		status = fail(call, "%s: cannot be closed", to);
	sqlite3_close(from);
	return status;
}

int
snapshot_check(struct call *call, sqlite3 *db, const char *schema,
	       void (*tell)(void *self, const char *finding), void *self)
{
	char sql[80];
	sqlite3_stmt *q = NULL;
	int findings = 0;
	int rc;

	snprintf(sql, sizeof sql,
		 "PRAGMA %s.integrity_check(" FINDINGS_MOST ")", schema);
	rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);

		rc = SQLITE_OK;
		if (text == NULL || strcmp(text, "ok") == 0)
			continue;
		tell(self, text);
		findings++;
	}
	sqlite3_finalize(q);
	/* What cannot even be looked at is damaged, too. */
	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB) {
		tell(self, sqlite3_errstr(rc));
		return findings + 1;
	}
	if (rc == SQLITE_DONE)
		return findings;
	fail(call, "%s: %s", schema, sqlite3_errstr(rc));
	return -1;
}
