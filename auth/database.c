/* SPDX-License-Identifier: MIT */
/* auth/database.c - opening, transactions, statements. */
#include "auth/database.h"

#include "auth/schema.h"
#include "proto/log.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 1000

struct database {
	sqlite3 *handle;
	sqlite3_stmt *ready[STATEMENTS];
	int failure; /* the first since the transaction began; 0: none */
};

static const char *const texts[STATEMENTS] = {
#define STATEMENT(name, sql) [ASK_##name] = sql,
#include "auth/statements.def"
};

/* --- Failures */

static bool
leaves_disk_unknown(int extended)
{
	return extended == SQLITE_IOERR_FSYNC ||
	       extended == SQLITE_IOERR_DIR_FSYNC ||
	       extended == SQLITE_IOERR_WRITE ||
	       extended == SQLITE_IOERR_TRUNCATE;
}

static void
note_failure(struct database *db, int rc)
{
	int extended = sqlite3_extended_errcode(db->handle);

	if (leaves_disk_unknown(extended)) {
		log_error("disk_failed",
			  KT("error", sqlite3_errmsg(db->handle)),
			  KN("code", extended));
		_exit(1);
	}
	if (db->failure != 0)
		return;
	db->failure = rc;
	log_warn("database_failed", KT("error", sqlite3_errmsg(db->handle)),
		 KN("code", extended));
}

bool
database_has_failed(const struct database *db)
{
	return db->failure != 0;
}

static bool
run_text(struct database *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		note_failure(db, rc);
	return rc == SQLITE_OK;
}

/* --- Opening */

static const char pragmas[] = "PRAGMA journal_mode = WAL;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA foreign_keys = ON;"
			      "PRAGMA trusted_schema = OFF;"
			      "PRAGMA secure_delete = ON;";

/* The file and what SQLite makes beside it are for their owner alone. */
static bool
open_handle(struct database *db, const char *path)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	mode_t before = umask(077);
	int rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
	bool opened;

	if (rc == SQLITE_OK)
		sqlite3_busy_timeout(db->handle, BUSY_MS);
	opened =
	    rc == SQLITE_OK && run_text(db, pragmas) && chmod(path, 0600) == 0;
	umask(before);
	return opened;
}

struct database *
database_open(const char *path)
{
	struct database *db = calloc(1, sizeof *db);

	if (db == NULL) {
		log_error("no_database", KT("file", path),
			  KT("error", "out of memory"));
		return NULL;
	}
	if (!open_handle(db, path))
		log_error("no_database", KT("file", path),
			  KT("error", sqlite3_errmsg(db->handle)));
	else if (schema_update(db->handle))
		return db;
	database_close(&db);
	return NULL;
}

void
database_close(struct database **db)
{
	struct database *d = *db;

	if (d == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(d->ready[i]);
	sqlite3_close(d->handle);
	free(d);
	*db = NULL;
}

void
database_give_back(struct database *db)
{
	sqlite3_db_release_memory(db->handle);
}

/* --- Transactions */

bool
database_begin(struct database *db, bool writes)
{
	db->failure = 0;
	return run_text(db, writes ? "BEGIN IMMEDIATE" : "BEGIN");
}

void
database_rollback(struct database *db)
{
	/* SQLite has rolled back by itself after some failures. */
	if (database_is_open(db))
		run_text(db, "ROLLBACK");
}

bool
database_commit(struct database *db)
{
	if (db->failure == 0 && run_text(db, "COMMIT"))
		return true;
	database_rollback(db);
	return false;
}

bool
database_save(struct database *db)
{
	db->failure = 0;
	return run_text(db, "SAVEPOINT part");
}

void
database_keep(struct database *db)
{
	run_text(db, "RELEASE part");
}

void
database_undo(struct database *db)
{
	if (database_is_open(db) &&
	    !run_text(db, "ROLLBACK TO part; RELEASE part"))
		database_rollback(db);
}

bool
database_is_open(const struct database *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

void
database_forgive(struct database *db)
{
	db->failure = 0;
}

/* --- Statements */

static sqlite3_stmt *
get_ready(struct database *db, enum statement which)
{
	int rc;

	if (db->ready[which] != NULL)
		return db->ready[which];
	rc = sqlite3_prepare_v3(db->handle, texts[which], -1,
				SQLITE_PREPARE_PERSISTENT, &db->ready[which],
				NULL);
	if (rc != SQLITE_OK)
		note_failure(db, rc);
	return db->ready[which];
}

static int
bind_bytes(sqlite3_stmt *q, int i, const void *bytes, size_t n)
{
	if (n > INT_MAX)
		return SQLITE_TOOBIG;
	return sqlite3_bind_blob(q, i, n == 0 ? "" : bytes, (int)n,
				 SQLITE_STATIC);
}

static int
bind_text(sqlite3_stmt *q, int i, struct slice text)
{
	if (text.n > INT_MAX)
		return SQLITE_TOOBIG;
	if (text.n == 0)
		return sqlite3_bind_null(q, i);
	return sqlite3_bind_text(q, i, text.at, (int)text.n, SQLITE_STATIC);
}

static int
bind_all(sqlite3_stmt *q, const char *types, va_list values)
{
	int rc = SQLITE_OK;

	for (int i = 1; types[i - 1] != '\0' && rc == SQLITE_OK; i++) {
		struct slice bytes;

		switch (types[i - 1]) {
		case 'i':
			rc = sqlite3_bind_int64(
			    q, i, (sqlite3_int64)va_arg(values, uint64_t));
			break;
		case 'u':
			rc = bind_bytes(q, i, va_arg(values, struct uuid *),
					sizeof(struct uuid));
			break;
		case 't':
			rc = bind_text(q, i, va_arg(values, struct slice));
			break;
		default:
			bytes = va_arg(values, struct slice);
			rc = bind_bytes(q, i, bytes.at, bytes.n);
		}
	}
	return rc;
}

static sqlite3_stmt *
ask(struct database *db, enum statement which, const char *types,
    va_list values)
{
	sqlite3_stmt *q = get_ready(db, which);
	int rc;

	if (q == NULL)
		return NULL;
	rc = bind_all(q, types, values);
	if (rc == SQLITE_OK)
		return q;
	note_failure(db, rc);
	database_end(q);
	return NULL;
}

sqlite3_stmt *
database_ask(struct database *db, enum statement which, const char *types, ...)
{
	va_list values;
	sqlite3_stmt *q;

	va_start(values, types);
	q = ask(db, which, types, values);
	va_end(values);
	return q;
}

bool
database_row(struct database *db, sqlite3_stmt *rows)
{
	int rc = rows == NULL ? SQLITE_DONE : sqlite3_step(rows);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		note_failure(db, rc);
	return rc == SQLITE_ROW;
}

void
database_end(sqlite3_stmt *rows)
{
	if (rows == NULL)
		return;
	sqlite3_reset(rows);
	sqlite3_clear_bindings(rows);
}

bool
database_has(struct database *db, enum statement which, const char *types, ...)
{
	va_list values;
	sqlite3_stmt *q;
	bool has;

	va_start(values, types);
	q = ask(db, which, types, values);
	va_end(values);
	has = database_row(db, q);
	database_end(q);
	return has;
}

bool
database_run(struct database *db, enum statement which, const char *types, ...)
{
	va_list values;
	sqlite3_stmt *q;

	va_start(values, types);
	q = ask(db, which, types, values);
	va_end(values);
	database_row(db, q);
	database_end(q);
	return db->failure == 0;
}

uint64_t
database_number(sqlite3_stmt *rows, int column)
{
	return (uint64_t)sqlite3_column_int64(rows, column);
}

struct uuid
database_uuid(sqlite3_stmt *rows, int column)
{
	struct uuid id = { { 0 } };
	const void *bytes = sqlite3_column_blob(rows, column);

	if (bytes != NULL &&
	    sqlite3_column_bytes(rows, column) == (int)sizeof id)
		memcpy(&id, bytes, sizeof id);
	return id;
}

struct slice
database_text(sqlite3_stmt *rows, int column)
{
	const void *text = sqlite3_column_text(rows, column);

	return (struct slice){ text,
			       (size_t)sqlite3_column_bytes(rows, column) };
}

struct slice
database_bytes(sqlite3_stmt *rows, int column)
{
	const void *bytes = sqlite3_column_blob(rows, column);

	return (struct slice){ bytes,
			       (size_t)sqlite3_column_bytes(rows, column) };
}

struct slice
database_copy(sqlite3_stmt *rows, int column, struct arena *arena)
{
	struct slice text = database_text(rows, column);

	if (text.n > 0)
		text.at = arena_copy(arena, text.at, text.n);
	return text.at == NULL ? (struct slice){ NULL, 0 } : text;
}
