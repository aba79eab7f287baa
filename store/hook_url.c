/* SPDX-License-Identifier: MIT */
/* store/hook_url.c - see hook_url.h.
 *
 * Stricter than RFC 3986: what two parsers may read in two ways is no address
 * of a hook.
 */
#include "store/hook_url.h"

#include "proto/options.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>

#define HOST_MAX 253 /* RFC 1035 2.3.4, without the last dot */

static struct slice
cut(struct slice s, size_t from, size_t to)
{
	return (struct slice){ s.at + from, to - from };
}

/* The first of `wanted` in `s` from `at` on, or the end. */
static size_t
find_any(struct slice s, size_t at, const char *wanted)
{
	while (at < s.n && strchr(wanted, s.at[at]) == NULL)
		at++;
	return at;
}

/* RFC 3986 2: all else must be percent-encoded. */
static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~' ||
		    strchr("\"<>\\^`{|}", s.at[i]) != NULL)
			return false;
	return true;
}

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Labels of letters, digits, - and _, none of them empty. */
static bool
is_name(struct slice host)
{
	if (host.n == 0 || host.n > HOST_MAX || host.at[0] == '.')
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (host.at[i] == '.'
			? i > 0 && host.at[i - 1] == '.'
			: !is_alphanumeric(host.at[i]) && host.at[i] != '-' &&
			      host.at[i] != '_')
			return false;
	return true;
}

static bool
is_ipv6(struct slice host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (host.n >= sizeof text)
		return false;
	memcpy(text, host.at, host.n);
	text[host.n] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* What stands behind the host: nothing, or a colon and a number. */
static bool
is_port(struct slice rest)
{
	char digits[6];
	unsigned long port;

	if (rest.n == 0)
		return true;
	if (rest.at[0] != ':' || rest.n > sizeof digits)
		return false;
	memcpy(digits, rest.at + 1, rest.n - 1);
	digits[rest.n - 1] = '\0';
	return option_number(digits, 1, 65535, &port);
}

static const char *
authority_fault(struct slice authority)
{
	bool is_literal = authority.n > 0 && authority.at[0] == '[';
	size_t end = find_any(authority, 0, is_literal ? "]" : ":");
	struct slice host = cut(authority, is_literal ? 1 : 0, end);

	if (is_literal && end == authority.n)
		return "the host is malformed";
	if (is_literal ? !is_ipv6(host) : !is_name(host))
		return host.n == 0 ? "it has no host" : "the host is malformed";
	if (!is_port(cut(authority, is_literal ? end + 1 : end, authority.n)))
		return "a port is a number from 1 to 65535";
	return NULL;
}

/* Bytes of "http://" or "https://"; 0: neither. */
static size_t
scheme_bytes(struct slice url)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i]);

		if (url.n >= n && slice_is_nocase(cut(url, 0, n), schemes[i]))
			return n;
	}
	return 0;
}

const char *
hook_url_fault(struct slice url)
{
	size_t start = scheme_bytes(url);
	struct slice authority;

	if (start == 0)
		return "an address begins with https:// or http://";
	if (url.n > HOOK_URL_MAX)
		return "it is too long";
	if (!is_plain(url))
		return "what is no printable ASCII must be percent-encoded";
	if (find_any(url, 0, "#") < url.n)
		return "a fragment (#) is sent to nobody";
	authority = cut(url, start, find_any(url, start, "/?"));
	if (find_any(authority, 0, "@") < authority.n)
		return "a user name or password has no place in it";
	return authority_fault(authority);
}
