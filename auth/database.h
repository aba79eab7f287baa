/* SPDX-License-Identifier: MIT */
/* auth/database.h - auth.db: transactions and prepared statements on SQLite.
 *
 * What fails is remembered until the transaction ends: a caller asks all that
 * it has to ask, and hears once, at the commit, whether it holds. A write or
 * sync that failed ends the process: after one nobody knows what is on disk,
 * and a second sync would say that all is well.
 */
#ifndef PARLEY_AUTH_DATABASE_H
#define PARLEY_AUTH_DATABASE_H

#include "proto/arena.h"
#include "proto/slice.h"
#include "proto/uuid.h"

#include <sqlite3.h>
#include <stdbool.h>

struct database;

enum statement {
#define STATEMENT(name, sql) ASK_##name,
#include "auth/statements.def"
	STATEMENTS,
};

/* Opens `path`, which is made for its owner alone if it does not exist, and
 * brings its tables up to date. NULL after a log line. */
struct database *database_open(const char *path);

/* NULL is fine. */
void database_close(struct database **db);

/* Gives back the memory for pages that were read. Not within a transaction. */
void database_give_back(struct database *db);

/* Begins a transaction; one that will write waits here for other processes, up
 * to a second. False if it cannot be begun. */
bool database_begin(struct database *db, bool writes);

/* Ends it: all of it is on disk, or false and nothing is. */
bool database_commit(struct database *db);
void database_rollback(struct database *db);

/* Within a transaction, a part that can be undone alone. database_save() begins
 * one, as if nothing had failed before, or returns false; one of the others
 * ends it. Where nothing but the whole can be undone, no transaction is open
 * after database_undo(). */
bool database_save(struct database *db);
void database_keep(struct database *db);
void database_undo(struct database *db);

/* Whether a transaction is open: SQLite ends it by itself after some failures.
 */
bool database_is_open(const struct database *db);

/* Forgets what failed: whoever has to know of it knows. */
void database_forgive(struct database *db);

/* Whether anything failed since the transaction began. */
bool database_has_failed(const struct database *db);

/* A statement with its parameters, a letter each: i uint64_t (at most
 * INT64_MAX), u const struct uuid *, t struct slice as text, NULL where empty,
 * b struct slice as bytes. They are borrowed until database_end(). NULL if it
 * failed. */
sqlite3_stmt *database_ask(struct database *db, enum statement which,
			   const char *types, ...);

/* Whether there is another row; false at the end and on failure. */
bool database_row(struct database *db, sqlite3_stmt *rows);

/* Ends the use of a statement; NULL is fine. */
void database_end(sqlite3_stmt *rows);

/* Whether the statement has a row. */
bool database_has(struct database *db, enum statement which, const char *types,
		  ...);

/* Runs a statement without rows. False if it failed. */
bool database_run(struct database *db, enum statement which, const char *types,
		  ...);

/* Columns. The slice is valid until the next row or database_end(). */
uint64_t database_number(sqlite3_stmt *rows, int column);
struct uuid database_uuid(sqlite3_stmt *rows, int column);
struct slice database_text(sqlite3_stmt *rows, int column);
struct slice database_bytes(sqlite3_stmt *rows, int column);

/* A copy of a text; empty if there is no memory. */
struct slice database_copy(sqlite3_stmt *rows, int column, struct arena *arena);

#endif
