/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/rest_batch.c - many requests, a few of them under way at
 * any time: see rest.h.
 */
#include "tools/parley-bench/rest.h"

#include <stdio.h>

#define LANES   64
#define WAIT_MS 100

struct lane {
	struct rest rest; /* first */
	unsigned number;  /* of its request */
};

struct many {
	const struct rest_batch *batch;
	CURLM *multi;
	struct lane lanes[LANES];
	unsigned opened;    /* lanes */
	unsigned next;      /* request */
	unsigned under_way; /* requests */
};

static void
begin(struct many *many, struct lane *lane)
{
	char body[REST_BODY_BYTES];

	if (many->next == many->batch->n)
		return;
	lane->number = many->next++;
	many->batch->write(many->batch->self, lane->number, body);
	buffer_clear(&lane->rest.answer);
	curl_easy_setopt(lane->rest.curl, CURLOPT_COPYPOSTFIELDS, body);
	if (curl_multi_add_handle(many->multi, lane->rest.curl) == CURLM_OK)
		many->under_way++;
}

static int
take(const struct many *many, const struct lane *lane, CURLcode code)
{
	const struct buffer *answer = &lane->rest.answer;

	if (code != CURLE_OK) {
		fprintf(stderr, "parley-bench: %s: %s\n", lane->rest.url,
			curl_easy_strerror(code));
		return -1;
	}
	if (many->batch->take(many->batch->self, lane->number, answer))
		return 0;
	fprintf(stderr, "parley-bench: %s: %.*s\n", lane->rest.url,
		(int)answer->n, (char *)answer->bytes);
	return -1;
}

/* Each lane that is through takes the next request. */
static int
take_all(struct many *many)
{
	struct rest *rest;
	CURLcode code;
	int rc = 0;

	while (rc == 0 && (rest = rest_next(many->multi, &code)) != NULL) {
		struct lane *lane = (struct lane *)rest;

		many->under_way--;
		rc = take(many, lane, code);
		if (rc == 0)
			begin(many, lane);
	}
	return rc;
}

/* 0 if all were answered as was wanted. */
static int
run(struct many *many)
{
	int rc = 0;

	for (unsigned i = 0; i < many->opened; i++)
		begin(many, &many->lanes[i]);
	while (rc == 0 && many->under_way > 0) {
		if (!rest_go_on(many->multi, WAIT_MS))
			return -1;
		rc = take_all(many);
	}
	return rc == 0 && many->next == many->batch->n ? 0 : -1;
}

static void
end(struct many *many)
{
	for (unsigned i = 0; i < many->opened; i++) {
		if (many->lanes[i].rest.curl != NULL)
			curl_multi_remove_handle(many->multi,
						 many->lanes[i].rest.curl);
		rest_close(&many->lanes[i].rest);
	}
	curl_multi_cleanup(many->multi);
}

int
rest_post_all(const struct sockaddr_in *server, const char *path,
	      const char *token, const struct rest_batch *batch)
{
	struct many many = { .batch = batch, .multi = curl_multi_init() };
	int rc = many.multi == NULL ? -1 : 0;

	while (rc == 0 && many.opened < LANES && many.opened < batch->n) {
		struct lane *lane = &many.lanes[many.opened++];

		rc = rest_open(&lane->rest, server, path, token);
	}
	if (rc == 0)
		rc = run(&many);
	end(&many);
	return rc;
}
