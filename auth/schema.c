/* SPDX-License-Identifier: MIT */
/* auth/schema.c - the steps from an empty file to the tables of today.
 *
 * A step that was released is never changed; a new one is added behind it. Of
 * session tokens, join keys, tried names and addresses only hashes are kept.
 */
#include "auth/schema.h"

#include "proto/log.h"

#include <stdio.h>

static const char *const steps[] = {
	"CREATE TABLE users ("
	" number INTEGER PRIMARY KEY,"
	" id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),"
	" name TEXT NOT NULL,"
	" name_key TEXT NOT NULL UNIQUE,"
	" email TEXT,"
	" email_key TEXT UNIQUE,"
	" password TEXT," /* NULL: an embedding application's user */
	" full_name TEXT,"
	" age INTEGER,"
	" date_of_birth TEXT,"
	" gender TEXT,"
	" phone_number TEXT,"
	" created_at INTEGER NOT NULL,"
	" disabled INTEGER NOT NULL DEFAULT 0);"

	"CREATE TABLE marks ("
	" name TEXT PRIMARY KEY,"
	" value INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO marks VALUES ('next_number', 1);"

	"CREATE TABLE sessions ("
	" id BLOB PRIMARY KEY CHECK (length(id) = 16),"
	" token_hash BLOB NOT NULL UNIQUE,"
	" user INTEGER NOT NULL REFERENCES users (number),"
	" created_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX sessions_by_end ON sessions (expires_at);"
	"CREATE INDEX sessions_by_user ON sessions (user);"

	/* The id is made of the token's SHA-256. */
	"CREATE TABLE revoked_tokens ("
	" id BLOB PRIMARY KEY,"
	" expires_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);"

	"CREATE TABLE failures ("
	" key BLOB NOT NULL,"
	" at INTEGER NOT NULL);"
	"CREATE INDEX failures_by_key ON failures (key, at);"
	"CREATE INDEX failures_by_time ON failures (at);",

	"CREATE TABLE secrets ("
	" name TEXT PRIMARY KEY,"
	" value BLOB NOT NULL) WITHOUT ROWID;"

	/* Their keys follow from a secret: room_keys.h. */
	"CREATE TABLE sealed_rooms ("
	" room BLOB PRIMARY KEY CHECK (length(room) = 16),"
	" join_key_hash BLOB NOT NULL UNIQUE,"
	" password_hash TEXT," /* NULL: none is asked for */
	" client_key INTEGER NOT NULL) WITHOUT ROWID;",

	/* kind and label: see sessions.h */
	"ALTER TABLE users ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE sessions ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE sessions ADD COLUMN label TEXT;",
};

#define STEPS ((int)(sizeof steps / sizeof *steps))

/* -1 if it cannot be read. */
static int
read_version(sqlite3 *handle)
{
	sqlite3_stmt *q = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &q, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		version = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return version;
}

static bool
run(sqlite3 *handle, const char *sql)
{
	return sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool
take_step(sqlite3 *handle, int step)
{
	char mark[64];

	snprintf(mark, sizeof mark, "PRAGMA user_version = %d", step + 1);
	return run(handle, steps[step]) && run(handle, mark);
}

/* From the version that the file has; within a transaction. */
static bool
take_steps(sqlite3 *handle)
{
	int version = read_version(handle);

	if (version > STEPS) {
		log_error("database_too_new", KN("version", version),
			  KN("known", STEPS));
		return false;
	}
	while (version >= 0 && version < STEPS)
		version = take_step(handle, version) ? version + 1 : -1;
	if (version < 0)
		log_error("database_not_updated",
			  KT("error", sqlite3_errmsg(handle)));
	return version >= 0;
}

/* All of it under one lock: two processes that start together take each step
 * once. */
bool
schema_update(sqlite3 *handle)
{
	if (!run(handle, "BEGIN IMMEDIATE")) {
		log_error("database_locked",
			  KT("error", sqlite3_errmsg(handle)));
		return false;
	}
	if (take_steps(handle)) {
		if (run(handle, "COMMIT"))
			return true;
		log_error("database_not_updated",
			  KT("error", sqlite3_errmsg(handle)));
	}
	if (!sqlite3_get_autocommit(handle))
		run(handle, "ROLLBACK");
	return false;
}
