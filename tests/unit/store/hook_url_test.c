/* SPDX-License-Identifier: MIT */
/* tests/unit/store/hook_url_test.c - which addresses a hook may have. */
#include "store/hook_url.h"

#include "tests/unit/check.h"

static void
addresses_are_judged(void)
{
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
		{ "https://example.org", true },
		{ "https://example.org/", true },
		{ "HTTP://Example.ORG:8080/a/b?c=d&e=%20", true },
		{ "http://localhost:1/", true },
		{ "http://127.0.0.1/x", true },
		{ "http://[::1]/", true },
		{ "http://[2001:db8::1]:65535/", true },
		{ "https://my_host-1.example.org.", true },
		{ "https://example.org?x=a@b:c", true },
		{ "https://example.org/a@b", true },
		{ "", false },
		{ "example.org", false },
		{ "ftp://example.org/", false },
		{ "file:///etc/passwd", false },
		{ "https:example.org", false },
		{ "https:/example.org", false },
		{ "https://", false },
		{ "https:///path", false },
		{ "https://?q", false },
		{ "https://:80/", false },
		{ "https://user@example.org/", false },
		{ "https://user:word@example.org/", false },
		{ "https://@example.org/", false },
		{ "https://example.org#part", false },
		{ "https://example.org/#part", false },
		{ "https://example.org:0/", false },
		{ "https://example.org:/", false },
		{ "https://example.org:65536/", false },
		{ "https://example.org:8 0/", false },
		{ "https://example.org:+80/", false },
		{ "https://example.org:100000000/", false },
		{ "https://example.org\\@other.example/", false },
		{ "https://exam ple.org/", false },
		{ "https://example.org/a b", false },
		{ "https://example.org/\r\nHost: other", false },
		{ "https://example.org/\x7f", false },
		{ "https://ex\xc3\xa4mple.org/", false },
		{ "https://example..org/", false },
		{ "https://.example.org/", false },
		{ "https://exa%6dple.org/", false },
		{ "https://[::1/", false },
		{ "https://[]/", false },
		{ "https://[::1]x/", false },
		{ "https://[fe80::1%25eth0]/", false },
		{ "https://::1/", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *fault = hook_url_fault(slice_of(rows[i].url));

		if ((fault == NULL) != rows[i].good)
			printf("# %s\n", rows[i].url);
		CHECK_INT(fault == NULL, rows[i].good);
	}
}

static void
an_address_has_a_greatest_length(void)
{
	char url[HOOK_URL_MAX + 2];

	memset(url, 'a', sizeof url);
	memcpy(url, "http://h/", 9);
	CHECK(hook_url_fault((struct slice){ url, HOOK_URL_MAX }) == NULL);
	CHECK(hook_url_fault((struct slice){ url, HOOK_URL_MAX + 1 }) != NULL);
	memset(url + 7, 'a', 253);
	CHECK(hook_url_fault((struct slice){ url, 7 + 253 }) == NULL);
	url[7 + 253] = 'a';
	CHECK(hook_url_fault((struct slice){ url, 7 + 254 }) != NULL);
}

int
main(void)
{
	RUN(addresses_are_judged);
	RUN(an_address_has_a_greatest_length);
	return check_done();
}
