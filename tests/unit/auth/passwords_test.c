/* SPDX-License-Identifier: MIT */
/* tests/unit/auth/passwords_test.c - hashes, and the jobs that make them. */
#include "auth/hashing.h"
#include "tests/unit/check.h"

#include <argon2.h>
#include <stdlib.h>

#define GOOD "correct horse"

/* Of weaker parameters, as an older version might have made it. */
static void
make_old(char into[PASSWORD_HASH_BYTES])
{
	CHECK_INT(argon2id_hash_encoded(1, 8, 1, GOOD, strlen(GOOD),
					"0123456789abcdef", 16, 32, into,
					PASSWORD_HASH_BYTES),
		  ARGON2_OK);
}

static void
a_hash_fits_its_password_alone(void)
{
	char hash[PASSWORD_HASH_BYTES], other[PASSWORD_HASH_BYTES];

	CHECK(password_hash(slice_of(GOOD), hash));
	CHECK(password_hash(slice_of(GOOD), other));
	CHECK(strcmp(hash, other) != 0);
	CHECK_INT(password_verify(slice_of(GOOD), hash), PASSWORD_RIGHT);
	CHECK_INT(password_verify(slice_of("Correct horse"), hash),
		  PASSWORD_WRONG);
	CHECK_INT(password_verify(slice_of(""), hash), PASSWORD_WRONG);
	CHECK_INT(password_verify(slice_of(GOOD), "$nonsense"),
		  PASSWORD_UNKNOWN);
	CHECK(!password_hash_is_old(hash));
}

static void
old_parameters_are_noticed(void)
{
	char hash[PASSWORD_HASH_BYTES];

	make_old(hash);
	CHECK(password_hash_is_old(hash));
	CHECK_INT(password_verify(slice_of(GOOD), hash), PASSWORD_RIGHT);
}

/* --- Jobs */

static struct loop *loop;
static int done;
static enum password_result last_result;
static char last_hash[PASSWORD_HASH_BYTES];
static bool last_renewed;

static void
on_done(struct hash_job *job)
{
	done++;
	last_result = job->result;
	last_renewed = job->is_renewed;
	memcpy(last_hash, job->hash, sizeof last_hash);
	for (size_t i = 0; i < sizeof job->password; i++)
		CHECK(job->password[i] == 0);
	free(job);
	loop_stop(loop);
}

static bool
add_job(struct hashing *hashing, const char *hash, const char *password)
{
	struct hash_job *job = calloc(1, sizeof *job);

	CHECK(job != NULL);
	if (job == NULL)
		return false;
	job->done = on_done;
	memcpy(job->hash, hash, strlen(hash) + 1);
	if (hashing_add(hashing, job, slice_of(password)))
		return true;
	free(job);
	return false;
}

static void
jobs_hash_verify_and_renew(void)
{
	struct hashing *hashing = hashing_new(loop);
	char old[PASSWORD_HASH_BYTES];

	make_old(old);
	CHECK(hashing != NULL);
	if (hashing == NULL)
		return;
	CHECK(add_job(hashing, "", GOOD));
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(last_result, PASSWORD_RIGHT);
	CHECK_INT(password_verify(slice_of(GOOD), last_hash), PASSWORD_RIGHT);
	CHECK(add_job(hashing, old, GOOD));
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(last_result, PASSWORD_RIGHT);
	CHECK(last_renewed && !password_hash_is_old(last_hash));
	CHECK(add_job(hashing, hashing_dummy(hashing), GOOD));
	CHECK_INT(loop_run(loop), 0);
	CHECK_INT(last_result, PASSWORD_WRONG);
	CHECK(!last_renewed);
	CHECK_INT(hashing_busy(hashing), 0);
	hashing_free(&hashing);
}

static void
a_full_queue_refuses_and_the_end_loses_no_job(void)
{
	struct hashing *hashing = hashing_new(loop);
	int added = 0;

	CHECK(hashing != NULL);
	if (hashing == NULL)
		return;
	done = 0;
	while (added < 1000 && add_job(hashing, "", GOOD))
		added++;
	CHECK(added >= 64 && added < 100);
	hashing_free(&hashing);
	CHECK_INT(done, added);
	CHECK_INT(last_result, PASSWORD_UNKNOWN);
}

int
main(void)
{
	loop = loop_new();
	if (loop == NULL)
		return 1;
	RUN(a_hash_fits_its_password_alone);
	RUN(old_parameters_are_noticed);
	RUN(jobs_hash_verify_and_renew);
	RUN(a_full_queue_refuses_and_the_end_loses_no_job);
	loop_free(&loop);
	return check_done();
}
