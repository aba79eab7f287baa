/* SPDX-License-Identifier: MIT */
/* auth/hashing.c - jobs between the loop and the workers. */
#include "auth/hashing.h"

#include "proto/log.h"
#include "proto/uuid.h"
#include "proto/workers.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

/* A hash takes 19 MiB and a core. */
#define THREADS_MAX 2
#define QUEUE_MAX   64

struct hashing {
	struct workers *workers;
	struct hash_job *jobs;
	char dummy[PASSWORD_HASH_BYTES];
};

static bool
make_dummy(struct hashing *hashing)
{
	char bytes[32];
	bool made;

	random_bytes(bytes, sizeof bytes);
	made = password_hash((struct slice){ bytes, sizeof bytes },
			     hashing->dummy);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return made;
}

struct hashing *
hashing_new(struct loop *loop)
{
	struct hashing *hashing = calloc(1, sizeof *hashing);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (hashing == NULL)
		return NULL;
	hashing->workers = workers_new(
	    loop, cores >= THREADS_MAX ? THREADS_MAX : 1, QUEUE_MAX);
	if (hashing->workers == NULL || !make_dummy(hashing))
		hashing_free(&hashing);
	return hashing;
}

void
hashing_free(struct hashing **hashing)
{
	if (*hashing == NULL)
		return;
	workers_free(&(*hashing)->workers);
	free(*hashing);
	*hashing = NULL;
}

/* In a worker's thread. */
static void
work(void *self)
{
	struct hash_job *job = self;
	struct slice password = { job->password, job->password_n };

	if (job->hash[0] == '\0') {
		if (password_hash(password, job->hash))
			job->result = PASSWORD_RIGHT;
	} else {
		job->result = password_verify(password, job->hash);
		if (job->result == PASSWORD_RIGHT &&
		    password_hash_is_old(job->hash))
			job->is_renewed = password_hash(password, job->hash);
	}
	OPENSSL_cleanse(job->password, sizeof job->password);
}

static void
finish(void *self)
{
	struct hash_job *job = self;
	uint64_t before;

	DL_DELETE(job->hashing->jobs, job);
	OPENSSL_cleanse(job->password, sizeof job->password);
	before = log_conn(job->conn);
	job->done(job);
	log_conn(before);
}

bool
hashing_add(struct hashing *hashing, struct hash_job *job,
	    struct slice password)
{
	if (password.n > sizeof job->password)
		return false;
	memcpy(job->password, password.at, password.n);
	job->password_n = password.n;
	job->hashing = hashing;
	job->conn = log_conn_now();
	job->result = PASSWORD_UNKNOWN;
	job->is_renewed = false;
	if (!workers_add(hashing->workers, work, finish, job)) {
		OPENSSL_cleanse(job->password, sizeof job->password);
		return false;
	}
	DL_APPEND(hashing->jobs, job);
	return true;
}

void
hashing_forget(struct hashing *hashing, const struct peer *peer)
{
	struct hash_job *job;

	DL_FOREACH (hashing->jobs, job)
		if (job->from == peer)
			job->from = NULL;
}

size_t
hashing_busy(const struct hashing *hashing)
{
	return workers_busy(hashing->workers);
}

const char *
hashing_dummy(const struct hashing *hashing)
{
	return hashing->dummy;
}
