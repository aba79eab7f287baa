/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/schema_test.c - files of older versions come up to date and
 * lose nothing; those of newer ones are left alone.
 */
#include "auth/schema.h"

#include "auth/sealed_rooms.h"
#include "auth/users.h"
#include "proto/log.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

#define NOW 1700000000000ull

static char folder[64] = "/tmp/parley-schema-XXXXXX";
static char path[128];

static void
run_sql(const char *sql)
{
	sqlite3 *handle = NULL;

	CHECK_INT(sqlite3_open(path, &handle), SQLITE_OK);
	CHECK_INT(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

static int
version_of_file(void)
{
	sqlite3 *handle = NULL;
	sqlite3_stmt *q = NULL;
	int version = -1;

	CHECK_INT(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &q, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		version = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(handle);
	return version;
}

/* As the version before sealed rooms left it, with a user. */
static void
make_first_version(void)
{
	struct new_user fresh = { .name = slice_of("ann") };
	struct database *db = database_open(path);
	struct user user;

	CHECK(db != NULL);
	if (db == NULL)
		return;
	CHECK(database_begin(db, true));
	CHECK(users_add(db, &fresh, NOW, &user));
	CHECK(database_commit(db));
	database_close(&db);
	run_sql("DROP TABLE sealed_rooms; DROP TABLE secrets;"
		"ALTER TABLE users DROP COLUMN bot;"
		"ALTER TABLE sessions DROP COLUMN kind;"
		"ALTER TABLE sessions DROP COLUMN label;"
		"PRAGMA user_version = 1;");
}

static void
the_first_version_gets_sealed_rooms(void)
{
	struct sealed_room room = { .room.bytes = "0123456789abcde" };
	struct database *db;
	struct user user;

	make_first_version();
	CHECK_INT(version_of_file(), 1);
	db = database_open(path);
	CHECK(db != NULL);
	if (db == NULL)
		return;
	CHECK(users_find_name(db, slice_of("ann"), &user));
	CHECK_INT(user.number, 1);
	CHECK(database_begin(db, true));
	CHECK(sealed_rooms_add(db, &room, slice_of("a join key")));
	CHECK(database_commit(db));
	database_close(&db);
	CHECK_INT(version_of_file(), 3);
}

static void
a_file_of_today_stays_as_it_is(void)
{
	struct sealed_room room;
	struct database *db = database_open(path);

	CHECK(db != NULL);
	if (db == NULL)
		return;
	CHECK(sealed_rooms_find_key(db, slice_of("a join key"), &room));
	CHECK(memcmp(room.room.bytes, "0123456789abcde", 16) == 0);
	database_close(&db);
	CHECK_INT(version_of_file(), 3);
}

static void
a_newer_file_is_left_alone(void)
{
	struct database *db;

	run_sql("PRAGMA user_version = 99;");
	db = database_open(path);
	CHECK(db == NULL);
	CHECK_INT(version_of_file(), 99);
}

int
main(void)
{
	log_setup("test", LOG_ERROR, false);
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/auth.db", folder);
	RUN(the_first_version_gets_sealed_rooms);
	RUN(a_file_of_today_stays_as_it_is);
	RUN(a_newer_file_is_left_alone);
	unlink(path);
	rmdir(folder);
	return check_done();
}
