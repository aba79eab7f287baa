/* SPDX-License-Identifier: MIT */
/* tests/fuzz/store/hook_url_fuzz.c - any bytes as the address of a hook: what
 * is taken for one has a scheme, a host and nothing that could hide where it
 * leads, as a reader sees it who knows only where an authority ends.
 */
#include "store/hook_url.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
must(int truth)
{
	if (!truth)
		abort();
}

static void
judge(const char *url)
{
	const char *authority = strstr(url, "//") + 2;
	size_t n = strcspn(authority, "/?");

	must(strncasecmp(url, "http://", 7) == 0 ||
	     strncasecmp(url, "https://", 8) == 0);
	must(n > 0 && authority[0] != ':');
	must(memchr(authority, '@', n) == NULL);
	must(strpbrk(url, "#\\ \t\r\n\"<>") == NULL);
	for (const char *at = url; *at != '\0'; at++)
		must(isgraph((unsigned char)*at));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct slice url = { (const char *)bytes, n };
	char *text;

	/* A frame's text has no NUL. */
	if (hook_url_fault(url) != NULL || memchr(bytes, '\0', n) != NULL)
		return 0;
	must(n <= HOOK_URL_MAX);
	text = strndup((const char *)bytes, n);
	must(text != NULL);
	judge(text);
	free(text);
	return 0;
}
