/* SPDX-License-Identifier: MIT */
/* store/db.c - see db.h. */
#include "store/db.h"

#include "proto/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define BUSY_MS 5000

static bool
is_fatal(const struct db *db, int rc)
{
	if (db->derived)
		return false;
	switch (rc) {
	case SQLITE_IOERR_WRITE:
	case SQLITE_IOERR_FSYNC:
	case SQLITE_IOERR_DIR_FSYNC:
	case SQLITE_IOERR_TRUNCATE:
		return true;
	}
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

void
db_note(struct db *db, int rc)
{
	if (is_fatal(db, rc)) {
		log_error("database_failed", KT("cause", sqlite3_errstr(rc)),
			  KN("code", rc),
			  KN("errno", sqlite3_system_errno(db->handle)));
		_exit(1);
	}
	if (db->trouble == 0)
		db->trouble = rc;
}

/* The journal files take over the mode that the database has. One that is there
 * is not opened: with the descriptor's end, all locks would go that this
 * process has on it by another connection (fcntl(2)), and whoever else reads it
 * would take itself for the last one, and remove the log. */
static int
make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd == -1 && errno == EEXIST)
		return 0;
	if (fd == -1) {
		log_error("cannot_open_database", KT("path", path),
			  KT("error", strerror(errno)));
		return -1;
	}
	close(fd);
	return 0;
}

static int
connect_to(struct db *db, const char *path, enum db_mode mode)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc;

	flags |= mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
	if (rc != SQLITE_OK) {
		log_error("cannot_open_database", KT("path", path),
			  KT("error", sqlite3_errstr(rc)));
		return -1;
	}
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	return 0;
}

int
db_open(struct db *db, const char *path, enum db_mode mode,
	const char *const *sql, size_t n)
{
	*db = (struct db){ .sql = sql, .n = n, .derived = mode == DB_DERIVED };
	if (mode != DB_READ && make_private(path) != 0)
		return -1;
	db->ready = calloc(n + 1, sizeof(sqlite3_stmt *));
	if (db->ready == NULL)
		log_error("no_memory", KT("for", path));
	if (db->ready == NULL || connect_to(db, path, mode) != 0) {
		db_close(db);
		return -1;
	}
	return 0;
}

void
db_close(struct db *db)
{
	for (size_t i = 0; db->ready != NULL && i < db->n; i++)
		sqlite3_finalize(db->ready[i]);
	free(db->ready);
	sqlite3_close(db->handle);
	*db = (struct db){ 0 };
}

static int
bind_one(sqlite3_stmt *q, int place, char type, va_list *values)
{
	const struct uuid *id;
	struct slice s;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(q, place, va_arg(*values, int64_t));
	case 'u':
		id = va_arg(*values, const struct uuid *);
		return sqlite3_bind_blob(q, place, id->bytes, sizeof id->bytes,
					 SQLITE_STATIC);
	}
	s = va_arg(*values, struct slice);
	if (type == 'n' && s.n == 0)
		return sqlite3_bind_null(q, place);
	if (type == 'b')
		return sqlite3_bind_blob64(q, place, s.n == 0 ? "" : s.at, s.n,
					   SQLITE_STATIC);
	return sqlite3_bind_text64(q, place, s.n == 0 ? "" : s.at, s.n,
				   SQLITE_STATIC, SQLITE_UTF8);
}

static sqlite3_stmt *
prepare(struct db *db, unsigned which)
{
	int rc;

	if (db->trouble != 0)
		return NULL;
	if (db->ready[which] != NULL)
		return db->ready[which];
	rc = sqlite3_prepare_v3(db->handle, db->sql[which], -1,
				SQLITE_PREPARE_PERSISTENT, &db->ready[which],
				NULL);
	if (rc != SQLITE_OK) {
		log_error("bad_statement", KT("sql", db->sql[which]),
			  KT("error", sqlite3_errmsg(db->handle)));
		db_note(db, rc);
		return NULL;
	}
	return db->ready[which];
}

static sqlite3_stmt *
ask(struct db *db, unsigned which, const char *types, va_list *values)
{
	sqlite3_stmt *q = prepare(db, which);
	int rc = SQLITE_OK;

	if (q == NULL)
		return NULL;
	for (int i = 0; types[i] != '\0' && rc == SQLITE_OK; i++)
		rc = bind_one(q, i + 1, types[i], values);
	if (rc == SQLITE_OK)
		return q;
	db_note(db, rc);
	db_end(q);
	return NULL;
}

sqlite3_stmt *
db_ask(struct db *db, unsigned which, const char *types, ...)
{
	sqlite3_stmt *q;
	va_list values;

	va_start(values, types);
	q = ask(db, which, types, &values);
	va_end(values);
	return q;
}

bool
db_row(struct db *db, sqlite3_stmt *q)
{
	int rc;

	if (q == NULL)
		return false;
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		db_note(db, rc);
	return false;
}

void
db_end(sqlite3_stmt *q)
{
	if (q == NULL)
		return;
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

int64_t
db_number(struct db *db, unsigned which, const char *types, ...)
{
	sqlite3_stmt *q;
	va_list values;
	int64_t number = 0;

	va_start(values, types);
	q = ask(db, which, types, &values);
	va_end(values);
	if (db_row(db, q))
		number = sqlite3_column_int64(q, 0);
	db_end(q);
	return number;
}

/* The result code of a statement without rows. */
static int
run(struct db *db, unsigned which, const char *types, va_list *values)
{
	sqlite3_stmt *q = ask(db, which, types, values);
	int rc;

	if (q == NULL)
		return SQLITE_ERROR;
	rc = sqlite3_step(q);
	db_end(q);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

bool
db_run(struct db *db, unsigned which, const char *types, ...)
{
	va_list values;
	int rc;

	va_start(values, types);
	rc = run(db, which, types, &values);
	va_end(values);
	if (rc != SQLITE_OK)
		db_note(db, rc);
	return rc == SQLITE_OK;
}

bool
db_try(struct db *db, unsigned which, const char *types, ...)
{
	va_list values;
	int rc;

	va_start(values, types);
	rc = run(db, which, types, &values);
	va_end(values);
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_CONSTRAINT)
		db_note(db, rc);
	return rc == SQLITE_OK;
}

bool
db_exec(struct db *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		db_note(db, rc);
	return rc == SQLITE_OK;
}

struct uuid
db_uuid(sqlite3_stmt *q, int column)
{
	const void *bytes = sqlite3_column_blob(q, column);
	struct uuid id = { { 0 } };

	if (bytes != NULL && sqlite3_column_bytes(q, column) == sizeof id.bytes)
		memcpy(id.bytes, bytes, sizeof id.bytes);
	return id;
}

struct slice
db_text(struct db *db, sqlite3_stmt *q, int column, struct arena *arena)
{
	const void *at = sqlite3_column_blob(q, column);
	struct slice text = { NULL, (size_t)sqlite3_column_bytes(q, column) };

	if (text.n == 0)
		return (struct slice){ "", 0 };
	text.at = at == NULL ? NULL : arena_copy(arena, at, text.n);
	if (text.at == NULL) {
		db_note(db, SQLITE_NOMEM);
		text.n = 0;
	}
	return text;
}
