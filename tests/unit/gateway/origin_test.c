/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/origin_test.c - whose pages are let in?
 */
#include "gateway/origin.h"

#include "tests/unit/check.h"

struct origin_case {
	const char *fields; /* of the head */
	const char *listed; /* PARLEY_ORIGINS */
	bool is_allowed;
};

/* clang-format off */
static const struct origin_case cases[] = {
	{ "Host: chat.example\r\n", "", true },
	{ "Host: chat.example\r\nOrigin: https://chat.example\r\n", "", true },
	{ "Host: chat.example\r\nOrigin: http://chat.example\r\n", NULL, true },
	{ "Host: Chat.Example\r\nOrigin: http://chat.example\r\n", "", true },
	{ "Host: [::1]:80\r\nOrigin: http://[::1]:80\r\n", "", true },
	{ "Host: chat.example:8080\r\nOrigin: http://chat.example:8080\r\n", "", true },
	{ "Host: chat.example:8080\r\nOrigin: http://chat.example\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: http://chat.example:8080\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: https://evil.example\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: https://chat.example.evil\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: ftp://chat.example\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: chat.example\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: null\r\n", "", false },
	{ "Host: chat.example\r\nOrigin:\r\n", "", false },
	{ "Host: chat.example\r\nOrigin: https://a.example\r\n",
	  "https://a.example", true },
	{ "Host: chat.example\r\nOrigin: https://b.example\r\n",
	  "https://a.example  https://b.example ", true },
	{ "Host: chat.example\r\nOrigin: https://b.example\r\n",
	  "https://a.example https://b.example:8443", false },
	{ "Host: chat.example\r\nOrigin: https://a.exampl\r\n",
	  "https://a.example", false },
	{ "Host: chat.example\r\nOrigin: https://b.example\r\n", "*", true },
	{ "Host: chat.example\r\nOrigin: null\r\n", "https://a.example *", true },
	{ "Host: chat.example\r\nOrigin: http://chat.example\r\n"
	  "Origin: https://evil.example\r\n", "", false },
};
/* clang-format on */

static void
pages_of_this_host_and_of_the_list_are_let_in(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct gateway gateway = { .options.origins = cases[i].listed };
		struct http_scan scan = { 0 };
		struct http_request request;
		char head[512];
		int n = snprintf(head, sizeof head,
				 "GET /ws HTTP/1.1\r\n%s\r\n", cases[i].fields);

		CHECK_INT(http_parse_head(&scan, &request, head, (size_t)n),
			  HTTP_DONE);
		if (origin_is_allowed(&gateway, &request) !=
		    cases[i].is_allowed)
			printf("# case %zu: %s\n", i, cases[i].fields);
		CHECK_INT(origin_is_allowed(&gateway, &request),
			  cases[i].is_allowed);
	}
}

int
main(void)
{
	RUN(pages_of_this_host_and_of_the_list_are_let_in);
	return check_done();
}
