/* SPDX-License-Identifier: MIT */
/* proto/workers.c - a queue in, a list of finished jobs out, an eventfd to wake
 * the loop.
 *
 * One lock guards queue and list. `busy` belongs to the loop's thread alone.
 */
#include "proto/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
	struct task *next;
	void (*work)(void *job);
	void (*done)(void *job);
	void *job;
};

struct list {
	struct task *first;
	struct task **end;
};

struct workers {
	struct loop *loop;
	struct loop_watch watch; /* the eventfd: some job is finished */
	size_t queue_max;
	size_t busy;

	pthread_t *threads;
	unsigned n_threads;

	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct list waiting;
	size_t n_waiting;
	struct list finished;
	bool stopping;
};

static void
list_init(struct list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void
list_add(struct list *list, struct task *task)
{
	task->next = NULL;
	*list->end = task;
	list->end = &task->next;
}

/* The first task, or NULL. */
static struct task *
list_take(struct list *list)
{
	struct task *task = list->first;

	if (task == NULL)
		return NULL;
	list->first = task->next;
	if (list->first == NULL)
		list->end = &list->first;
	return task;
}

/* With the lock held. */
static void
finish(struct workers *workers, struct task *task)
{
	uint64_t one = 1;
	bool wake = workers->finished.first == NULL;

	list_add(&workers->finished, task);
	/* Fails only if the counter is full, and then it wakes anyway. */
	if (wake && write(workers->watch.fd, &one, sizeof one) < 0)
		return;
}

static void *
run_worker(void *self)
{
	struct workers *workers = self;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stopping) {
		struct task *task = list_take(&workers->waiting);

		if (task == NULL) {
			pthread_cond_wait(&workers->wake, &workers->lock);
			continue;
		}
		workers->n_waiting--;
		pthread_mutex_unlock(&workers->lock);
		task->work(task->job);
		pthread_mutex_lock(&workers->lock);
		finish(workers, task);
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

/* The job is told before its task is freed, one at a time: `done` may add the
 * next job. */
static void
tell_done(struct workers *workers, struct task *task)
{
	void (*done)(void *job) = task->done;
	void *job = task->job;

	free(task);
	workers->busy--;
	done(job);
}

static void
on_finished(void *self, uint32_t events)
{
	struct workers *workers = self;
	struct task *task;
	uint64_t count;

	(void)events;
	/* EAGAIN only: the list says what there is to do. */
	if (read(workers->watch.fd, &count, sizeof count) < 0)
		count = 0;
	pthread_mutex_lock(&workers->lock);
	task = workers->finished.first;
	list_init(&workers->finished);
	pthread_mutex_unlock(&workers->lock);
	while (task != NULL) {
		struct task *next = task->next;

		tell_done(workers, task);
		task = next;
	}
}

/* Signals are for the loop's thread: the workers are born deaf to them. */
static int
start_threads(struct workers *workers, unsigned threads)
{
	sigset_t all, before;
	int rc = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (rc == 0 && workers->n_threads < threads) {
		rc = pthread_create(&workers->threads[workers->n_threads], NULL,
				    run_worker, workers);
		if (rc == 0)
			workers->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

struct workers *
workers_new(struct loop *loop, unsigned threads, size_t queue_max)
{
	struct workers *workers;
	int kept_errno;

	if (threads == 0 || queue_max == 0) {
		errno = EINVAL;
		return NULL;
	}
	workers = calloc(1, sizeof *workers);
	if (workers == NULL)
		return NULL;
	workers->loop = loop;
	workers->queue_max = queue_max;
	list_init(&workers->waiting);
	list_init(&workers->finished);
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wake, NULL);
	workers->watch.on_ready = on_finished;
	workers->watch.self = workers;
	workers->watch.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	workers->threads = calloc(threads, sizeof *workers->threads);
	if (workers->watch.fd < 0 || workers->threads == NULL ||
	    loop_watch(loop, &workers->watch, EPOLLIN) < 0 ||
	    start_threads(workers, threads) < 0) {
		kept_errno = errno;
		workers_free(&workers);
		errno = kept_errno;
	}
	return workers;
}

static void
end_threads(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->stopping = true;
	pthread_cond_broadcast(&workers->wake);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->n_threads; i++)
		pthread_join(workers->threads[i], NULL);
}

void
workers_free(struct workers **workers)
{
	struct workers *w = *workers;
	struct task *task;

	if (w == NULL)
		return;
	end_threads(w);
	/* No thread is left: the lists are ours without the lock. */
	while ((task = list_take(&w->finished)) != NULL)
		tell_done(w, task);
	while ((task = list_take(&w->waiting)) != NULL)
		tell_done(w, task);
	if (w->watch.fd >= 0) {
		loop_unwatch(w->loop, &w->watch);
		close(w->watch.fd);
	}
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->threads);
	free(w);
	*workers = NULL;
}

bool
workers_add(struct workers *workers, void (*work)(void *job),
	    void (*done)(void *job), void *job)
{
	struct task *task = malloc(sizeof *task);
	bool has_room;

	if (task == NULL)
		return false;
	task->work = work;
	task->done = done;
	task->job = job;
	pthread_mutex_lock(&workers->lock);
	has_room =
	    !workers->stopping && workers->n_waiting < workers->queue_max;
	if (has_room) {
		list_add(&workers->waiting, task);
		workers->n_waiting++;
		pthread_cond_signal(&workers->wake);
	}
	pthread_mutex_unlock(&workers->lock);
	if (!has_room) {
		free(task);
		return false;
	}
	workers->busy++;
	return true;
}

size_t
workers_busy(const struct workers *workers)
{
	return workers->busy;
}
