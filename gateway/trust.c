/* SPDX-License-Identifier: MIT */
/* gateway/trust.c - takes the word of proxies that are trusted. */
#include "gateway/trust.h"

#include <arpa/inet.h>

static bool
is_listed(const char *list, const char *address)
{
	size_t n = strlen(address);

	for (const char *at = list; *at != '\0';) {
		size_t length = strcspn(at, " ");
		if (length == n && strncmp(at, address, n) == 0)
			return true;
		at += length + (at[length] == ' ');
	}
	return false;
}

static bool
is_address(const char *text)
{
	struct in6_addr binary;

	return inet_pton(AF_INET, text, &binary) == 1 ||
	       inet_pton(AF_INET6, text, &binary) == 1;
}

bool
trust_is_proxy(const struct gateway *gateway, const char *address)
{
	return is_listed(gateway->options.trust_proxy, address);
}

void
trust_forwarded(struct connection *connection)
{
	struct exchange *http = connection->http;
	struct http_list list;
	struct slice item, last = { 0 };
	char text[sizeof http->address];

	/* A proxy sends requests of many clients by one connection. */
	memcpy(http->address, http->peer, sizeof http->address);
	if (!trust_is_proxy(connection->gateway, http->peer))
		return;
	list = http_list(&http->request, "X-Forwarded-For");
	while (http_list_next(&list, &item))
		last = item;
	if (last.n == 0 || last.n >= sizeof text)
		return;
	memcpy(text, last.at, last.n);
	text[last.n] = '\0';
	if (is_address(text))
		memcpy(http->address, text, sizeof text);
}
