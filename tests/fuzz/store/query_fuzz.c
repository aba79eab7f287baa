/* SPDX-License-Identifier: MIT */
/* tests/fuzz/store/query_fuzz.c - any text as a search: what becomes of it is
 * always a query that FTS5 takes.
 */
#include "proto/utf8.h"
#include "store/query.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static sqlite3_stmt *
open_index(void)
{
	sqlite3 *db;
	sqlite3_stmt *search;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_exec(db, "CREATE VIRTUAL TABLE words USING fts5(text)",
			 NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db,
			       "SELECT rowid FROM words WHERE words MATCH ?",
			       -1, &search, NULL) != SQLITE_OK)
		abort();
	return search;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static sqlite3_stmt *search;
	struct buffer query = { 0 };

	/* A frame's text is UTF-8 without NUL, and bounded. */
	if (n > 1024 || memchr(bytes, '\0', n) != NULL ||
	    !utf8_is_valid(bytes, n))
		return 0;
	if (search == NULL)
		search = open_index();
	if (query_write((struct slice){ (const char *)bytes, n }, &query) > 0) {
		sqlite3_bind_text(search, 1, (const char *)query.bytes,
				  (int)query.n, SQLITE_STATIC);
		int rc = sqlite3_step(search);
		if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
			fprintf(stderr, "%.*s: %s\n", (int)query.n,
				(const char *)query.bytes,
				sqlite3_errmsg(sqlite3_db_handle(search)));
			abort();
		}
		sqlite3_reset(search);
	}
	buffer_fini(&query);
	return 0;
}
