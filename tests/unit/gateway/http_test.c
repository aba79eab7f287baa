/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/http_test.c - are heads read strictly and alike?
 *
 * Each head is fed at once, byte by byte and in every two pieces, and must
 * mean the same every time.
 */
#include "gateway/http.h"

#include "tests/unit/check.h"
#include "tests/unit/gateway/wire.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct head_case {
	int status; /* 0: good, 1: needs more */
	const char *head;
};

/* clang-format off */
static const struct head_case head_cases[] = {
	{ 0, "GET / HTTP/1.1\nHost: a\n\n" },
	{ 0, "GET / HTTP/1.2\nHost: a\n\n" },
	{ 0, "\nGET / HTTP/1.1\nHost: a\n\n" },
	{ 0, "x!#$%&'*+-._`|y / HTTP/1.1\nHost: a\n\n" },
	{ 0, "GET / HTTP/1.1\nhOsT:a\nX:\nY: \t b c\t \n\n" },
	{ 0, "OPTIONS * HTTP/1.1\nHost: a\n\n" },
	{ 0, "GET http://a:80/b HTTP/1.1\nHost: c\n\n" },
	{ 0, "GET / HTTP/1.1\nHost: [::1]:8080\n\n" },
	{ 0, "GET / HTTP/1.1\nHost: a:\n\n" },
	{ 0, "POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n" },
	{ 0, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: Chunked\n\n" },
	{ 0, "POST / HTTP/1.1\nHost: a\nExpect: 100-Continue\n\n" },
	{ 1, "" },
	{ 1, "\n" },
	{ 1, "GET / HTTP/1.1\nHost: a\n" },
	{ 1, "GET / HTTP/1.1\nHost: a\n^" },
	/* line ends */
	{ 400, "\n\nGET / HTTP/1.1\nHost: a\n\n" },
	{ 400, "~GET / HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET / HTTP/1.1~Host: a\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a~~" },
	{ 400, "GET / HTTP/1.1\nHost: a\n~" },
	{ 400, "GET / HTTP/1.1\nHost: a^b\n\n" },
	{ 400, "GET / HTTP/1.1^\nHost: a\n\n" },
	/* request line */
	{ 400, " GET / HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET  / HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /  HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET / HTTP/1.1 \nHost: a\n\n" },
	{ 400, "GET\t/ HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /\nHost: a\n\n" },
	{ 400, "G(T / HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET / http/1.1\nHost: a\n\n" },
	{ 400, "GET / HTTP/1.10\nHost: a\n\n" },
	{ 400, "GET / HTTP/1,1\nHost: a\n\n" },
	{ 400, "\x16\x03\x01" },
	{ 505, "GET / HTTP/1.0\nHost: a\n\n" },
	{ 505, "PRI * HTTP/2.0\n\n" },
	/* target */
	{ 400, "GET a HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET * HTTP/1.1\nHost: a\n\n" },
	{ 400, "CONNECT a:80 HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET ftp://a/ HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET http:///b HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET http://u@a/ HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /a#b HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /\xc3\xa9 HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /a%0 HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /a%0g HTTP/1.1\nHost: a\n\n" },
	{ 400, "GET /a%00 HTTP/1.1\nHost: a\n\n" },
	/* header fields */
	{ 400, "GET / HTTP/1.1\nHost: a\nX : b\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\nX: b\n c\n\n" },
	{ 400, "GET / HTTP/1.1\n Host: a\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\nX\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\n: b\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\nX(: b\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\nX: b\x01\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\nX: b\x7f\n\n" },
	/* host */
	{ 400, "GET / HTTP/1.1\n\n" },
	{ 400, "GET / HTTP/1.1\nHost:\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a\nHost: a\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a, b\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a/b\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: u@a\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a:x\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: a:65536\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: [::1\n\n" },
	{ 400, "GET / HTTP/1.1\nHost: []\n\n" },
	{ 400, "GET http://a/ HTTP/1.1\n\n" },
	/* framing */
	{ 400, "POST / HTTP/1.1\nHost: a\nContent-Length:\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nContent-Length: +1\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nContent-Length: 1, 1\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nContent-Length: 0x1\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nContent-Length: 1 1\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\n"
	       "Content-Length: 18446744073709551617\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\n"
	       "Content-Length: 1\nContent-Length: 1\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\n"
	       "Content-Length: 1\nTransfer-Encoding: chunked\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\n"
	       "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding:\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: identity\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked;a=b\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \"chunked\"\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, gzip\n\n" },
	{ 400, "POST / HTTP/1.1\nHost: a\n"
	       "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n" },
	{ 501, "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n" },
	{ 501, "POST / HTTP/1.1\nHost: a\n"
	       "Transfer-Encoding: gzip\nTransfer-Encoding: chunked\n\n" },
	{ 417, "POST / HTTP/1.1\nHost: a\nExpect: tea\n\n" },
};
/* clang-format on */

static int
to_status(enum http_step step, const struct http_request *r)
{
	return step == HTTP_DONE ? 0 : step == HTTP_MORE ? 1 : r->status;
}

/* First `cut` bytes, then `step` more at a time; each time in memory that is
 * no larger than what came. */
static int
parse_pieces(const char *bytes, size_t n, size_t cut, size_t step)
{
	static struct http_request r;
	struct http_scan scan = { 0 };
	enum http_step result = HTTP_MORE;
	size_t have = cut;

	for (;;) {
		char *copy = malloc(have + 1);

		memcpy(copy, bytes, have);
		result = http_parse_head(&scan, &r, copy, have);
		free(copy);
		if (result != HTTP_MORE || have == n)
			return to_status(result, &r);
		have = n - have < step ? n : have + step;
	}
}

static void
heads_are_judged_alike_however_cut(void)
{
	for (size_t i = 0; i < COUNT(head_cases); i++) {
		const struct head_case *c = &head_cases[i];
		int failed = check_failed_here;
		size_t n;
		char *bytes = to_wire(c->head, &n);

		CHECK_INT(parse_pieces(bytes, n, 0, 1), c->status);
		for (size_t cut = 0; cut <= n; cut++)
			CHECK_INT(parse_pieces(bytes, n, cut, n), c->status);
		if (check_failed_here != failed)
			printf("# in case %zu\n", i);
		free(bytes);
	}
}

/* Parses a head that must be good; the caller frees `*bytes`. */
static struct http_request *
parse(const char *head, char **bytes)
{
	static struct http_request r;
	struct http_scan scan = { 0 };
	size_t n;

	*bytes = to_wire(head, &n);
	CHECK_INT(http_parse_head(&scan, &r, *bytes, n), HTTP_DONE);
	return &r;
}

static void
head_gives_what_was_sent(void)
{
	char *bytes;
	struct http_request *r = parse("POST /a%20b/c+d?x=1?&y HTTP/1.1\n"
				       "Host: example.org:80\n"
				       "Content-Length: 12345678901\n"
				       "X-Y:  some thing \n\nrest",
				       &bytes);

	CHECK(slice_is(r->method, "POST"));
	CHECK(slice_is(r->target, "/a%20b/c+d?x=1?&y"));
	CHECK(slice_is(r->raw_path, "/a%20b/c+d"));
	CHECK_STR(r->path, "/a b/c+d");
	CHECK(slice_is(r->query, "x=1?&y"));
	CHECK(slice_is(r->host, "example.org:80"));
	CHECK_INT(r->content_length, 12345678901);
	CHECK_INT(r->header_count, 3);
	CHECK(slice_is(*http_find(r, "x-y"), "some thing"));
	CHECK(http_find(r, "X-Z") == NULL);
	CHECK(memcmp(bytes + r->head_bytes, "rest", 4) == 0);
	CHECK(r->keep_alive && !r->chunked && !r->wants_continue);
	CHECK(!r->upgrade_websocket);
	free(bytes);
}

static void
absolute_target_replaces_host(void)
{
	char *bytes;
	struct http_request *r =
	    parse("GET HTTP://b:81?q HTTP/1.1\nHost: a\n\n", &bytes);

	CHECK(slice_is(r->host, "b:81"));
	CHECK_STR(r->path, "/");
	CHECK(slice_is(r->query, "q"));
	free(bytes);
}

static void
options_are_found_in_lists(void)
{
	char *bytes;
	struct http_request *r = parse("GET / HTTP/1.1\nHost: a\n"
				       "Connection: keep-alive , UPGRADE\n"
				       "Upgrade: h2c\nUpgrade: WebSocket\n\n",
				       &bytes);

	CHECK(r->upgrade_websocket && r->keep_alive);
	free(bytes);
	r = parse("GET / HTTP/1.1\nHost: a\nConnection: x\n"
		  "Connection: Close\nUpgrade: websocket\n"
		  "Expect: 100-continue\n\n",
		  &bytes);
	CHECK(!r->upgrade_websocket && !r->keep_alive && r->wants_continue);
	free(bytes);
}

static void
lists_go_over_all_lines(void)
{
	static const char *const items[] = { "a", "b;c=\"d, \\\"e\"", "f",
					     "g" };
	char *bytes;
	struct http_request *r =
	    parse("GET / HTTP/1.1\nHost: a\nL: a,, b;c=\"d, \\\"e\" ,\n"
		  "M: x\nl:\nL: f ,\tg\n\n",
		  &bytes);
	struct http_list list = http_list(r, "L");
	struct slice item;
	size_t i = 0;

	while (http_list_next(&list, &item)) {
		CHECK(i < COUNT(items) && slice_is(item, items[i]));
		i++;
	}
	CHECK_INT(i, COUNT(items));
	CHECK_INT(http_count(r, "L"), 3);
	CHECK(http_has_token(r, "L", "G") && !http_has_token(r, "L", "x"));
	free(bytes);
}

static void
queries_are_decoded(void)
{
	char *bytes;
	struct http_request *r =
	    parse("GET /?a=1&b=x%2By+z%26&%63=2&a=3&d&e=%0&f=%00&g==&ab=4"
		  " HTTP/1.1\nHost: a\n\n",
		  &bytes);
	char out[8];

	CHECK_INT(http_query(r, "a", out, sizeof(out)), 1);
	CHECK_STR(out, "1");
	CHECK_INT(http_query(r, "b", out, sizeof(out)), 6);
	CHECK_STR(out, "x+y z&");
	CHECK_INT(http_query(r, "b", out, 7), 6);
	CHECK_INT(http_query(r, "b", out, 6), HTTP_TOO_LONG);
	CHECK_INT(http_query(r, "c", out, sizeof(out)), 1);
	CHECK_INT(http_query(r, "d", out, sizeof(out)), 0);
	CHECK_INT(http_query(r, "e", out, sizeof(out)), HTTP_MALFORMED);
	CHECK_INT(http_query(r, "f", out, sizeof(out)), HTTP_MALFORMED);
	CHECK_INT(http_query(r, "g", out, sizeof(out)), 1);
	CHECK_INT(http_query(r, "h", out, sizeof(out)), HTTP_ABSENT);
	free(bytes);
}

static void
segments_keep_escaped_slashes(void)
{
	char *bytes;
	struct http_request *r =
	    parse("GET /api/a%2fb+//x?y=/z HTTP/1.1\nHost: a\n\n", &bytes);
	char out[8];

	CHECK_INT(http_path_segment(r, 0, out, sizeof(out)), 3);
	CHECK_STR(out, "api");
	CHECK_INT(http_path_segment(r, 1, out, sizeof(out)), 4);
	CHECK_STR(out, "a/b+");
	CHECK_INT(http_path_segment(r, 2, out, sizeof(out)), 0);
	CHECK_INT(http_path_segment(r, 3, out, sizeof(out)), 1);
	CHECK_INT(http_path_segment(r, 4, out, sizeof(out)), HTTP_ABSENT);
	CHECK_INT(http_path_segment(r, 0, out, 3), HTTP_TOO_LONG);
	free(bytes);
}

static void
cookies_are_found_by_name(void)
{
	char *bytes;
	struct http_request *r =
	    parse("GET / HTTP/1.1\nHost: a\nCookie: xa=0; a=1;b=\"2 3\"; A=4\n"
		  "Cookie: c=d=e; a=5\n\n",
		  &bytes);
	struct slice value;

	CHECK(http_cookie(r, "a", &value) && slice_is(value, "1"));
	CHECK(http_cookie(r, "b", &value) && slice_is(value, "2 3"));
	CHECK(http_cookie(r, "A", &value) && slice_is(value, "4"));
	CHECK(http_cookie(r, "c", &value) && slice_is(value, "d=e"));
	CHECK(!http_cookie(r, "d", &value));
	free(bytes);
}

/* "GET /aaa… HTTP/1.1" with a target and a field value of these lengths, and
 * as many more fields. Returns the status; however cut, it is the same. */
static int
parse_long(size_t target_bytes, size_t value_bytes, size_t fields)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);
	int status;

	fputs("GET /?", out);
	for (size_t i = 2; i < target_bytes; i++)
		fputc('a', out);
	fputs(" HTTP/1.1\r\nHost: a\r\nX: ", out);
	for (size_t i = 0; i < value_bytes; i++)
		fputc('b', out);
	fputs("\r\n", out);
	for (size_t i = 0; i < fields; i++)
		fputs("Y: z\r\n", out);
	fputs("\r\n", out);
	fclose(out);
	status = parse_pieces(bytes, n, n, n);
	CHECK_INT(parse_pieces(bytes, n, 0, 1), status);
	CHECK_INT(parse_pieces(bytes, n, n / 2, n), status);
	free(bytes);
	return status;
}

static void
heads_are_bounded(void)
{
	/* A head without value has 38 bytes beside its target. */
	CHECK_INT(parse_long(HTTP_TARGET_MAX, 1, 0), 0);
	CHECK_INT(parse_long(HTTP_TARGET_MAX + 1, 1, 0), 414);
	CHECK_INT(parse_long(HTTP_HEAD_MAX, 1, 0), 414);
	CHECK_INT(parse_long(2, 1, HTTP_HEADERS_MAX - 2), 0);
	CHECK_INT(parse_long(2, 1, HTTP_HEADERS_MAX - 1), 431);
	CHECK_INT(parse_long(100, HTTP_HEAD_MAX - 100 - 31, 0), 0);
	CHECK_INT(parse_long(100, HTTP_HEAD_MAX - 100 - 30, 0), 431);
}

static void
long_paths_are_refused(void)
{
	char head[HTTP_PATH_MAX + 64];
	char *path = head + 4;

	snprintf(head, sizeof(head), "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n",
		 HTTP_PATH_MAX - 1, 0);
	CHECK_INT(parse_pieces(head, strlen(head), 0, 64), 0);
	snprintf(path, sizeof(head) - 4, "/%0*d HTTP/1.1\r\nHost: a\r\n\r\n",
		 HTTP_PATH_MAX, 0);
	CHECK_INT(parse_pieces(head, strlen(head), 0, 64), 414);
}

static void
statuses_have_reasons(void)
{
	CHECK_STR(http_reason(101), "Switching Protocols");
	CHECK_STR(http_reason(404), "Not Found");
	CHECK_STR(http_reason(299), "Unknown");
}

int
main(void)
{
	RUN(heads_are_judged_alike_however_cut);
	RUN(head_gives_what_was_sent);
	RUN(absolute_target_replaces_host);
	RUN(options_are_found_in_lists);
	RUN(lists_go_over_all_lines);
	RUN(queries_are_decoded);
	RUN(segments_keep_escaped_slashes);
	RUN(cookies_are_found_by_name);
	RUN(heads_are_bounded);
	RUN(long_paths_are_refused);
	RUN(statuses_have_reasons);
	return check_done();
}
