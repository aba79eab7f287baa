/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/reach.c - see reach.h. */
#include "tools/parleyctl/reach.h"

#include "proto/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#define HOST_BYTES 256

/* The host of an address, without brackets; empty if it has none. */
static void
copy_host(const char *url, char into[HOST_BYTES])
{
	const char *host = strstr(url, "://");
	size_t n;

	into[0] = '\0';
	if (host == NULL)
		return;
	host += strlen("://");
	host += *host == '[';
	n = strcspn(host, host[-1] == '[' ? "]" : ":/?#");
	if (n >= HOST_BYTES)
		return;
	memcpy(into, host, n);
	into[n] = '\0';
}

/* RFC 6761 6.3: all names under localhost are this machine. */
static bool
is_this_machine(const char *host)
{
	const char *end = strrchr(host, '.');

	return strcasecmp(end == NULL ? host : end + 1, "localhost") == 0;
}

/* Of IPv4 in all the ways that libcurl takes: 127.1, 0x7f000001. */
static bool
is_private(const char *host)
{
	static const struct addresses none;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_aton(host, &v4.sin_addr) != 0)
		return !addresses_allow(&none, (struct sockaddr *)&v4,
					sizeof v4);
	return inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 &&
	       !addresses_allow(&none, (struct sockaddr *)&v6, sizeof v6);
}

void
reach_warn(const struct call *call, const char *url)
{
	char host[HOST_BYTES];

	copy_host(url, host);
	if (is_this_machine(host) || is_private(host))
		(void)fail(call,
			   "warning: %s is no public address, and is refused "
			   "unless PARLEY_HOOKS_ALLOW has it",
			   host);
}
