/* SPDX-License-Identifier: MIT */
/* auth/group.c - see group.h.
 *
 * A batch begins by reading. The first job that must write ends that, and a
 * transaction that writes begins, on whose commit it and all behind it depend:
 * they may have seen what it wrote.
 */
#include "auth/group.h"

#include "auth/auth.h"
#include "proto/log.h"

#include <utlist.h>

/* What is more goes into another transaction, so that the first in a long queue
 * need not wait for the last. */
#define BATCH_JOBS 200

enum stage {
	READING,
	WRITING,
	BARRED, /* reading: it could not be written just now */
};

struct batch {
	struct auth *auth;
	struct group_job *end; /* the first that is not of it; NULL: none */
	enum stage stage;
};

void
group_add(struct auth *auth, struct group_job *job, group_act *act,
	  group_tell *tell, struct peer *from, uint64_t id)
{
	*job = (struct group_job){
		.from = from,
		.id = id,
		.act = act,
		.tell = tell,
		.conn = log_conn_now(),
	};
	DL_APPEND(auth->group.jobs, job);
}

void
group_forget(struct auth *auth, const struct peer *peer)
{
	struct group_job *job;

	DL_FOREACH (auth->group.jobs, job)
		if (job->from == peer)
			job->from = NULL;
}

/* The transaction that wrote is not on disk. */
static void
fail_depending(struct batch *batch)
{
	struct group_job *job = batch->auth->group.jobs;

	for (; job != batch->end; job = job->next)
		job->failed = job->failed || job->depends;
}

static void
begin_reading(struct batch *batch, enum stage stage)
{
	batch->stage = stage;
	database_begin(batch->auth->db, false);
}

/* Others may hold the lock for long: that is waited for once in a batch. */
static bool
begin_writing(struct batch *batch)
{
	struct database *db = batch->auth->db;

	if (batch->stage != READING)
		return batch->stage == WRITING;
	database_rollback(db);
	if (database_begin(db, true))
		batch->stage = WRITING;
	else
		begin_reading(batch, BARRED);
	return batch->stage == WRITING;
}

/* SQLite gives up the whole transaction after some failures, a full disk's
 * among them. Those behind begin afresh. */
static void
resume(struct batch *batch)
{
	if (database_is_open(batch->auth->db))
		return;
	if (batch->stage == WRITING) {
		fail_depending(batch);
		batch->stage = READING;
	}
	begin_reading(batch, batch->stage);
}

static void
write_job(struct batch *batch, struct group_job *job)
{
	struct database *db = batch->auth->db;
	enum group_result result;

	job->failed = !begin_writing(batch) || !database_save(db);
	if (job->failed)
		return;
	job->depends = true;
	result = job->act(batch->auth, job, true);
	if (result == GROUP_DONE && !database_has_failed(db))
		database_keep(db);
	job->failed = database_has_failed(db);
	if (result != GROUP_DONE || job->failed)
		database_undo(db);
}

static void
carry_out(struct batch *batch, struct group_job *job)
{
	struct database *db = batch->auth->db;
	uint64_t before = log_conn(job->conn);
	enum group_result result;

	database_forgive(db);
	job->depends = batch->stage == WRITING;
	result = job->act(batch->auth, job, false);
	job->failed = database_has_failed(db) || !database_is_open(db);
	if (result == GROUP_MUST_WRITE && !job->failed)
		write_job(batch, job);
	resume(batch);
	log_conn(before);
}

static void
commit(struct batch *batch)
{
	struct auth *auth = batch->auth;

	if (batch->stage != WRITING) {
		database_rollback(auth->db);
		return;
	}
	database_forgive(auth->db);
	if (database_commit(auth->db))
		auth->count.commits++;
	else
		fail_depending(batch);
}

static void
tell_first(struct auth *auth)
{
	struct group_job *job = auth->group.jobs;
	uint64_t before = log_conn(job->conn);

	DL_DELETE(auth->group.jobs, job);
	job->tell(auth, job, !job->failed);
	log_conn(before);
}

static void
run_batch(struct auth *auth)
{
	struct batch batch = { .auth = auth };
	struct group_job *job = auth->group.jobs;
	size_t n = 0;

	for (batch.end = job; batch.end != NULL && n < BATCH_JOBS; n++)
		batch.end = batch.end->next;
	begin_reading(&batch, READING);
	for (; job != batch.end; job = job->next)
		carry_out(&batch, job);
	commit(&batch);
	while (n-- > 0)
		tell_first(auth);
}

void
group_turn(struct auth *auth)
{
	while (auth->group.jobs != NULL)
		run_batch(auth);
}
