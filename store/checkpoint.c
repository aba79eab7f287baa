/* SPDX-License-Identifier: MIT */
/* store/checkpoint.c - see checkpoint.h. */
#include "store/checkpoint.h"

#include "proto/log.h"
#include "proto/workers.h"
#include "store/db.h"

#include <stdlib.h>

/* In pages of 4 KiB: a checkpoint each 4 MiB; beyond 64 MiB the writer has to
 * wait until the wal is empty, or it would grow as long as the load lasts. */
#define PAGES_BETWEEN 1024
#define PAGES_MOST    16384

/* How long the emptying waits for readers, and the writer with it. */
#define BUSY_MS 100

struct checkpoint {
	struct db db;
	struct workers *workers;
	sqlite3 *writer;
	int pages; /* of the wal, when the last one began */
	int rc;
	int told; /* the failure that was told last; 0: none since it worked */
};

static void
work(void *job)
{
	struct checkpoint *c = job;
	int pages = 0;

	c->rc = sqlite3_wal_checkpoint_v2(
	    c->db.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, NULL);
	if (c->rc == SQLITE_OK && pages > PAGES_MOST)
		c->rc = sqlite3_wal_checkpoint_v2(
		    c->db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (c->rc != SQLITE_OK)
		db_note(&c->db, c->rc);
}

static void
done(void *job)
{
	struct checkpoint *c = job;

	if ((c->rc & 0xff) == SQLITE_BUSY)
		c->rc = SQLITE_OK;
	if (c->rc != SQLITE_OK && c->rc != c->told)
		log_warn("checkpoint_failed",
			 KT("cause", sqlite3_errstr(c->rc)));
	c->told = c->rc;
	c->db.trouble = 0;
}

void
checkpoint_now(struct checkpoint *c)
{
	if (workers_busy(c->workers) == 0)
		workers_add(c->workers, work, done, c);
}

/* After a commit; `pages` are in the wal. */
static int
on_commit(void *self, sqlite3 *writer, const char *name, int pages)
{
	struct checkpoint *c = self;

	(void)writer;
	(void)name;
	if (pages < c->pages)
		c->pages = 0;
	if (pages - c->pages >= PAGES_BETWEEN &&
	    workers_busy(c->workers) == 0 &&
	    workers_add(c->workers, work, done, c))
		c->pages = pages;
	return SQLITE_OK;
}

struct checkpoint *
checkpoint_new(struct loop *loop, sqlite3 *writer)
{
	struct checkpoint *c = calloc(1, sizeof *c);
	const char *path = sqlite3_db_filename(writer, "main");

	if (c == NULL || db_open(&c->db, path, DB_WRITE, NULL, 0) != 0)
		goto fail;
	sqlite3_busy_timeout(c->db.handle, BUSY_MS);
	c->workers = workers_new(loop, 1, 1);
	if (c->workers == NULL)
		goto fail;
	c->writer = writer;
	sqlite3_wal_hook(writer, on_commit, c);
	return c;
fail:
	log_error("cannot_start_checkpoints");
	checkpoint_free(&c);
	return NULL;
}

void
checkpoint_free(struct checkpoint **checkpoint)
{
	struct checkpoint *c = *checkpoint;

	if (c == NULL)
		return;
	if (c->writer != NULL)
		sqlite3_wal_hook(c->writer, NULL, NULL);
	workers_free(&c->workers);
	db_close(&c->db);
	free(c);
	*checkpoint = NULL;
}
