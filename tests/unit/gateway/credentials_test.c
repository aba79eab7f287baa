/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/credentials_test.c - which tokens does a request carry?
 */
#include "gateway/credentials.h"

#include "tests/unit/check.h"

#define MALFORMED NULL

struct token_case {
	const char *target;
	const char *fields; /* of the head */
	const char *bearer; /* MALFORMED: 401 */
	const char *query;
	const char *cookie;
};

/* clang-format off */
static const struct token_case cases[] = {
	{ "/", "", MALFORMED, "", "" },
	{ "/", "Authorization: Bearer abc\r\n", "abc", "", "" },
	{ "/", "authorization: bearer   a.b-c_d\r\n", "a.b-c_d", "", "" },
	{ "/", "Authorization: Basic YTpi\r\n", MALFORMED, "", "" },
	{ "/?token=q", "Authorization: Basic YTpi\r\n", "", "q", "" },
	{ "/", "Authorization: Bearer\r\n", MALFORMED, "", "" },
	{ "/", "Authorization:\r\nCookie: session_token=c\r\n", "", "", "c" },
	{ "/", "Authorization: Bearer a b\r\n", MALFORMED, "", "" },
	{ "/", "Authorization: Bearer a\xc3\xa9\r\n", MALFORMED, "", "" },
	{ "/", "Authorization: Bearer a\r\nAuthorization: Bearer a\r\n", MALFORMED, "", "" },
	{ "/?room=x&token=a%2Eb", "", "", "a.b", "" },
	{ "/?token=", "", MALFORMED, "", "" },
	{ "/?token=", "Cookie: session_token=c\r\n", "", "", "c" },
	{ "/?token=%zz", "Cookie: session_token=c\r\n", MALFORMED, "", "" },
	{ "/?token=a%00b", "", MALFORMED, "", "" },
	{ "/?token=a+b", "", MALFORMED, "", "" },
	{ "/", "Cookie: a=b; session_token=c; d=e\r\n", "", "", "c" },
	{ "/", "Cookie: session_token=\"c\"\r\n", "", "", "c" },
	{ "/", "Cookie: session_token=\r\n", MALFORMED, "", "" },
	{ "/", "Cookie: session_token=a,b c\r\n", MALFORMED, "", "" },
	{ "/?token=q", "Authorization: Bearer b\r\nCookie: session_token=c\r\n", "b", "q", "c" },
};
/* clang-format on */

static void
check_case(const struct token_case *wanted)
{
	struct http_scan scan = { 0 };
	struct http_request request;
	struct credentials found;
	char head[512];
	int n =
	    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n",
		     wanted->target, wanted->fields);
	bool is_good;

	CHECK_INT(http_parse_head(&scan, &request, head, (size_t)n), HTTP_DONE);
	is_good = credentials_read(&found, &request);
	if (is_good != (wanted->bearer != MALFORMED))
		printf("# %s %s\n", wanted->target, wanted->fields);
	CHECK_INT(is_good, wanted->bearer != MALFORMED);
	if (!is_good || wanted->bearer == MALFORMED)
		return;
	CHECK(slice_is(found.bearer, wanted->bearer));
	CHECK(slice_is(found.query, wanted->query));
	CHECK(slice_is(found.cookie, wanted->cookie));
}

static void
each_place_may_carry_a_token(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_case(&cases[i]);
}

static void
a_token_may_be_as_long_as_auth_reads(void)
{
	static char head[16000];
	struct credentials found;

	for (int length = 8192; length <= 8193; length++) {
		struct http_scan scan = { 0 };
		struct http_request request;
		int n = snprintf(head, sizeof head,
				 "GET / HTTP/1.1\r\nHost: x\r\n"
				 "Authorization: Bearer %0*d\r\n\r\n",
				 length, 1);

		CHECK_INT(http_parse_head(&scan, &request, head, (size_t)n),
			  HTTP_DONE);
		CHECK_INT(credentials_read(&found, &request), length == 8192);
	}
}

int
main(void)
{
	RUN(each_place_may_carry_a_token);
	RUN(a_token_may_be_as_long_as_auth_reads);
	return check_done();
}
