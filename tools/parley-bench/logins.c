/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/logins.h"

#include "proto/clock.h"
#include "tools/parley-bench/rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 5

struct login {
	struct rest rest; /* first */
	uint64_t since_us;
};

struct logins {
	const struct plan *plan;
	struct shared *shared;
	struct tally *tally;
	CURLM *multi;
	struct login *all;
	bool has_complained;
};

static void
write_account(void *self, unsigned number, char body[REST_BODY_BYTES])
{
	const struct plan *plan = self;

	snprintf(body, REST_BODY_BYTES,
		 "{\"username\":\"login-%08x-%u\","
		 "\"password\":\"a password of %08x\"}",
		 plan->run, number, plan->run);
}

/* And not a problem (RFC 9457). */
static bool
is_account(void *self, unsigned number, const struct buffer *answer)
{
	(void)self;
	(void)number;
	return memmem(answer->bytes, answer->n, "\"user_id\"", 9) != NULL;
}

int
logins_prepare(const struct plan *plan)
{
	const struct rest_batch batch = { plan->logins, write_account,
					  is_account, (void *)plan };

	return rest_post_all(&plan->server, "/auth/register", NULL, &batch);
}

/* --- The process */

static int
stage_of(const struct logins *logins)
{
	return atomic_load(&logins->shared->stage);
}

static void
begin(struct logins *logins, struct login *login)
{
	buffer_clear(&login->rest.answer);
	login->since_us = clock_us();
	curl_multi_add_handle(logins->multi, login->rest.curl);
}

static void
refused(struct logins *logins, const struct login *login, CURLcode code)
{
	count(&logins->tally->refused, 1);
	if (!logins->has_complained)
		fprintf(stderr, "parley-bench: no login: %s %.*s\n",
			curl_easy_strerror(code), (int)login->rest.answer.n,
			(char *)login->rest.answer.bytes);
	logins->has_complained = true;
}

static void
take(struct logins *logins, struct login *login, CURLcode code)
{
	long status = 0;

	curl_easy_getinfo(login->rest.curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK || status != 200) {
		refused(logins, login, code);
		return;
	}
	count(&logins->tally->answers, 1);
	if (stage_of(logins) == STAGE_MEASURE)
		histogram_add(&logins->tally->answer,
			      clock_us() - login->since_us);
}

/* Each that is through begins again. */
static void
take_all(struct logins *logins)
{
	struct rest *rest;
	CURLcode code;

	while ((rest = rest_next(logins->multi, &code)) != NULL) {
		struct login *login = (struct login *)rest;

		take(logins, login, code);
		begin(logins, login);
	}
}

static void
wait_for_warm_up(const struct logins *logins)
{
	struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	while (stage_of(logins) < STAGE_WARM_UP)
		nanosleep(&pause, NULL);
}

static void
repeat(struct logins *logins)
{
	wait_for_warm_up(logins);
	for (unsigned i = 0; i < logins->plan->logins; i++)
		begin(logins, &logins->all[i]);
	while (stage_of(logins) <= STAGE_MEASURE &&
	       rest_go_on(logins->multi, LOOK_MS))
		take_all(logins);
	for (unsigned i = 0; i < logins->plan->logins; i++)
		curl_multi_remove_handle(logins->multi,
					 logins->all[i].rest.curl);
}

static int
open_login(struct logins *logins, unsigned number)
{
	struct login *login = &logins->all[number];
	char body[REST_BODY_BYTES];

	if (rest_open(&login->rest, &logins->plan->server, "/auth/login",
		      NULL) != 0)
		return -1;
	write_account((void *)logins->plan, number, body);
	curl_easy_setopt(login->rest.curl, CURLOPT_COPYPOSTFIELDS, body);
	return 0;
}

int
logins_run(const struct plan *plan, struct shared *shared, struct tally *tally)
{
	struct logins logins = { .plan = plan,
				 .shared = shared,
				 .tally = tally,
				 .multi = curl_multi_init(),
				 .all =
				     calloc(plan->logins, sizeof *logins.all) };
	unsigned opened = 0;
	int rc = 1;

	if (logins.multi == NULL || logins.all == NULL) {
		fputs("parley-bench: out of memory\n", stderr);
		goto out;
	}
	while (opened < plan->logins)
		if (open_login(&logins, opened++) != 0)
			goto out;
	repeat(&logins);
	atomic_store(&tally->is_through, true);
	rc = 0;
out:
	for (unsigned i = 0; i < opened; i++)
		rest_close(&logins.all[i].rest);
	free(logins.all);
	curl_multi_cleanup(logins.multi);
	return rc;
}
