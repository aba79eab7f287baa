/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/group_test.c - what a turn writes is synced once, and told
 * after that; what fails, fails alone. */
#include "tests/unit/auth/fixture.h"

#define JOBS 450

/* Makes, or looks for, the user of a number. */
struct work {
	struct group_job job; /* first */
	uint64_t number;
	bool looks;
	bool gives_up; /* the whole transaction, as SQLite does at times */
	bool is_known;
};

static struct work works[JOBS];
static size_t works_n, kept_n, failed_n, order;
static uint64_t heard[JOBS];

static enum group_result
act(struct auth *a, struct group_job *job, bool may_write)
{
	struct work *work = (struct work *)job;
	const struct new_user fresh = { .number = work->number };
	struct user user;

	if (work->looks) {
		work->is_known = users_find_number(a->db, work->number, &user);
		return GROUP_DONE;
	}
	if (!may_write)
		return GROUP_MUST_WRITE;
	if (work->gives_up)
		database_rollback(a->db);
	else
		users_add(a->db, &fresh, 1, &user);
	return work->gives_up ? GROUP_UNDO : GROUP_DONE;
}

static void
tell(struct auth *a, struct group_job *job, bool kept)
{
	CHECK(!database_is_open(a->db));
	heard[order++] = job->from == NULL ? 0 : job->id;
	kept_n += kept;
	failed_n += !kept;
}

static struct work *
add(uint64_t number)
{
	struct work *work = &works[works_n++];

	*work = (struct work){ .number = number };
	group_add(&auth, &work->job, act, tell, somebody(), works_n);
	return work;
}

static struct work *
look(uint64_t number)
{
	struct work *work = add(number);

	work->looks = true;
	return work;
}

static bool
has(struct database *db, uint64_t number)
{
	struct user user;

	return users_find_number(db, number, &user);
}

static bool
is_there(uint64_t number)
{
	return has(auth.db, number);
}

static void
begin(void)
{
	set_up();
	works_n = kept_n = failed_n = order = 0;
}

static void
answers_wait_for_one_commit_and_keep_their_order(void)
{
	struct database *other;

	begin();
	for (uint64_t n = 1; n <= 100; n++)
		add(n);
	CHECK_INT(order, 0);
	CHECK(!is_there(1));
	group_turn(&auth);
	CHECK_INT(kept_n, 100);
	CHECK_INT(auth.count.commits, 1);
	for (size_t i = 0; i < order; i++)
		CHECK_INT(heard[i], i + 1);
	other = database_open(path);
	for (uint64_t n = 1; n <= 100; n++)
		CHECK(has(other, n));
	database_close(&other);
	tear_down();
}

static void
a_long_queue_is_committed_in_parts(void)
{
	begin();
	for (uint64_t n = 1; n <= JOBS; n++)
		add(n);
	group_turn(&auth);
	CHECK_INT(kept_n, JOBS);
	CHECK_INT(auth.count.commits, 3);
	tear_down();
}

static void
who_only_reads_costs_no_commit(void)
{
	struct work *mine;

	begin();
	add(1);
	group_turn(&auth);
	mine = look(1);
	look(2);
	group_turn(&auth);
	CHECK(mine->is_known && kept_n == 3);
	CHECK_INT(auth.count.commits, 1);
	tear_down();
}

static void
one_that_fails_spoils_no_other(void)
{
	struct work *behind;

	begin();
	add(1);
	add(1);
	add(2);
	behind = look(2);
	group_turn(&auth);
	CHECK(is_there(1) && is_there(2) && behind->is_known);
	CHECK_INT(kept_n, 3);
	CHECK_INT(failed_n, 1);
	tear_down();
}

static void
a_lost_transaction_is_told_to_all_who_depend_on_it(void)
{
	begin();
	look(1);
	add(1);
	look(1);
	add(2)->gives_up = true;
	add(3);
	group_turn(&auth);
	CHECK(!is_there(1) && !is_there(2) && is_there(3));
	CHECK_INT(kept_n, 2);
	CHECK_INT(failed_n, 3);
	CHECK_INT(order, 5);
	tear_down();
}

static void
who_cannot_write_now_is_refused_and_readers_go_on(void)
{
	struct database *other;
	struct work *reader;

	begin();
	add(1);
	group_turn(&auth);
	other = database_open(path);
	CHECK(other != NULL && database_begin(other, true));
	add(2);
	add(3);
	reader = look(1);
	group_turn(&auth);
	CHECK_INT(failed_n, 2);
	CHECK(reader->is_known && !reader->job.failed);
	database_rollback(other);
	database_close(&other);
	add(4);
	group_turn(&auth);
	CHECK(is_there(4) && !is_there(2));
	tear_down();
}

static void
a_peer_that_is_gone_is_forgotten(void)
{
	begin();
	add(1);
	group_forget(&auth, somebody());
	group_turn(&auth);
	CHECK_INT(heard[0], 0);
	CHECK(is_there(1));
	tear_down();
}

static void
run_all(void)
{
	RUN(answers_wait_for_one_commit_and_keep_their_order);
	RUN(a_long_queue_is_committed_in_parts);
	RUN(who_only_reads_costs_no_commit);
	RUN(one_that_fails_spoils_no_other);
	RUN(a_lost_transaction_is_told_to_all_who_depend_on_it);
	RUN(who_cannot_write_now_is_refused_and_readers_go_on);
	RUN(a_peer_that_is_gone_is_forgotten);
}

int
main(void)
{
	return run_in_folder(run_all);
}
