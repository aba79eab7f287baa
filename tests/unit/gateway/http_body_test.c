/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/http_body_test.c - are bodies taken out of their framing?
 *
 * Each is fed at once, byte by byte and in every two pieces, and must come out
 * the same every time.
 */
#include "gateway/http.h"

#include "tests/unit/check.h"
#include "tests/unit/gateway/wire.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BODY_MAX 16

struct body_case {
	int status;             /* 0: whole, 1: needs more */
	int64_t content_length; /* CHUNKED: in chunks */
	const char *sent;
	const char *body;
	size_t rest; /* bytes that follow the body */
};

/* clang-format off */
#define CHUNKED -1
static const struct body_case body_cases[] = {
	{ 0, 0, "GET", "", 3 },
	{ 0, 5, "helloGET", "hello", 3 },
	{ 0, 16, "0123456789abcdef", "0123456789abcdef", 0 },
	{ 1, 5, "hell", "hell", 0 },
	{ 413, 17, "", "", 0 },
	{ 0, CHUNKED, "0\n\nGET", "", 3 },
	{ 0, CHUNKED, "5\nhello\n0\n\nGET", "hello", 3 },
	{ 0, CHUNKED, "a\n0123456789\n006\nabcdef\n000\n\n",
	  "0123456789abcdef", 0 },
	{ 0, CHUNKED, "A\n0123456789\n0\n\n", "0123456789", 0 },
	{ 0, CHUNKED, "1;a=\"b\";c\nx\n1 \t;d\ny\n0;e\n\n", "xy", 0 },
	{ 0, CHUNKED, "1\nx\n0\nA: b\nC: d\n\nGET", "x", 3 },
	{ 1, CHUNKED, "5\nhello\n0\n", "hello", 0 },
	{ 1, CHUNKED, "5\nhel", "hel", 0 },
	{ 413, CHUNKED, "11\nx", "", 0 },
	{ 413, CHUNKED, "10\n0123456789abcdef\n1\n", "0123456789abcdef", 0 },
	{ 413, CHUNKED, "ffffffff\n", "", 0 },
	{ 400, CHUNKED, "100000000\n", "", 0 },
	{ 400, CHUNKED, "\n", "", 0 },
	{ 400, CHUNKED, ";a\n", "", 0 },
	{ 400, CHUNKED, "-1\n", "", 0 },
	{ 400, CHUNKED, "0x1\n", "", 0 },
	{ 400, CHUNKED, " 1\nx\n", "", 0 },
	{ 400, CHUNKED, "1 1\nx\n", "", 0 },
	{ 400, CHUNKED, "1~x\n", "", 0 },
	{ 400, CHUNKED, "1;a~x\n", "", 0 },
	{ 400, CHUNKED, "1^x\n", "", 0 },
	{ 400, CHUNKED, "1;a\x01\nx\n", "", 0 },
	{ 400, CHUNKED, "1\nxy\n", "x", 0 },
	{ 400, CHUNKED, "1\nx~0\n\n", "x", 0 },
	{ 400, CHUNKED, "0\n~", "", 0 },
	{ 400, CHUNKED, "0\nA: b~\n", "", 0 },
	{ 400, CHUNKED, "0\n^x", "", 0 },
	{ 400, CHUNKED, "0\nA\n\n", "", 0 },
	{ 400, CHUNKED, "0\nA : b\n\n", "", 0 },
	{ 400, CHUNKED, "0\n: b\n\n", "", 0 },
	{ 400, CHUNKED, "0\nA: b\n c\n\n", "", 0 },
	{ 400, CHUNKED, "0\nGET / HTTP/1.1\n\n", "", 0 },
};
/* clang-format on */

struct body_result {
	int status;
	size_t n;
	size_t rest;
	char bytes[BODY_MAX + 1];
};

static enum http_step
feed_body(struct http_body *body, struct body_result *result, const char *bytes,
	  size_t n)
{
	char *copy = malloc(n + 1);
	struct slice in = { copy, n };
	struct slice piece;
	enum http_step step;

	memcpy(copy, bytes, n);
	while ((step = http_body_next(body, &in, &piece)) == HTTP_PIECE) {
		CHECK(piece.n > 0 && piece.n <= BODY_MAX - result->n);
		memcpy(result->bytes + result->n, piece.at, piece.n);
		result->n += piece.n;
	}
	result->rest = in.n;
	free(copy);
	return step;
}

static struct body_result
read_body(const struct http_request *r, const char *bytes, size_t n, size_t cut,
	  size_t step)
{
	struct body_result result = { .rest = n };
	struct http_body body;
	enum http_step last = http_body_init(&body, r, BODY_MAX);
	size_t at = 0;

	while (last == HTTP_MORE && at < n) {
		size_t piece = at < cut ? cut : step;

		piece = n - at < piece ? n - at : piece;
		last = feed_body(&body, &result, bytes + at, piece);
		at += piece;
		result.rest += n - at;
	}
	result.status = last == HTTP_DONE   ? 0
			: last == HTTP_MORE ? 1
					    : body.status;
	return result;
}

static void
check_body(const struct body_case *c, const struct body_result *got)
{
	CHECK_INT(got->status, c->status);
	CHECK_STR(got->bytes, c->body);
	if (c->status == 0)
		CHECK_INT(got->rest, c->rest);
}

static void
bodies_are_read_alike_however_cut(void)
{
	static struct http_request r;

	for (size_t i = 0; i < COUNT(body_cases); i++) {
		const struct body_case *c = &body_cases[i];
		int failed = check_failed_here;
		struct body_result got;
		char *bytes;
		size_t n;

		r.chunked = c->content_length == CHUNKED;
		r.content_length = r.chunked ? 0 : (uint64_t)c->content_length;
		bytes = to_wire(c->sent, &n);
		for (size_t cut = 0; cut <= n; cut++) {
			got = read_body(&r, bytes, n, cut, n);
			check_body(c, &got);
		}
		got = read_body(&r, bytes, n, 0, 1);
		check_body(c, &got);
		if (check_failed_here != failed)
			printf("# in case %zu\n", i);
		free(bytes);
	}
}

/* One byte of body must not cost thousands of framing. */
static void
chunk_framing_is_bounded(void)
{
	struct http_request r = { .chunked = true };
	struct body_result result = { 0 };
	struct http_body body;
	char junk[5000];

	memset(junk, 'x', sizeof(junk));
	CHECK_INT(http_body_init(&body, &r, BODY_MAX), HTTP_MORE);
	CHECK_INT(feed_body(&body, &result, "1;", 2), HTTP_MORE);
	CHECK_INT(feed_body(&body, &result, junk, sizeof(junk)), HTTP_REFUSED);
	CHECK_INT(body.status, 400);
	CHECK_INT(http_body_init(&body, &r, BODY_MAX), HTTP_MORE);
	CHECK_INT(feed_body(&body, &result, "0\r\n", 3), HTTP_MORE);
	CHECK_INT(feed_body(&body, &result, junk, sizeof(junk)), HTTP_REFUSED);
	CHECK_INT(body.status, 400);
	CHECK_INT(http_body_init(&body, &r, BODY_MAX), HTTP_MORE);
	CHECK_INT(feed_body(&body, &result, "0\r\nx:", 5), HTTP_MORE);
	CHECK_INT(feed_body(&body, &result, junk, sizeof(junk)), HTTP_REFUSED);
	CHECK_INT(body.status, 400);
}

int
main(void)
{
	RUN(bodies_are_read_alike_however_cut);
	RUN(chunk_framing_is_bounded);
	return check_done();
}
