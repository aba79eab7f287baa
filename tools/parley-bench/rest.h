/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/rest.h - requests to parley's REST interface: one at a
 * time as its caller says, or many.
 */
#ifndef PARLEY_TOOLS_BENCH_REST_H
#define PARLEY_TOOLS_BENCH_REST_H

#include "proto/buffer.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdbool.h>

struct rest {
	CURL *curl;
	struct curl_slist *headers;
	struct buffer answer; /* the body of the last one */
	char url[100];
};

/* Prepares requests to `path`, as the bearer of `token`, or nobody's if it is
 * NULL. 0, or -1 after a word on stderr; rest_close() is due either way. */
int rest_open(struct rest *rest, const struct sockaddr_in *server,
	      const char *path, const char *token);

void rest_close(struct rest *rest);

/* Carries on what is under way in `multi`, and waits up to `wait_ms` for more
 * to do. Whether that went well. */
bool rest_go_on(CURLM *multi, int wait_ms);

/* One that is through, which is taken out of `multi`, and how it went. NULL:
 * none is, for now. */
struct rest *rest_next(CURLM *multi, CURLcode *code);

#define REST_BODY_BYTES 160

/* Requests that differ in their bodies alone. */
struct rest_batch {
	unsigned n;
	void (*write)(void *self, unsigned i, char body[REST_BODY_BYTES]);
	/* False if it is not the answer that was wanted. */
	bool (*take)(void *self, unsigned i, const struct buffer *answer);
	void *self;
};

/* Posts them all, several at the same time: what is synced to disk is then
 * synced together. 0, or -1 after a word on stderr. */
int rest_post_all(const struct sockaddr_in *server, const char *path,
		  const char *token, const struct rest_batch *batch);

#endif
