/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/http_fuzz.c - any bytes as an HTTP request and its body.
 *
 * What they mean must not depend on how they came: the input is read at once
 * and in pieces whose sizes follow from its first byte, and both must agree.
 * Each piece lies in an allocation of its own size, so that ASan sees a byte
 * read too many.
 */
#include "gateway/http.h"
#include "gateway/websocket.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

struct body_result {
	enum http_step step;
	int status;
	size_t used;
	size_t n;
	char bytes[BODY_MAX];
};

static void
read_body_piece(struct http_body *body, struct body_result *result,
		struct slice in)
{
	struct slice piece;
	size_t before = in.n;

	while ((result->step = http_body_next(body, &in, &piece)) ==
	       HTTP_PIECE) {
		must(piece.n > 0 && piece.n <= BODY_MAX - result->n);
		memcpy(result->bytes + result->n, piece.at, piece.n);
		result->n += piece.n;
	}
	must(result->step != HTTP_MORE || in.n == 0);
	result->status = body->status;
	result->used += before - in.n;
}

static struct body_result
read_body(const struct http_request *r, const char *bytes, size_t n,
	  size_t step)
{
	struct http_body body;
	struct body_result result = { 0 };

	result.step = http_body_init(&body, r, BODY_MAX);
	result.status = body.status;
	for (size_t at = 0; at < n && result.step == HTTP_MORE; at += step) {
		size_t piece = n - at < step ? n - at : step;
		char *copy = malloc(piece);

		must(copy != NULL);
		memcpy(copy, bytes + at, piece);
		read_body_piece(&body, &result, (struct slice){ copy, piece });
		free(copy);
	}
	return result;
}

static void
look_inside(const struct http_request *r)
{
	struct http_list list = http_list(r, "Connection");
	struct slice item;
	char out[64];

	while (http_list_next(&list, &item))
		must(item.n > 0);
	must(http_query(r, "token", out, sizeof(out)) < (int)sizeof(out));
	for (size_t i = 0; i < 4; i++)
		must(http_path_segment(r, i, out, sizeof(out)) <
		     (int)sizeof(out));
	http_cookie(r, "session_token", &item);
	must(r->path[0] == '/' || slice_is(r->method, "OPTIONS"));
	must(r->host.n > 0 && http_count(r, "Host") == 1);
	must(!r->chunked || r->content_length == 0);
}

static void
judge_upgrade(const struct http_request *r)
{
	char accept[WEBSOCKET_ACCEPT_KEY_BYTES + 1];
	struct slice key;
	int status = websocket_check_upgrade(r, &key);

	must(status == 101 || status == 400 || status == 405 || status == 426);
	must(status != 101 || websocket_accept_key(key, accept) == 0);
}

static void
compare_bodies(const struct http_request *r, const char *bytes, size_t n,
	       size_t step)
{
	struct body_result whole = read_body(r, bytes, n, n > 0 ? n : 1);
	struct body_result parts = read_body(r, bytes, n, step);

	must(whole.step == parts.step && whole.status == parts.status);
	must(whole.n == parts.n && whole.used == parts.used);
	must(memcmp(whole.bytes, parts.bytes, whole.n) == 0);
}

static enum http_step
parse_parts(struct http_request *r, const char *bytes, size_t n, size_t step)
{
	struct http_scan scan = { 0 };
	enum http_step result = HTTP_MORE;

	for (size_t have = 0; have < n && result == HTTP_MORE;) {
		char *copy;

		have = n - have < step ? n : have + step;
		copy = malloc(have);
		must(copy != NULL);
		memcpy(copy, bytes, have);
		result = http_parse_head(&scan, r, copy, have);
		free(copy);
	}
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_request whole;
	static struct http_request parts;
	struct http_scan scan = { 0 };
	const char *bytes = (const char *)data + 1;
	enum http_step result;
	size_t n = size - 1;
	size_t step;

	if (size == 0)
		return 0;
	step = data[0] % 64 + 1u;
	result = http_parse_head(&scan, &whole, bytes, n);
	must(parse_parts(&parts, bytes, n, step) == result);
	if (result == HTTP_REFUSED) {
		must(whole.status == parts.status && whole.status >= 400);
		must(strcmp(whole.why, parts.why) == 0);
		must(strcmp(http_reason(whole.status), "Unknown") != 0);
	}
	if (result != HTTP_DONE)
		return 0;
	must(whole.head_bytes == parts.head_bytes && whole.head_bytes <= n);
	must(whole.header_count == parts.header_count);
	look_inside(&whole);
	judge_upgrade(&whole);
	compare_bodies(&whole, bytes + whole.head_bytes, n - whole.head_bytes,
		       step);
	return 0;
}
