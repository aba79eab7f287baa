/* SPDX-License-Identifier: MIT */
/* store/db.h - a SQLite connection with a table of statements.
 *
 * Statements are prepared at first use and kept. What goes wrong is remembered
 * as the connection's trouble until it is cleared, so that a caller asks once,
 * at the end. A failed write or sync is no trouble but the end of the process:
 * after one nobody knows what is on disk, and a second sync would say it is.
 */
#ifndef PARLEY_STORE_DB_H
#define PARLEY_STORE_DB_H

#include "proto/arena.h"
#include "proto/slice.h"
#include "proto/uuid.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct db {
	sqlite3 *handle;
	const char *const *sql; /* the owner's table */
	size_t n;
	sqlite3_stmt **ready;
	int trouble;  /* a result code of SQLite; 0: none */
	bool derived; /* can be built again: its corruption is mere trouble */
};

enum db_mode {
	DB_WRITE,   /* made if missing, readable by its owner alone */
	DB_READ,    /* must exist */
	DB_DERIVED, /* as DB_WRITE, but nothing in it is worth dying for */
};

/* Opens `path` with the `n` statements of `sql`, which stays the caller's. 0,
 * or -1 after a log line. */
int db_open(struct db *db, const char *path, enum db_mode mode,
	    const char *const *sql, size_t n);

/* NULLs and zeros are fine. */
void db_close(struct db *db);

/* Statement `which` with its parameters bound, by a letter each: i int64_t,
 * u const struct uuid *, t struct slice as text, b struct slice as bytes, n
 * struct slice as text or NULL where empty. What is bound must live until
 * db_end(). NULL if there is trouble. */
sqlite3_stmt *db_ask(struct db *db, unsigned which, const char *types, ...);

/* Whether there is (another) row. False at the end and on trouble. */
bool db_row(struct db *db, sqlite3_stmt *q);

/* Ends the use of a statement; NULL is fine. */
void db_end(sqlite3_stmt *q);

/* The number in the first column of a statement's first row; 0 if it has none,
 * and on trouble. */
int64_t db_number(struct db *db, unsigned which, const char *types, ...);

/* Runs a statement that has no rows. False if there is trouble. */
bool db_run(struct db *db, unsigned which, const char *types, ...);

/* As db_run(), but false without trouble where the row breaks a constraint. */
bool db_try(struct db *db, unsigned which, const char *types, ...);

/* Runs SQL text. False if there is trouble. */
bool db_exec(struct db *db, const char *sql);

/* Columns: an id (nil if NULL), and a copy of a text or bytes (empty if NULL;
 * NULL `at` with trouble if there is no memory). */
struct uuid db_uuid(sqlite3_stmt *q, int column);
struct slice db_text(struct db *db, sqlite3_stmt *q, int column,
		     struct arena *arena);

/* Remembers a result code as trouble, or ends the process (see above). */
void db_note(struct db *db, int rc);

#endif
