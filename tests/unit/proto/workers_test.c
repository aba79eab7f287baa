/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/workers_test.c - jobs through real threads and a real loop,
 * which a timer ends if nothing else does.
 */
#include "proto/workers.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define TOO_LONG_MS 10000

struct batch {
	struct loop *loop;
	struct workers *workers;
	struct loop_timer guard;
	pthread_t main_thread;
	pthread_mutex_t gate; /* held: jobs that wait for it stay in hand */
	int wanted;
	int done;
	int worked;
	int wrong_thread;
	int disorder;
	int late;
	bool again;
};

struct job {
	struct batch *batch;
	int number;
	bool worked;
};

static void
stop_late(void *self)
{
	struct batch *batch = self;

	batch->late++;
	loop_stop(batch->loop);
}

static void
begin(struct batch *batch, unsigned threads, size_t queue_max)
{
	*batch = (struct batch){ .main_thread = pthread_self() };
	pthread_mutex_init(&batch->gate, NULL);
	batch->loop = loop_new();
	if (batch->loop == NULL)
		abort();
	batch->guard =
	    (struct loop_timer){ .on_due = stop_late, .self = batch };
	CHECK_INT(loop_timer_set(batch->loop, &batch->guard, TOO_LONG_MS), 0);
	batch->workers = workers_new(batch->loop, threads, queue_max);
	if (batch->workers == NULL)
		abort();
}

static void
end(struct batch *batch)
{
	workers_free(&batch->workers);
	CHECK(batch->workers == NULL);
	workers_free(&batch->workers);
	loop_free(&batch->loop);
	pthread_mutex_destroy(&batch->gate);
	CHECK_INT(batch->late, 0);
	CHECK_INT(batch->wrong_thread, 0);
}

static void
work(void *self)
{
	struct job *job = self;

	pthread_mutex_lock(&job->batch->gate);
	job->worked = !pthread_equal(pthread_self(), job->batch->main_thread);
	pthread_mutex_unlock(&job->batch->gate);
}

static bool add_job(struct batch *batch, int number);

static void
done(void *self)
{
	struct job *job = self;
	struct batch *batch = job->batch;

	batch->wrong_thread +=
	    !pthread_equal(pthread_self(), batch->main_thread);
	batch->disorder += job->number != batch->done;
	batch->worked += job->worked;
	free(job);
	if (++batch->done == batch->wanted)
		loop_stop(batch->loop);
	else if (batch->again)
		CHECK(add_job(batch, batch->done));
}

static bool
add_job(struct batch *batch, int number)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL)
		abort();
	job->batch = batch;
	job->number = number;
	if (workers_add(batch->workers, work, done, job))
		return true;
	free(job);
	return false;
}

static void
every_job_is_worked_and_done(void)
{
	struct batch batch;

	begin(&batch, 4, 1000);
	batch.wanted = 1000;
	for (int i = 0; i < 1000; i++)
		CHECK(add_job(&batch, i));
	CHECK_INT(workers_busy(batch.workers), 1000);
	CHECK_INT(loop_run(batch.loop), 0);
	CHECK_INT(batch.done, 1000);
	CHECK_INT(batch.worked, 1000);
	CHECK_INT(workers_busy(batch.workers), 0);
	end(&batch);
}

static void
one_thread_keeps_the_order(void)
{
	struct batch batch;

	begin(&batch, 1, 100);
	batch.wanted = 100;
	for (int i = 0; i < 100; i++)
		CHECK(add_job(&batch, i));
	CHECK_INT(loop_run(batch.loop), 0);
	CHECK_INT(batch.done, 100);
	CHECK_INT(batch.disorder, 0);
	end(&batch);
}

static void
done_may_add_the_next_job(void)
{
	struct batch batch;

	begin(&batch, 1, 1);
	batch.wanted = 200;
	batch.again = true;
	CHECK(add_job(&batch, 0));
	CHECK_INT(loop_run(batch.loop), 0);
	CHECK_INT(batch.done, 200);
	CHECK_INT(batch.worked, 200);
	end(&batch);
}

/* Two threads have at most two in hand, so at most five are taken. */
static void
full_queue_refuses(void)
{
	struct batch batch;
	int taken = 0;

	begin(&batch, 2, 3);
	pthread_mutex_lock(&batch.gate);
	for (int i = 0; i < 20; i++)
		taken += add_job(&batch, i);
	CHECK(taken >= 3 && taken <= 5);
	CHECK_INT(workers_busy(batch.workers), taken);
	batch.wanted = taken;
	pthread_mutex_unlock(&batch.gate);
	CHECK_INT(loop_run(batch.loop), 0);
	CHECK_INT(batch.done, taken);
	CHECK_INT(batch.worked, taken);
	end(&batch);
}

static void
free_tells_every_job(void)
{
	struct batch batch;

	begin(&batch, 2, 50);
	for (int i = 0; i < 50; i++)
		CHECK(add_job(&batch, i));
	end(&batch);
	CHECK_INT(batch.done, 50);
	CHECK(batch.worked <= 50);
}

static void
nothing_of_either_is_refused(void)
{
	struct loop *loop = loop_new();

	CHECK(workers_new(loop, 0, 1) == NULL);
	CHECK_INT(errno, EINVAL);
	CHECK(workers_new(loop, 1, 0) == NULL);
	CHECK_INT(errno, EINVAL);
	loop_free(&loop);
}

int
main(void)
{
	RUN(every_job_is_worked_and_done);
	RUN(one_thread_keeps_the_order);
	RUN(done_may_add_the_next_job);
	RUN(full_queue_refuses);
	RUN(free_tells_every_job);
	RUN(nothing_of_either_is_refused);
	return check_done();
}
