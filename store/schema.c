/* SPDX-License-Identifier: MIT */
/* store/schema.c - see schema.h.
 *
 * Users and rooms have small integers beside their UUIDs, which a message row
 * and its indexes carry instead. Messages live in the order of their rooms, so
 * that a page of history is a few neighbouring pages of the file. A message's
 * UUID is not stored: it follows from its number and time (message_id.h).
 */
#include "store/schema.h"

#include "proto/log.h"

#include <stdio.h>

static const char first[] =
    "CREATE TABLE secrets ("
    " name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO secrets VALUES ('message_id', randomblob(16)),"
    " ('database', randomblob(16));"

    /* number 0: a guest; name_no: the name as it was last heard */
    "CREATE TABLE users ("
    " user_no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " number INTEGER NOT NULL, name_no INTEGER) STRICT;"
    "CREATE TABLE names ("
    " name_no INTEGER PRIMARY KEY, user_no INTEGER NOT NULL,"
    " name TEXT NOT NULL, UNIQUE (user_no, name)) STRICT;"

    /* one_user_no < other_user_no: the two of a direct room */
    "CREATE TABLE rooms ("
    " room_no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " kind INTEGER NOT NULL, name TEXT, name_key TEXT UNIQUE,"
    " description TEXT, created_at INTEGER NOT NULL,"
    " join_key BLOB NOT NULL, one_user_no INTEGER, other_user_no INTEGER,"
    " UNIQUE (one_user_no, other_user_no)) STRICT;"
    "CREATE INDEX rooms_public ON rooms (room_no) WHERE kind = 1;"

    /* change: the latest one of this message; 0: none */
    "CREATE TABLE messages ("
    " room_no INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " number INTEGER NOT NULL, user_no INTEGER NOT NULL,"
    " name_no INTEGER NOT NULL, nonce BLOB NOT NULL, text TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, edited_at INTEGER NOT NULL DEFAULT 0,"
    " deleted INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (room_no, seq)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX messages_number ON messages (number);"
    "CREATE UNIQUE INDEX messages_nonce ON messages (user_no, nonce);"

    /* change: the join that began it; 0: it came with the room */
    "CREATE TABLE memberships ("
    " user_no INTEGER NOT NULL, room_no INTEGER NOT NULL,"
    " joined_seq INTEGER NOT NULL, seen_seq INTEGER NOT NULL,"
    " joined_at INTEGER NOT NULL, change INTEGER NOT NULL,"
    " PRIMARY KEY (user_no, room_no)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX memberships_room ON memberships (room_no, user_no);"

    /* change_no counts over all rooms, change within one */
    "CREATE TABLE changes ("
    " change_no INTEGER PRIMARY KEY, room_no INTEGER NOT NULL,"
    " change INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " number INTEGER, user_no INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " UNIQUE (room_no, change)) STRICT;"
    "CREATE INDEX changes_leave ON changes (room_no, user_no, change)"
    " WHERE kind = 4;";

static const char roles[] =
    "ALTER TABLE rooms ADD COLUMN by_invite INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE rooms ADD COLUMN slow_s INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE rooms ADD COLUMN archived_at INTEGER NOT NULL DEFAULT 0;"
    "DROP INDEX rooms_public;"
    "CREATE INDEX rooms_public ON rooms (room_no)"
    " WHERE kind = 1 AND archived_at = 0;"

    /* whose membership came with a room made it */
    "ALTER TABLE memberships ADD COLUMN role INTEGER NOT NULL DEFAULT 1;"
    "UPDATE memberships SET role = 3 WHERE change = 0 AND room_no IN"
    " (SELECT room_no FROM rooms WHERE kind IN (1, 2));"

    /* kind 1: banned, 2: muted; until_ms 0: for ever; actor_no 0:
     * administration */
    "CREATE TABLE sanctions ("
    " room_no INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " user_no INTEGER NOT NULL, until_ms INTEGER NOT NULL, reason TEXT,"
    " actor_no INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (room_no, kind, user_no)) STRICT, WITHOUT ROWID;"

    /* who spoke when in a room that is slow */
    "CREATE TABLE slow_posts ("
    " room_no INTEGER NOT NULL, user_no INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (room_no, user_no)) STRICT, WITHOUT ROWID;"

    /* code: the SHA-256 of what is shown */
    "CREATE TABLE invites ("
    " room_no INTEGER NOT NULL, id BLOB NOT NULL, code BLOB NOT NULL,"
    " until_ms INTEGER NOT NULL, actor_no INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (room_no, id)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX invites_code ON invites (room_no, code);";

/* A deed is a change, and who did what in it. */
static const char deeds[] =
    "CREATE TABLE deeds ("
    " room_no INTEGER NOT NULL, change INTEGER NOT NULL, nonce BLOB,"
    " action INTEGER NOT NULL, role INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL, reason TEXT, actor_no INTEGER NOT NULL,"
    " ended INTEGER NOT NULL,"
    " PRIMARY KEY (room_no, change)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX deeds_nonce ON deeds (room_no, nonce)"
    " WHERE nonce IS NOT NULL;"
    "CREATE INDEX changes_room ON changes (room_no, change)"
    " WHERE kind = 6;";

/* seq and change: all up to there is delivered; actor_no 0: administration */
static const char hooks[] =
    "CREATE TABLE hooks ("
    " id BLOB PRIMARY KEY, room_no INTEGER NOT NULL, url TEXT NOT NULL,"
    " secret TEXT NOT NULL, events INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, change INTEGER NOT NULL,"
    " actor_no INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " failing_since INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0, last_error TEXT,"
    " paused INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE INDEX hooks_room ON hooks (room_no, id);";

const char *const schema_steps[] = { first, roles, deeds, hooks };
const size_t schema_steps_n = sizeof schema_steps / sizeof *schema_steps;

static int
version_of(struct db *db, size_t *version)
{
	sqlite3_stmt *q = NULL;
	int rc;

	rc =
	    sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*version = (size_t)sqlite3_column_int64(q, 0);
	else
		db_note(db, rc);
	sqlite3_finalize(q);
	return rc == SQLITE_ROW ? 0 : -1;
}

static int
take_step(struct db *db, const char *step, size_t version)
{
	char mark[48];

	snprintf(mark, sizeof mark, "PRAGMA user_version = %zu", version);
	if (db_exec(db, "BEGIN IMMEDIATE") && db_exec(db, step) &&
	    db_exec(db, mark) && db_exec(db, "COMMIT")) {
		log_info("schema_migrated", KN("version", version));
		return 0;
	}
	log_error("schema_failed", KN("version", version),
		  KT("error", sqlite3_errmsg(db->handle)));
	if (sqlite3_get_autocommit(db->handle) == 0)
		db_exec(db, "ROLLBACK");
	return -1;
}

int
schema_migrate(struct db *db, const char *const *steps, size_t n)
{
	size_t version = 0;

	if (version_of(db, &version) != 0) {
		log_error("cannot_read_database",
			  KT("error", sqlite3_errstr(db->trouble)));
		return -1;
	}
	if (version > n) {
		log_error("database_is_newer", KN("version", version),
			  KN("known", n));
		return -1;
	}
	for (; version < n; version++)
		if (take_step(db, steps[version], version + 1) != 0)
			return -1;
	return 0;
}

/* Ids of clients that sort by time (version 7) come to the end of this index
 * one after the other, whoever made them: a group of posts touches one page of
 * it, not one for each author. Either order finds them. */
static const char other_order[] =
    "BEGIN IMMEDIATE;"
    "DROP INDEX messages_nonce;"
    "CREATE UNIQUE INDEX messages_nonce ON messages (nonce, user_no);"
    "COMMIT";

/* It is made anew in a second or two, or left as it is: nobody waits for
 * minutes for a store that starts. */
static const char asks_order[] =
    "SELECT (SELECT name FROM pragma_index_info('messages_nonce')"
    " WHERE seqno = 0) = 'user_no'"
    " AND coalesce((SELECT max(number) FROM messages), 0) <= 1000000";

void
schema_order_nonces(struct db *db)
{
	sqlite3_stmt *q = NULL;
	bool is_wanted;

	is_wanted = sqlite3_prepare_v2(db->handle, asks_order, -1, &q, NULL) ==
			SQLITE_OK &&
		    sqlite3_step(q) == SQLITE_ROW &&
		    sqlite3_column_int(q, 0) == 1;
	sqlite3_finalize(q);
	if (!is_wanted || db_exec(db, other_order))
		return;
	log_warn("index_not_ordered", KT("error", sqlite3_errmsg(db->handle)));
	if (sqlite3_get_autocommit(db->handle) == 0)
		db_exec(db, "ROLLBACK");
	db->trouble = 0;
}
