/* SPDX-License-Identifier: MIT */
/* gateway/rest_service.c - what needs no account: how the daemons are, and
 * the demo page.
 */
#include "gateway/reply.h"
#include "gateway/rest_internal.h"
#include "gateway/scrape.h"
#include "gateway/web_files.h"

#include <stdio.h>

void
serve_health(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	(void)errand;
	(void)answer;
	reply(c, 200, "text/plain; charset=utf-8", "ok\n", 3, NULL);
}

/* Any auth or store can answer any request; a router or a presence owns some of
 * the rooms, so each of them is needed. */
static bool
is_missing(struct bus *bus, enum party kind)
{
	bool needs_all = kind == ROUTER || kind == PRESENCE;
	unsigned up = 0, down = 0;

	for (struct peer *p = bus_each(bus, kind, NULL); p != NULL;
	     p = bus_each(bus, kind, p)) {
		if (peer_is_up(p))
			up++;
		else
			down++;
	}
	return up == 0 || (needs_all && down > 0);
}

void
serve_ready(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	static const enum party kinds[] = { ROUTER, PRESENCE, STORE, AUTH };
	const size_t n = sizeof kinds / sizeof kinds[0];
	struct bus *bus = c->gateway->bus;
	struct json_writer w = { 0 };
	bool is_ready = true;

	(void)errand;
	(void)answer;
	for (size_t i = 0; i < n; i++)
		is_ready &= !is_missing(bus, kinds[i]);
	json_open(&w, NULL, '{');
	json_text(&w, "status", slice_of(is_ready ? "ready" : "missing"));
	if (!is_ready) {
		json_open(&w, "missing", '[');
		for (size_t i = 0; i < n; i++) {
			if (is_missing(bus, kinds[i]))
				json_text(&w, NULL,
					  slice_of(party_name(kinds[i])));
		}
		json_close(&w, ']');
	}
	json_close(&w, '}');
	reply_json(c, is_ready ? 200 : 503, &w,
		   is_ready ? NULL : "Retry-After: 1\r\n");
}

void
serve_metrics(struct errand *errand, struct connection *c,
	      const struct frame *answer)
{
	(void)errand;
	(void)answer;
	scrape_serve(c);
}

/* --- The demo page */

/* It loads nothing from elsewhere, runs no script but its own files, and nobody
 * may frame it. */
#define PAGE_HEADERS                                                           \
	"Content-Security-Policy: default-src 'none'; "                        \
	"script-src 'self'; style-src 'self'; img-src 'self'; "                \
	"connect-src 'self'; base-uri 'none'; form-action 'none'; "            \
	"frame-ancestors 'none'\r\n"                                           \
	"Referrer-Policy: no-referrer\r\n"

static const struct web_file *
find_file(const struct http_request *request)
{
	for (size_t i = 0; i < web_files_count; i++) {
		if (strcmp(web_files[i].name, request->path) == 0)
			return &web_files[i];
	}
	return NULL;
}

bool
is_page(const struct http_request *request)
{
	return find_file(request) != NULL;
}

/* RFC 9110 13.1.2: compared weakly. */
static bool
is_known(const struct http_request *request, const char *etag)
{
	struct http_list list = http_list(request, "If-None-Match");
	struct slice item;

	while (http_list_next(&list, &item)) {
		if (item.n > 2 && strncmp(item.at, "W/", 2) == 0) {
			item.at += 2;
			item.n -= 2;
		}
		if (slice_is(item, "*") || slice_is(item, etag))
			return true;
	}
	return false;
}

void
serve_page(struct connection *connection)
{
	const struct http_request *request = &connection->http->request;
	const struct web_file *file = find_file(request);
	char headers[sizeof PAGE_HEADERS + 80];

	snprintf(headers, sizeof headers, PAGE_HEADERS "ETag: %s\r\n",
		 file->etag);
	if (is_known(request, file->etag))
		reply_cacheable(connection, 304, NULL, NULL, 0, headers);
	else
		reply_cacheable(connection, 200, file->media_type, file->bytes,
				file->length, headers);
}
