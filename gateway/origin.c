/* SPDX-License-Identifier: MIT */
/* gateway/origin.c - compares Origin with Host and with PARLEY_ORIGINS.
 *
 * Behind a proxy that ends TLS we do not see the scheme that the browser used,
 * so both are our own; a port must be the same, and is left out of both fields
 * where it is the scheme's own. Where TLS ends here, a page that came without
 * it may be anybody's, and is not our own.
 */
#include "gateway/origin.h"

static bool
take_prefix(struct slice *text, const char *prefix)
{
	size_t n = strlen(prefix);

	if (text->n < n || strncasecmp(text->at, prefix, n) != 0)
		return false;
	text->at += n;
	text->n -= n;
	return true;
}

static bool
is_own(struct slice origin, struct slice host, bool is_tls)
{
	if (!take_prefix(&origin, "https://") &&
	    (is_tls || !take_prefix(&origin, "http://")))
		return false;
	return host.n > 0 && origin.n == host.n &&
	       strncasecmp(origin.at, host.at, host.n) == 0;
}

static bool
is_listed(struct slice origin, const char *list)
{
	while (list != NULL && *list != '\0') {
		struct slice item = { list, strcspn(list, " \t") };

		if (slice_is(item, "*") ||
		    (item.n > 0 && slice_equal(item, origin)))
			return true;
		list += item.n + strspn(list + item.n, " \t");
	}
	return false;
}

bool
origin_is_allowed(struct gateway *gateway, const struct http_request *request)
{
	const struct slice *origin = http_find(request, "Origin");

	if (origin == NULL)
		return true;
	if (http_count(request, "Origin") != 1)
		return false;
	return is_own(*origin, request->host, gateway->tls != NULL) ||
	       is_listed(*origin, gateway->options.origins);
}
