/* SPDX-License-Identifier: MIT */
/* store/search.c - see search.h. Jobs of one thread come one after the other,
 * so only that thread ever touches the index. */
#include "store/search.h"

#include "proto/workers.h"
#include "store/index.h"

#include <stdlib.h>

#define WAITING_MAX 256

/* Gathers some messages for one transaction; and rests after a failure. */
#define WAKE_MS      200
#define CATCH_UP_MAX 8 /* batches that a search may wait for */
#define RETRY_MS     5000

struct job {
	struct job *next, **back; /* among the searches that wait */
	struct search *search;
	struct peer *to; /* NULL: gone */
	uint64_t id;
	struct frame_search wish;
	struct arena arena;
	struct frame answer;
};

struct search {
	struct loop *loop;
	struct loop_timer timer;
	struct workers *workers;
	struct index index;
	group_give *give;
	void *self;
	struct job *jobs;
	enum index_news news;
	bool indexing; /* a timer or a job will come to it */
	bool stale;    /* there is more since that began */
	bool stopping;
};

static void
unlink_job(struct job *job)
{
	*job->back = job->next;
	if (job->next != NULL)
		job->next->back = job->back;
}

static void
link_job(struct search *search, struct job *job)
{
	job->next = search->jobs;
	job->back = &search->jobs;
	if (job->next != NULL)
		job->next->back = &job->next;
	search->jobs = job;
}

static void
free_job(struct job *job)
{
	arena_fini(&job->arena);
	free(job);
}

/* What was acknowledged before the question is found by it: the little that is
 * not indexed yet goes first. A long way behind, as after a rebuild, the answer
 * is of what there is. */
static void
work_search(void *self)
{
	struct job *job = self;

	for (int i = 0; i < CATCH_UP_MAX; i++)
		if (index_advance(&job->search->index) != INDEX_MORE)
			break;
	index_search(&job->search->index, &job->wish, &job->arena,
		     &job->answer);
}

static void
done_search(void *self)
{
	struct job *job = self;

	if (job->to != NULL && job->answer.kind != FRAME_none)
		job->search->give(job->search->self, job->to, job->id,
				  &job->answer);
	unlink_job(job);
	free_job(job);
}

static void
come_back(struct search *search, unsigned in_ms)
{
	search->indexing =
	    !search->stopping &&
	    loop_timer_set(search->loop, &search->timer, in_ms) == 0;
}

static void
work_index(void *self)
{
	struct search *search = self;

	search->news = index_advance(&search->index);
}

static void
done_index(void *self)
{
	struct search *search = self;

	search->indexing = false;
	if (search->news == INDEX_FAILED)
		come_back(search, RETRY_MS);
	else if (search->news == INDEX_MORE)
		come_back(search, 0);
	else if (search->stale)
		come_back(search, WAKE_MS);
}

static void
on_due(void *self)
{
	struct search *search = self;

	search->stale = false;
	if (!workers_add(search->workers, work_index, done_index, search))
		come_back(search, WAKE_MS);
}

struct search *
search_new(struct loop *loop, struct store *store, group_give *give, void *self)
{
	struct search *search = calloc(1, sizeof *search);
	const char *path = sqlite3_db_filename(store->db.handle, "main");

	if (search == NULL || index_open(&search->index, path, &store->key))
		goto fail;
	search->loop = loop;
	search->give = give;
	search->self = self;
	search->timer.on_due = on_due;
	search->timer.self = search;
	search->workers = workers_new(loop, 1, WAITING_MAX);
	if (search->workers == NULL) {
		index_close(&search->index);
		goto fail;
	}
	come_back(search, 0);
	return search;
fail:
	free(search);
	return NULL;
}

void
search_free(struct search **search)
{
	struct search *s = *search;

	if (s == NULL)
		return;
	s->stopping = true;
	loop_timer_clear(s->loop, &s->timer);
	workers_free(&s->workers);
	index_close(&s->index);
	free(s);
	*search = NULL;
}

void
search_wake(struct search *search)
{
	search->stale = true;
	if (!search->indexing)
		come_back(search, WAKE_MS);
}

static struct job *
copy_request(struct search *search, struct peer *from,
	     const struct frame *request)
{
	struct job *job = calloc(1, sizeof *job);
	struct slice *typed;

	if (job == NULL)
		return NULL;
	job->search = search;
	job->to = from;
	job->id = request->id;
	job->wish = request->search;
	typed = &job->wish.query;
	typed->at = arena_copy(&job->arena, typed->at, typed->n);
	if (typed->at != NULL)
		return job;
	free_job(job);
	return NULL;
}

void
search_ask(struct search *search, struct peer *from,
	   const struct frame *request)
{
	struct job *job = copy_request(search, from, request);
	struct frame answer;

	if (job != NULL)
		link_job(search, job);
	if (job != NULL &&
	    workers_add(search->workers, work_search, done_search, job))
		return;
	if (job != NULL) {
		unlink_job(job);
		free_job(job);
	}
	refuse(&answer, ERROR_unavailable, "too many searches wait");
	search->give(search->self, from, request->id, &answer);
}

void
search_forget(struct search *search, const struct peer *peer)
{
	for (struct job *job = search->jobs; job != NULL; job = job->next)
		if (job->to == peer)
			job->to = NULL;
}
