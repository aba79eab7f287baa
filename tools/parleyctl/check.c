/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/check.c - looks whether what is kept fits together.
 *
 * Everything is read as it was at one moment, so that it may run beside the
 * daemons: first how far the search index is, since that follows chat.db; then
 * chat.db; then auth.db, which knows a user before chat.db does.
 */
#include "tools/parleyctl/files.h"
#include "tools/parleyctl/list.h"
#include "tools/parleyctl/snapshot.h"

#include <stdlib.h>
#include <string.h>

/* More of one kind are counted, not told. */
#define TOLD_MOST 100

static const struct check {
	int since; /* version of chat.db */
	const char *name;
	const char *sql;
} checks[] = {
#define CHECK_SINCE(since, name, sql) { since, #name, sql },
#include "tools/parleyctl/checks.def"
};

/* How far search.db says that it has come. */
struct mark {
	bool is_there;
	uint8_t database[16];
	int64_t number;
	int64_t change;
};

struct checking {
	struct call *call;
	struct files files;
	sqlite3 *db;
	struct mark mark;
	const char *name; /* of the check under way */
	unsigned long findings;
	bool has_failed;
};

static void
tell(void *self, const char *finding)
{
	struct checking *c = self;
	json_t *row;
	char *line;

	c->findings++;
	if (call_flag(c->call, "json") == NULL) {
		printf("%s: %s\n", c->name, finding);
		return;
	}
	row = json_pack("{s:s,s:s}", "check", c->name, "finding", finding);
	line = row == NULL ? NULL : json_dumps(row, JSON_COMPACT);
	if (line != NULL)
		puts(line);
	else
		c->has_failed = true;
	free(line);
	json_decref(row);
}

static void
note_failure(struct checking *c, int rc)
{
	fail(c->call, "%s: %s", c->name,
	     rc == SQLITE_ERROR ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc));
	c->has_failed = true;
}

/* --- One question */

static void
carry_out(struct checking *c, const struct check *check)
{
	sqlite3_stmt *q = NULL;
	unsigned long n = 0;
	char more[64];
	int rc;

	c->name = check->name;
	rc = sqlite3_prepare_v2(c->db, check->sql, -1, &q, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);

		rc = SQLITE_OK;
		if (++n <= TOLD_MOST)
			tell(c, text == NULL ? "?" : text);
	}
	sqlite3_finalize(q);
	if (n > TOLD_MOST) {
		snprintf(more, sizeof more, "and %lu more", n - TOLD_MOST);
		tell(c, more);
	}
	if (rc != SQLITE_DONE)
		note_failure(c, rc);
}

static void
check_integrity(struct checking *c, const char *schema, const char *name)
{
	c->name = name;
	if (snapshot_check(c->call, c->db, schema, tell, c) < 0)
		c->has_failed = true;
}

/* --- The search index */

/* It is derived, and made again where it is missing or unreadable: only what it
 * claims to know beyond chat.db is wrong. */
static void
read_mark(struct checking *c)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;

	if (file_exists(c->files.search) &&
	    sqlite3_open_v2(c->files.search, &db, SQLITE_OPEN_READONLY, NULL) ==
		SQLITE_OK &&
	    sqlite3_prepare_v2(
		db, "SELECT database, number, change_no FROM progress", -1, &q,
		NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW &&
	    sqlite3_column_bytes(q, 0) == (int)sizeof c->mark.database) {
		c->mark.is_there = true;
		memcpy(c->mark.database, sqlite3_column_blob(q, 0),
		       sizeof c->mark.database);
		c->mark.number = sqlite3_column_int64(q, 1);
		c->mark.change = sqlite3_column_int64(q, 2);
	}
	sqlite3_finalize(q);
	sqlite3_close(db);
}

/* An index of another chat.db is thrown away by the store. */
static void
check_mark(struct checking *c)
{
	static const char sql[] =
	    "SELECT 'it knows messages up to '||?2||' and changes up to '||?3"
	    "||', but the last ones are '||m||' and '||c FROM secrets,"
	    " (SELECT coalesce(max(number), 0) AS m FROM messages),"
	    " (SELECT coalesce(max(change_no), 0) AS c FROM changes)"
	    " WHERE name = 'database' AND value = ?1 AND (?2 > m OR ?3 > c)";
	sqlite3_stmt *q = NULL;
	int rc;

	if (!c->mark.is_there)
		return;
	c->name = "index_beyond_head";
	rc = sqlite3_prepare_v2(c->db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_bind_blob(q, 1, c->mark.database,
				  sizeof c->mark.database, SQLITE_STATIC);
		sqlite3_bind_int64(q, 2, c->mark.number);
		sqlite3_bind_int64(q, 3, c->mark.change);
		rc = sqlite3_step(q);
	}
	if (rc == SQLITE_ROW)
		tell(c, (const char *)sqlite3_column_text(q, 0));
	else if (rc != SQLITE_DONE)
		note_failure(c, rc);
	sqlite3_finalize(q);
}

/* --- All of them */

/* 0 where it cannot be read, which is told by the look at its integrity. */
static int
read_version(const struct checking *c)
{
	sqlite3_stmt *q = NULL;
	int version = 0;

	if (sqlite3_prepare_v2(c->db, "PRAGMA main.user_version", -1, &q,
			       NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		version = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return version;
}

/* The transaction of chat.db begins with the first question; auth.db's with
 * the first one that needs it. */
static int
open_databases(struct checking *c)
{
	char *attach;
	int rc;

	c->db = snapshot_open(c->call, c->files.chat);
	if (c->db == NULL)
		return STATUS_FAILED;
	if (!file_exists(c->files.auth))
		return fail(c->call, "%s is not there", c->files.auth);
	attach = sqlite3_mprintf("ATTACH %Q AS auth", c->files.auth);
	rc = attach == NULL ? SQLITE_NOMEM
			    : sqlite3_exec(c->db, attach, NULL, NULL, NULL);
	sqlite3_free(attach);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c->db, "BEGIN", NULL, NULL, NULL);
	if (rc == SQLITE_OK || rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
		return 0;
	return fail(c->call, "%s: %s", c->files.auth, sqlite3_errstr(rc));
}

static void
check_all(struct checking *c)
{
	int version = read_version(c);

	check_integrity(c, "main", "integrity_of_chat");
	check_mark(c);
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (checks[i].since <= 1 || checks[i].since <= version)
			carry_out(c, &checks[i]);
	check_integrity(c, "auth", "integrity_of_auth");
}

int
backup_check(struct call *call)
{
	static struct checking c;
	int status;

	c.call = call;
	status = files_find(call, &c.files);
	if (status == 0)
		status = files_judge(call, &c.files);
	if (status != 0)
		return status;
	read_mark(&c);
	status = open_databases(&c);
	if (status == 0)
		check_all(&c);
	sqlite3_close(c.db);
	if (status == 0 && c.findings == 0 && !c.has_failed &&
	    call_flag(call, "json") == NULL)
		puts("nothing found");
	return status != 0 || c.findings > 0 || c.has_failed ? STATUS_FAILED
							     : 0;
}
