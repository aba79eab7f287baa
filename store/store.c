/* SPDX-License-Identifier: MIT */
/* store/store.c - see store.h. */
#include "store/store.h"

#include "proto/disk.h"
#include "proto/log.h"
#include "store/messages.h"
#include "store/rooms.h"
#include "store/schema.h"
#include "store/users.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

/* The wal is checkpointed by another connection (checkpoint.h). Deleted text is
 * overwritten: who takes a message back wants it gone. */
static const char settings[] = "PRAGMA page_size = 4096;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA wal_autocheckpoint = 0;"
			       "PRAGMA journal_size_limit = 67108864;"
			       "PRAGMA secure_delete = FAST;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA cache_size = -65536;"
			       "PRAGMA mmap_size = 2147418112;";

static const char *const statements[] = {
#define STATEMENT(name, sql) sql,
#include "store/statements.def"
};

int
store_path(const char *url, const char *folder, char *into, size_t room)
{
	const char *path = url + strlen("sqlite:");
	int n;

	if (strncmp(url, "postgres", 8) == 0) {
		log_error("database_not_supported", KT("scheme", "postgresql"),
			  KT("hint", "not supported yet: set DATABASE_URL to "
				     "sqlite:PATH"));
		return -1;
	}
	if (strncmp(url, "sqlite:", 7) != 0 || *path == '\0') {
		log_error("bad_database_url", KT("hint", "sqlite:PATH"));
		return -1;
	}
	if (strncmp(path, "//", 2) == 0)
		path += 2;
	n = *path == '/' ? snprintf(into, room, "%s", path)
			 : snprintf(into, room, "%s/%s", folder, path);
	if (n < 0 || (size_t)n >= room) {
		log_error("bad_database_url", KT("hint", "a shorter path"));
		return -1;
	}
	return 0;
}

static int
read_key(struct store *store)
{
	struct db *db = &store->db;
	sqlite3_stmt *q = db_ask(db, SQL_secret, "t", slice_of("message_id"));
	int rc = -1;

	if (db_row(db, q) && sqlite3_column_bytes(q, 0) == 16) {
		store->key = message_key_from(sqlite3_column_blob(q, 0));
		rc = 0;
	} else {
		log_error("cannot_read_database", KT("missing", "message_id"));
	}
	db_end(q);
	return rc;
}

static void
tell_opened(struct store *store, const char *path)
{
	sqlite3_stmt *q = db_ask(&store->db, SQL_counts, "");

	if (db_row(&store->db, q))
		log_info("database_opened", KT("path", path),
			 KN("messages", sqlite3_column_int64(q, 0)),
			 KN("rooms", sqlite3_column_int64(q, 1)));
	db_end(q);
}

int
store_open(struct store *store, const char *url, const char *folder)
{
	char path[PATH_MAX];

	*store = (struct store){ .last_number = -1 };
	if (store_path(url, folder, path, sizeof path) != 0)
		return -1;
	if (db_open(&store->db, path, DB_WRITE, statements, SQL_STATEMENTS) !=
	    0)
		return disk_judge(path);
	store->rooms = rooms_new();
	store->users = users_new();
	if (store->rooms == NULL || store->users == NULL) {
		log_error("no_memory");
		goto fail;
	}
	if (!db_exec(&store->db, settings)) {
		log_error("cannot_open_database", KT("path", path),
			  KT("error", sqlite3_errmsg(store->db.handle)));
		goto fail;
	}
	if (schema_migrate(&store->db, schema_steps, schema_steps_n) != 0 ||
	    read_key(store) != 0)
		goto fail;
	schema_order_nonces(&store->db);
	store_recheck(store);
	tell_opened(store, path);
	return 0;
fail:
	store_close(store);
	return disk_judge(path);
}

void
store_close(struct store *store)
{
	users_free(&store->users);
	rooms_free(&store->rooms);
	db_close(&store->db);
	hook_news_fini(&store->hook_news);
	arena_fini(&store->arena);
}

static uint64_t
size_of_file(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

void
store_measure(const struct store *store, uint64_t *database_bytes,
	      uint64_t *wal_bytes)
{
	const char *path = sqlite3_db_filename(store->db.handle, "main");

	*database_bytes = size_of_file(path);
	*wal_bytes =
	    size_of_file(path == NULL ? NULL : sqlite3_filename_wal(path));
}

void
store_forget(struct store *store)
{
	rooms_forget(store->rooms, 0);
	users_forget(store->users, 0);
	store->last_number = -1;
}

void
store_recheck(struct store *store)
{
	sqlite3_stmt *q = db_ask(&store->db, SQL_data_version, "");
	int64_t version = store->data_version;

	if (db_row(&store->db, q))
		version = sqlite3_column_int64(q, 0);
	db_end(q);
	if (version == store->data_version)
		return;
	store->data_version = version;
	store_forget(store);
}

void
store_give_back(struct store *store)
{
	rooms_forget(store->rooms, 0);
	users_forget(store->users, 0);
	sqlite3_db_release_memory(store->db.handle);
}

void
store_trim(struct store *store)
{
	rooms_forget(store->rooms, ROOMS_KEPT);
	users_forget(store->users, USERS_KEPT);
}

void
refuse(struct frame *answer, enum error_code code, const char *text)
{
	*answer = (struct frame){ .kind = FRAME_refused };
	answer->refused.code = slice_of(error_name(code));
	answer->refused.text = slice_of(text);
}

bool
refuse_field(struct frame *answer, const char *field, const char *text)
{
	refuse(answer, ERROR_invalid, text);
	answer->refused.field = slice_of(field);
	return false;
}

void
refuse_until(struct store *store, struct frame *answer, enum error_code code,
	     const char *text, int64_t until_ms)
{
	int64_t wait_s = (until_ms - (int64_t)store->now_ms + 999) / 1000;

	refuse(answer, code, text);
	if (until_ms == 0 || wait_s <= 0)
		return;
	answer->refused.retry_after =
	    (uint64_t)(wait_s < RETRY_MAX_S ? wait_s : RETRY_MAX_S);
}
