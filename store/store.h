/* SPDX-License-Identifier: MIT */
/* store/store.h - chat.db, opened: what all acts on it share.
 *
 * An act answers one request. Acts that write run inside the transaction of a
 * group (group.h), which asks the connection for trouble after each; then their
 * answer does not count.
 */
#ifndef PARLEY_STORE_STORE_H
#define PARLEY_STORE_STORE_H

#include "proto/arena.h"
#include "proto/frame.h"
#include "proto/frame_values.h"
#include "store/db.h"
#include "store/hook_news.h"
#include "store/message_id.h"

enum statement {
#define STATEMENT(name, sql) SQL_##name,
#include "store/statements.def"
	SQL_STATEMENTS,
};

/* No answer is larger, except one that a single message makes so. */
#define ANSWER_BYTES (256 * 1024)

/* Of a refusal that says when to come back. */
#define RETRY_MAX_S 86400

struct store {
	struct db db;
	struct message_key key;
	struct rooms *rooms;
	struct users *users;
	struct arena arena;   /* what answers point into */
	uint64_t now_ms;      /* since 1970; set by who calls an act */
	int64_t last_number;  /* of the newest message; -1: to be asked */
	int64_t data_version; /* changes when another connection writes */
	uint64_t duplicates;  /* posts whose nonce was known */
	struct hook_news hook_news;
};

/* Answers `request`; *answer points into the request and the store's arena. */
typedef void store_act(struct store *store, const struct frame *request,
		       struct frame *answer);

/* Opens the database of a DATABASE_URL; a relative path starts at `folder`. 0,
 * or -1 or DISK_FULL after a log line. */
int store_open(struct store *store, const char *url, const char *folder);
void store_close(struct store *store);

/* How many bytes the files of the database and of its write-ahead log have; 0
 * where that cannot be seen. */
void store_measure(const struct store *store, uint64_t *database_bytes,
		   uint64_t *wal_bytes);

/* The file of a DATABASE_URL in `into`. 0, or -1 after a log line. */
int store_path(const char *url, const char *folder, char *into, size_t room);

/* Forgets what is remembered of the database: after a rollback. */
void store_forget(struct store *store);

/* As store_forget(), but only if somebody else has written to the file. */
void store_recheck(struct store *store);

/* Keeps the memory for what is remembered within bounds. Pointers to rooms and
 * users do not survive it. */
void store_trim(struct store *store);

/* Gives back the memory for what is remembered, and for the pages of the
 * database: it is all read again when it is asked for. Not within a
 * transaction. */
void store_give_back(struct store *store);

/* Makes *answer a refusal. */
void refuse(struct frame *answer, enum error_code code, const char *text);

/* The same, of a field; false. */
bool refuse_field(struct frame *answer, const char *field, const char *text);

/* The same, until a time: ms since 1970, 0 if that is not known. */
void refuse_until(struct store *store, struct frame *answer,
		  enum error_code code, const char *text, int64_t until_ms);

#endif
