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

struct offer {
	const char *field;
	unsigned bits;
	const char *answer;
};

static void
check_offers(const struct offer *offers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char answer[DEFLATE_ANSWER_BYTES] = "";
		int failed = check_failed_here;

		CHECK_INT(agree(offers[i].field, answer), offers[i].bits);
		CHECK_STR(answer, offers[i].answer);
		if (check_failed_here != failed)
			printf("# in case: %s\n", offers[i].field);
	}
}

/* None of these fields has an offer that can be met. */
static void
check_passed_over(const char *const *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_offers(&(struct offer){ fields[i], 0, "" }, 1);
}

/* clang-format off */
static void
an_offer_is_met_by_what_it_asks_for(void)
{
	static const struct offer offers[] = {
		{ NULL, 0, "" }, /* there is none */
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
	};

	check_offers(offers, COUNT(offers));
}

static void
of_several_offers_the_first_that_can_be_met_is(void)
{
	static const struct offer offers[] = {
		/* zlib has no window of 8 bits for us */
		{ MINE("8") ", " MINE("9"), 9,
		  ANSWER "; server_max_window_bits=9" },
		{ MINE("10") ", " PMD, 10,
		  ANSWER "; server_max_window_bits=10" },
		{ PMD ", " MINE("10"), 15, ANSWER },
		{ "foo, bar; permessage-deflate, " PMD, 15, ANSWER },
		{ "foo" FIELD PMD, 15, ANSWER },
		{ PMD "; x" FIELD MINE("16") "," MINE("13"), 13,
		  ANSWER "; server_max_window_bits=13" },
		{ ", ," PMD ",", 15, ANSWER },
		{ PMD "; client_no_context_takeover; client_no_context_takeover"
		  ", " PMD, 15, ANSWER },
	};

	check_offers(offers, COUNT(offers));
}

static void
what_is_unknown_is_passed_over(void)
{
	static const char *const fields[] = {
		/* other extensions, other names */
		"x-webkit-deflate-frame",
		"permessage-deflate2",
		"Permessage-Deflate",
		"permessage-bzip2; permessage-deflate",
		"\"permessage-deflate\"",
		/* parameters */
		PMD "; x",
		PMD "; mux=1",
		PMD "; Server_no_context_takeover",
		PMD ";",
		PMD "; ; client_max_window_bits",
	};

	check_passed_over(fields, COUNT(fields));
}

static void
a_parameter_with_a_wrong_value_is_passed_over(void)
{
	static const char *const fields[] = {
		/* with a value that there must not be, or without one */
		PMD "; server_no_context_takeover=1",
		PMD "; client_no_context_takeover=\"\"",
		PMD "; client_no_context_takeover=15",
		PMD "; server_max_window_bits",
		PMD "; server_max_window_bits=",
		PMD "; client_max_window_bits=",
		PMD "=15",
		/* zlib has no window of 8 bits for us */
		MINE("8"),
		/* no number from 8 to 15 */
		MINE("7"), MINE("16"), MINE("0"), MINE("1"), MINE("010"),
		MINE("+10"), MINE("-9"), MINE("1 0"), MINE("1e1"), MINE("0xa"),
		MINE("100"), MINE("4294967306"), MINE("18446744073709551626"),
		MINE("\"\""), MINE("\"10"), MINE("10\""), MINE("\"1\\\""),
		MINE("'10'"), MINE("10; 10"),
		YOURS("7"), YOURS("16"), YOURS("08"), YOURS("x"),
	};

	check_passed_over(fields, COUNT(fields));
}

/* Even if it says the same. */
static void
a_parameter_that_comes_twice_is_passed_over(void)
{
	static const char *const fields[] = {
		MINE("10") "; server_max_window_bits=10",
		PMD "; client_max_window_bits; client_max_window_bits",
		PMD "; client_max_window_bits; client_max_window_bits=9",
		PMD "; server_no_context_takeover; server_no_context_takeover",
	};

	check_passed_over(fields, COUNT(fields));
}
/* clang-format on */

int
main(void)
{
	RUN(an_offer_is_met_by_what_it_asks_for);
	RUN(of_several_offers_the_first_that_can_be_met_is);
	RUN(what_is_unknown_is_passed_over);
	RUN(a_parameter_with_a_wrong_value_is_passed_over);
	RUN(a_parameter_that_comes_twice_is_passed_over);
	return check_done();
}
