/* SPDX-License-Identifier: MIT */
/* tests/unit/client/server_url_test.c - has each server one spelling? */
#include "tools/client/server_url.h"

#include "tests/unit/check.h"

static const struct {
	const char *text, *base, *host, *path; /* no base: refused */
} cases[] = {
	{ "http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080",
	  "" },
	{ "http://127.0.0.1:8080/", "http://127.0.0.1:8080", "127.0.0.1:8080",
	  "" },
	{ "https://Chat.Example.org:443/", "https://chat.example.org",
	  "chat.example.org", "" },
	{ "https://example.org/Chat//", "https://example.org/Chat",
	  "example.org", "/Chat" },
	{ "wss://example.org", "https://example.org", "example.org", "" },
	{ "ws://[::1]:80", "http://[::1]", "[::1]", "" },
	{ "example.org", NULL, NULL, NULL },
	{ "", NULL, NULL, NULL },
	{ "http://", NULL, NULL, NULL },
	{ "ftp://example.org", NULL, NULL, NULL },
	{ "http://me:secret@example.org", NULL, NULL, NULL },
	{ "http://example.org/?a", NULL, NULL, NULL },
	{ "http://example.org/#a", NULL, NULL, NULL },
	{ "http://exa mple.org/", NULL, NULL, NULL },
	{ "http://example.org:99999", NULL, NULL, NULL },
};

static void
servers_have_one_spelling(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct server_url url;
		const char *wrong = server_url_parse(&url, cases[i].text);

		printf("# %s\n", cases[i].text);
		CHECK_INT(wrong == NULL, cases[i].base != NULL);
		if (wrong != NULL || cases[i].base == NULL)
			continue;
		CHECK_STR(url.base, cases[i].base);
		CHECK_STR(url.host, cases[i].host);
		CHECK_STR(url.path, cases[i].path);
	}
}

static void
long_ones_are_refused(void)
{
	char text[SERVER_URL_MAX + 20] = "ws://";
	struct server_url url;

	memset(text + 5, 'a', SERVER_URL_MAX - 4);
	CHECK(server_url_parse(&url, text) != NULL);
}

int
main(void)
{
	RUN(servers_have_one_spelling);
	RUN(long_ones_are_refused);
	return check_done();
}
