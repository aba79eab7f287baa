/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/deflate_offer_test.c - are offers of permessage-deflate
 * read as strictly as RFC 7692 7.1 says, and answered by what they ask for?
 *
 * A case is the value of the client's field, over several lines perhaps.
 */
#include "gateway/deflate.h"

#include "tests/unit/check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define PMD      "permessage-deflate"
#define ANSWER   PMD "; server_no_context_takeover; client_no_context_takeover"
#define MINE(n)  PMD "; server_max_window_bits=" n
#define YOURS(n) PMD "; client_max_window_bits=" n
#define FIELD    "\r\nSec-WebSocket-Extensions: "

static unsigned
agree(const char *field, char answer[DEFLATE_ANSWER_BYTES])
{
	static struct http_request r;
	struct http_scan scan = { 0 };
	char head[1024];
	int n = snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: a%s%s%s",
			 field == NULL ? "" : FIELD, field == NULL ? "" : field,
			 "\r\n\r\n");

	CHECK_INT(http_parse_head(&scan, &r, head, (size_t)n), HTTP_DONE);
	return deflate_agree(&r, answer);
}

static void
offers_are_met_or_passed_over(void)
{
	/* clang-format off */
	static const struct {
		const char *field;
		unsigned bits;
		const char *answer;
	} cases[] = {
		{ NULL, 0, "" },
		{ PMD, 15, ANSWER },
		{ PMD "; client_max_window_bits", 15, ANSWER },
		{ PMD " ;\tclient_max_window_bits ", 15, ANSWER },
		{ YOURS("8"), 15, ANSWER },
		{ YOURS("15"), 15, ANSWER },
		{ YOURS("\"10\""), 15, ANSWER },
		{ YOURS("\"1\\0\""), 15, ANSWER },
		{ PMD "; server_no_context_takeover", 15, ANSWER },
		{ PMD "; client_no_context_takeover", 15, ANSWER },
		{ PMD "; client_no_context_takeover; server_no_context_takeover"
		  "; client_max_window_bits; server_max_window_bits=12",
		  12, ANSWER "; server_max_window_bits=12" },
		{ MINE("9"), 9, ANSWER "; server_max_window_bits=9" },
		{ MINE("15"), 15, ANSWER "; server_max_window_bits=15" },
		{ PMD "; server_max_window_bits = \"11\"", 11,
		  ANSWER "; server_max_window_bits=11" },
		/* zlib has no window of 8 bits for us */
		{ MINE("8"), 0, "" },
		{ MINE("8") ", " MINE("9"), 9,
		  ANSWER "; server_max_window_bits=9" },
		/* of several the first that can be met */
		{ MINE("10") ", " PMD, 10,
		  ANSWER "; server_max_window_bits=10" },
		{ PMD ", " MINE("10"), 15, ANSWER },
		{ "foo, bar; permessage-deflate, " PMD, 15, ANSWER },
		{ "foo" FIELD PMD, 15, ANSWER },
		{ PMD "; x" FIELD MINE("16") "," MINE("13"), 13,
		  ANSWER "; server_max_window_bits=13" },
		{ ", ," PMD ",", 15, ANSWER },
		/* other extensions, other names */
		{ "x-webkit-deflate-frame", 0, "" },
		{ "permessage-deflate2", 0, "" },
		{ "Permessage-Deflate", 0, "" },
		{ "permessage-bzip2; permessage-deflate", 0, "" },
		{ "\"permessage-deflate\"", 0, "" },
		/* unknown parameters */
		{ PMD "; x", 0, "" },
		{ PMD "; mux=1", 0, "" },
		{ PMD "; Server_no_context_takeover", 0, "" },
		{ PMD ";", 0, "" },
		{ PMD "; ; client_max_window_bits", 0, "" },
		/* with a value that there must not be, or without one */
		{ PMD "; server_no_context_takeover=1", 0, "" },
		{ PMD "; client_no_context_takeover=\"\"", 0, "" },
		{ PMD "; client_no_context_takeover=15", 0, "" },
		{ PMD "; server_max_window_bits", 0, "" },
		{ PMD "; server_max_window_bits=", 0, "" },
		{ PMD "; client_max_window_bits=", 0, "" },
		{ PMD "=15", 0, "" },
		/* no number from 8 to 15 */
		{ MINE("7"), 0, "" }, { MINE("16"), 0, "" },
		{ MINE("0"), 0, "" }, { MINE("1"), 0, "" },
		{ MINE("010"), 0, "" }, { MINE("+10"), 0, "" },
		{ MINE("-9"), 0, "" }, { MINE("1 0"), 0, "" },
		{ MINE("1e1"), 0, "" }, { MINE("0xa"), 0, "" },
		{ MINE("100"), 0, "" }, { MINE("4294967306"), 0, "" },
		{ MINE("18446744073709551626"), 0, "" },
		{ MINE("\"\""), 0, "" }, { MINE("\"10"), 0, "" },
		{ MINE("10\""), 0, "" }, { MINE("\"1\\\""), 0, "" },
		{ MINE("'10'"), 0, "" }, { MINE("10; 10"), 0, "" },
		{ YOURS("7"), 0, "" }, { YOURS("16"), 0, "" },
		{ YOURS("08"), 0, "" }, { YOURS("x"), 0, "" },
		/* twice, even if the same */
		{ MINE("10") "; server_max_window_bits=10", 0, "" },
		{ PMD "; client_max_window_bits; client_max_window_bits", 0,
		  "" },
		{ PMD "; client_max_window_bits; client_max_window_bits=9", 0,
		  "" },
		{ PMD "; server_no_context_takeover; server_no_context_takeover",
		  0, "" },
		{ PMD "; client_no_context_takeover; client_no_context_takeover"
		  ", " PMD, 15, ANSWER },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char answer[DEFLATE_ANSWER_BYTES] = "";
		int failed = check_failed_here;

		CHECK_INT(agree(cases[i].field, answer), cases[i].bits);
		CHECK_STR(answer, cases[i].answer);
		if (check_failed_here != failed)
			printf("# in case: %s\n", cases[i].field);
	}
}

int
main(void)
{
	RUN(offers_are_met_or_passed_over);
	return check_done();
}
