/* SPDX-License-Identifier: MIT */
/* store/index.c - search.db, and how it follows chat.db: see index.h.
 *
 * Each row of the FTS5 table has the message's number, its text, and its room
 * as one word, "r12", so that a search for the rooms of a user stays inside the
 * index. Messages are indexed in the order of their numbers with the text of
 * that moment; changes of messages that are not yet there need nothing.
 */
#include "store/index.h"

#include "proto/log.h"
#include "store/index_internal.h"
#include "store/messages.h"
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Of one transaction. */
#define BATCH_ROWS  1000
#define BATCH_BYTES (1024 * 1024)

static const char tables[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA temp_store = MEMORY;"
    "CREATE TABLE IF NOT EXISTS progress ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), database BLOB NOT NULL,"
    " number INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " change_no INTEGER NOT NULL);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (text, room,"
    " tokenize = 'unicode61 remove_diacritics 2');";

static const char *const chat_sql[] = {
#define STATEMENT(name, sql) sql,
#include "store/index_chat.def"
};

static const char *const words_sql[] = {
#define STATEMENT(name, sql) sql,
#include "store/index_words.def"
};

struct progress {
	int64_t number;    /* indexed up to this message, */
	int64_t at_ms;     /* which was said then, */
	int64_t change_no; /* and up to this change */
};

/* The thread of the index is alone with it, so this needs no lock. */
static int
give_up(void *self)
{
	struct index *index = self;

	return index->until_ms != 0 && index_clock_ms() > index->until_ms;
}

static int
open_file(struct index *index)
{
	if (db_open(&index->words, index->path, DB_DERIVED, words_sql,
		    WORDS_STATEMENTS) != 0)
		return SQLITE_CANTOPEN;
	sqlite3_progress_handler(index->words.handle, 10000, give_up, index);
	db_exec(&index->words, tables);
	return index->words.trouble & 0xff;
}

/* So that the next one starts from nothing. */
static void
remove_file(struct index *index)
{
	static const char *const behind[] = { "", "-wal", "-shm" };
	char path[PATH_MAX + 8];

	log_info("index_rebuilt", KT("path", index->path));
	db_close(&index->words);
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		snprintf(path, sizeof path, "%s%s", index->path, behind[i]);
		if (unlink(path) != 0 && errno != ENOENT)
			log_warn("cannot_remove", KT("path", path),
				 KT("error", strerror(errno)));
	}
}

static bool
is_damage(int rc)
{
	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ||
	       rc == SQLITE_ERROR;
}

/* Without it, for lack of space for one, searches fail and all else goes on. */
static int
open_words(struct index *index)
{
	int rc;

	if (index->words.handle != NULL)
		return SQLITE_OK;
	rc = open_file(index);
	if (is_damage(rc)) {
		remove_file(index);
		rc = open_file(index);
	}
	if (rc != SQLITE_OK)
		db_close(&index->words);
	return rc;
}

static char *
beside(const char *chat_path)
{
	const char *slash = strrchr(chat_path, '/');
	int folder = slash == NULL ? 0 : (int)(slash + 1 - chat_path);
	char *path;

	if (asprintf(&path, "%.*ssearch.db", folder, chat_path) == -1)
		return NULL;
	return path;
}

int
index_open(struct index *index, const char *chat_path,
	   const struct message_key *key)
{
	*index = (struct index){ .key = *key, .path = beside(chat_path) };
	if (index->path == NULL || db_open(&index->chat, chat_path, DB_READ,
					   chat_sql, CHAT_STATEMENTS) != 0)
		goto fail;
	sqlite3_progress_handler(index->chat.handle, 10000, give_up, index);
	open_words(index);
	return 0;
fail:
	log_error("cannot_open_index", KT("beside", chat_path));
	index_close(index);
	return -1;
}

void
index_close(struct index *index)
{
	db_close(&index->words);
	db_close(&index->chat);
	free(index->path);
	index->path = NULL;
}

static bool
read_progress(struct index *index, struct progress *p)
{
	sqlite3_stmt *q = db_ask(&index->words, WORDS_progress, "");

	*p = (struct progress){ 0 };
	if (db_row(&index->words, q)) {
		p->number = sqlite3_column_int64(q, 1);
		p->at_ms = sqlite3_column_int64(q, 2);
		p->change_no = sqlite3_column_int64(q, 3);
	}
	db_end(q);
	return index->words.trouble == 0;
}

/* Whether what was indexed last is still what chat.db has there: not so if
 * another database, or an older copy, was put in its place. */
static bool
belongs(struct index *index, const struct progress *p)
{
	sqlite3_stmt *q, *here;
	struct uuid database = { { 0 } };
	bool same = true;

	q = db_ask(&index->chat, CHAT_origin, "ii", p->number, p->change_no);
	if (db_row(&index->chat, q)) {
		database = db_uuid(q, 0);
		same = (p->number == 0 ||
			sqlite3_column_int64(q, 1) == p->at_ms) &&
		       sqlite3_column_int64(q, 2) == p->change_no;
	}
	db_end(q);
	here = db_ask(&index->words, WORDS_progress, "");
	if (db_row(&index->words, here)) {
		struct uuid was = db_uuid(here, 0);

		same = same && uuid_equal(&was, &database);
	}
	db_end(here);
	return same;
}

static bool
add(struct index *index, sqlite3_stmt *q, int64_t number)
{
	struct slice text = { (const char *)sqlite3_column_text(q, 5),
			      (size_t)sqlite3_column_bytes(q, 5) };
	char room[24];

	snprintf(room, sizeof room, "r%lld",
		 (long long)sqlite3_column_int64(q, 2));
	return db_run(&index->words, WORDS_add, "itt", number, text,
		      slice_of(room));
}

/* Of a row: sealed rooms are ciphertext, a message taken back is gone. */
static bool
is_wanted(sqlite3_stmt *q)
{
	return sqlite3_column_int(q, 3) != ROOM_SEALED &&
	       sqlite3_column_int(q, 4) == 0;
}

/* Returns how many rows there were, so that a full batch shows. */
static int
add_messages(struct index *index, struct progress *p)
{
	sqlite3_stmt *q = db_ask(&index->chat, CHAT_messages, "ii", p->number,
				 (int64_t)BATCH_ROWS);
	size_t bytes = 0;
	int n = 0;

	while (bytes < BATCH_BYTES && db_row(&index->chat, q)) {
		p->number = sqlite3_column_int64(q, 0);
		p->at_ms = sqlite3_column_int64(q, 1);
		bytes += (size_t)sqlite3_column_bytes(q, 5);
		if (is_wanted(q) && !add(index, q, p->number))
			break;
		n++;
	}
	db_end(q);
	return bytes < BATCH_BYTES ? n : BATCH_ROWS;
}

static int
follow_changes(struct index *index, struct progress *p)
{
	sqlite3_stmt *q = db_ask(&index->chat, CHAT_changes, "ii", p->change_no,
				 (int64_t)BATCH_ROWS);
	int64_t number;
	int n = 0;

	while (db_row(&index->chat, q)) {
		number = sqlite3_column_int64(q, 1);
		p->change_no = sqlite3_column_int64(q, 0);
		n++;
		if (number == 0 || number > p->number)
			continue;
		if (!db_run(&index->words, WORDS_remove, "i", number) ||
		    (is_wanted(q) && !add(index, q, number)))
			break;
	}
	db_end(q);
	return n;
}

static bool
write_progress(struct index *index, const struct progress *p)
{
	struct uuid database = { { 0 } };
	sqlite3_stmt *q;

	q = db_ask(&index->chat, CHAT_origin, "ii", p->number, p->change_no);
	if (db_row(&index->chat, q))
		database = db_uuid(q, 0);
	db_end(q);
	return index->chat.trouble == 0 &&
	       db_run(&index->words, WORDS_set_progress, "uiii", &database,
		      p->number, p->at_ms, p->change_no);
}

/* One snapshot of chat.db, one transaction of search.db. */
static enum index_news
advance(struct index *index)
{
	struct progress p;
	int messages, changes;

	if (!db_run(&index->chat, CHAT_begin, "") ||
	    !db_run(&index->words, WORDS_begin, "") ||
	    !read_progress(index, &p))
		return INDEX_FAILED;
	if (!belongs(index, &p)) {
		index->words.trouble = SQLITE_CORRUPT;
		return INDEX_FAILED;
	}
	messages = add_messages(index, &p);
	changes = follow_changes(index, &p);
	if (messages + changes == 0)
		return INDEX_DONE;
	if (index->chat.trouble != 0 || !write_progress(index, &p) ||
	    !db_run(&index->words, WORDS_commit, ""))
		return INDEX_FAILED;
	return messages == BATCH_ROWS || changes == BATCH_ROWS ? INDEX_MORE
							       : INDEX_DONE;
}

static void
end(struct db *db)
{
	db->trouble = 0;
	if (db->handle != NULL && sqlite3_get_autocommit(db->handle) == 0)
		db_exec(db, "ROLLBACK");
	db->trouble = 0;
}

/* Told once a cause. */
static void
tell_failure(struct index *index, int cause)
{
	if (cause != index->cause && cause != SQLITE_OK)
		log_warn("index_fails", KT("cause", sqlite3_errstr(cause)));
	index->cause = cause;
}

enum index_news
index_advance(struct index *index)
{
	enum index_news news;
	int cause = open_words(index);
	bool damaged;

	if (cause != SQLITE_OK) {
		tell_failure(index, cause);
		return INDEX_FAILED;
	}
	index->until_ms = 0;
	news = advance(index);
	cause = index->words.trouble != 0 ? index->words.trouble & 0xff
					  : index->chat.trouble & 0xff;
	damaged = is_damage(index->words.trouble & 0xff);
	end(&index->words);
	end(&index->chat);
	if (damaged) {
		remove_file(index);
		return INDEX_MORE;
	}
	tell_failure(index, cause);
	return news;
}
