/* SPDX-License-Identifier: MIT */
/* tools/client/server_url.c - one spelling for each server. */
#include "tools/client/server_url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The parts as libcurl owns them; NULL where the address has none. */
struct parts {
	char *scheme, *host, *port, *path, *user, *query, *fragment;
};

/* A WebSocket's address with the scheme that libcurl knows. */
static bool
with_known_scheme(const char *text, char into[SERVER_URL_MAX + 1])
{
	const char *scheme = "", *rest = text;
	int n;

	if (strncasecmp(text, "ws://", 5) == 0) {
		scheme = "http://";
		rest = text + 5;
	} else if (strncasecmp(text, "wss://", 6) == 0) {
		scheme = "https://";
		rest = text + 6;
	}
	n = snprintf(into, SERVER_URL_MAX + 1, "%s%s", scheme, rest);
	return n > 0 && n <= SERVER_URL_MAX;
}

static const char *
read_parts(CURLU *handle, const char *text, struct parts *p)
{
	if (strstr(text, "://") == NULL ||
	    curl_url_set(handle, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(handle, CURLUPART_SCHEME, &p->scheme, 0) !=
		CURLUE_OK ||
	    curl_url_get(handle, CURLUPART_HOST, &p->host, 0) != CURLUE_OK ||
	    curl_url_get(handle, CURLUPART_PATH, &p->path, 0) != CURLUE_OK)
		return "no address of a server";
	curl_url_get(handle, CURLUPART_PORT, &p->port, CURLU_NO_DEFAULT_PORT);
	curl_url_get(handle, CURLUPART_USER, &p->user, 0);
	curl_url_get(handle, CURLUPART_QUERY, &p->query, 0);
	curl_url_get(handle, CURLUPART_FRAGMENT, &p->fragment, 0);
	if (strcmp(p->scheme, "http") != 0 && strcmp(p->scheme, "https") != 0)
		return "wants http:// or https://";
	if (p->user != NULL)
		return "names a user: log in instead";
	if (p->query != NULL || p->fragment != NULL)
		return "has something behind its path";
	return NULL;
}

static void
free_parts(struct parts *p)
{
	curl_free(p->scheme);
	curl_free(p->host);
	curl_free(p->port);
	curl_free(p->path);
	curl_free(p->user);
	curl_free(p->query);
	curl_free(p->fragment);
}

static bool
join(struct server_url *url, const struct parts *p)
{
	size_t path_bytes = strlen(p->path);
	int host, path, base;

	while (path_bytes > 0 && p->path[path_bytes - 1] == '/')
		path_bytes--;
	host = snprintf(url->host, sizeof url->host, "%s%s%s", p->host,
			p->port != NULL ? ":" : "",
			p->port != NULL ? p->port : "");
	path = snprintf(url->path, sizeof url->path, "%.*s", (int)path_bytes,
			p->path);
	base = snprintf(url->base, sizeof url->base, "%s://%s%s", p->scheme,
			url->host, url->path);
	return host > 0 && path >= 0 && base > 0 &&
	       base < (int)sizeof url->base;
}

/* Host names are the same in either case (RFC 3986 6.2.2.1). */
static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

const char *
server_url_parse(struct server_url *url, const char *text)
{
	char known[SERVER_URL_MAX + 1];
	struct parts parts = { 0 };
	CURLU *handle;
	const char *wrong;

	if (!with_known_scheme(text, known))
		return "is too long";
	handle = curl_url();
	if (handle == NULL)
		return "cannot be read: out of memory";
	wrong = read_parts(handle, known, &parts);
	if (wrong == NULL)
		lower(parts.host);
	if (wrong == NULL && !join(url, &parts))
		wrong = "is too long";
	free_parts(&parts);
	curl_url_cleanup(handle);
	return wrong;
}
