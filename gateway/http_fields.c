/* SPDX-License-Identifier: MIT */
/* gateway/http_fields.c - finds what is inside the fields of a request.
 *
 * Header fields by name, the items of their lists, query parameters, segments
 * of the path and cookies. A request has few of each, so all of them search
 * from the front.
 */
#include "gateway/http.h"

#include <string.h>

struct slice
slice_trim(struct slice s)
{
	while (s.n > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) {
		s.at++;
		s.n--;
	}
	while (s.n > 0 && (s.at[s.n - 1] == ' ' || s.at[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* The first header at or behind number `i` called `name`, or NULL. */
static const struct http_header *
find_from(const struct http_request *r, size_t i, const char *name)
{
	for (; i < r->header_count; i++) {
		if (slice_is_nocase(r->headers[i].name, name))
			return &r->headers[i];
	}
	return NULL;
}

const struct slice *
http_find(const struct http_request *request, const char *name)
{
	const struct http_header *header = find_from(request, 0, name);

	return header != NULL ? &header->value : NULL;
}

size_t
http_count(const struct http_request *request, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += slice_is_nocase(request->headers[i].name, name);
	return count;
}

/* Takes what stands before the first `separator`, or all, off the front. */
static struct slice
take_until(struct slice *rest, char separator)
{
	const char *found = memchr(rest->at, separator, rest->n);
	struct slice taken = *rest;

	if (found == NULL) {
		rest->at += rest->n;
		rest->n = 0;
		return taken;
	}
	taken.n = (size_t)(found - rest->at);
	rest->at += taken.n + 1;
	rest->n -= taken.n + 1;
	return taken;
}

/* Like take_until(rest, ','), but a quoted string (RFC 9110 5.6.4) may have
 * commas, and quotation marks behind a backslash. */
static struct slice
take_item(struct slice *rest)
{
	struct slice item = { rest->at, 0 };
	bool is_quoted = false;

	while (item.n < rest->n && (is_quoted || rest->at[item.n] != ',')) {
		if (rest->at[item.n] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && rest->at[item.n] == '\\' &&
			 item.n + 1 < rest->n)
			item.n++;
		item.n++;
	}
	rest->at += item.n;
	rest->n -= item.n;
	if (rest->n > 0) {
		rest->at++;
		rest->n--;
	}
	return slice_trim(item);
}

struct http_list
http_list(const struct http_request *request, const char *name)
{
	return (struct http_list){ .request = request,
				   .name = name,
				   .rest = { "", 0 } };
}

bool
http_list_next(struct http_list *list, struct slice *item)
{
	for (;;) {
		const struct http_header *header;

		while (list->rest.n > 0) {
			*item = take_item(&list->rest);
			if (item->n > 0)
				return true;
		}
		header =
		    find_from(list->request, list->next_header, list->name);
		if (header == NULL)
			return false;
		list->rest = header->value;
		list->next_header =
		    (size_t)(header - list->request->headers) + 1;
	}
}

bool
http_has_token(const struct http_request *request, const char *name,
	       const char *token)
{
	struct http_list list = http_list(request, name);
	struct slice item;

	while (http_list_next(&list, &item)) {
		if (slice_is_nocase(item, token))
			return true;
	}
	return false;
}

int
http_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Takes one byte off the front and undoes its escape; -1 if malformed. */
static int
decode_one(struct slice *in, bool plus_is_space)
{
	char c = in->at[0];
	size_t taken = 1;

	if (c == '+' && plus_is_space) {
		c = ' ';
	} else if (c == '%') {
		int high = in->n >= 3 ? http_hex_value(in->at[1]) : -1;
		int low = in->n >= 3 ? http_hex_value(in->at[2]) : -1;

		if (high < 0 || low < 0)
			return -1;
		c = (char)(high << 4 | low);
		taken = 3;
	}
	in->at += taken;
	in->n -= taken;
	return c == '\0' ? -1 : (unsigned char)c;
}

int
http_decode(struct slice in, bool plus_is_space, char *out, size_t out_bytes)
{
	size_t n = 0;

	while (in.n > 0) {
		int c = decode_one(&in, plus_is_space);

		if (c < 0)
			return HTTP_MALFORMED;
		if (n + 1 >= out_bytes)
			return HTTP_TOO_LONG;
		out[n++] = (char)c;
	}
	if (out_bytes == 0)
		return HTTP_TOO_LONG;
	out[n] = '\0';
	return (int)n;
}

/* A name may be escaped too; a malformed one is called nothing. */
static bool
is_named(struct slice encoded, const char *name)
{
	while (encoded.n > 0 && *name != '\0') {
		if (decode_one(&encoded, true) != (unsigned char)*name++)
			return false;
	}
	return encoded.n == 0 && *name == '\0';
}

int
http_query(const struct http_request *request, const char *name, char *out,
	   size_t out_bytes)
{
	struct slice rest = request->query;

	while (rest.n > 0) {
		struct slice value = take_until(&rest, '&');
		struct slice key = take_until(&value, '=');

		if (is_named(key, name))
			return http_decode(value, true, out, out_bytes);
	}
	return HTTP_ABSENT;
}

bool
http_query_is(const struct http_request *request, const char *name,
	      const char *value)
{
	char text[16];

	return http_query(request, name, text, sizeof text) > 0 &&
	       strcmp(text, value) == 0;
}

int
http_path_segment(const struct http_request *request, size_t index, char *out,
		  size_t out_bytes)
{
	struct slice rest = request->raw_path;

	for (size_t i = 0; rest.n > 0 && rest.at[0] == '/'; i++) {
		const char *slash = memchr(rest.at + 1, '/', rest.n - 1);
		size_t n = slash != NULL ? (size_t)(slash - rest.at) : rest.n;

		if (i == index)
			return http_decode((struct slice){ rest.at + 1, n - 1 },
					   false, out, out_bytes);
		rest.at += n;
		rest.n -= n;
	}
	return HTTP_ABSENT;
}

static struct slice
unquote(struct slice s)
{
	if (s.n >= 2 && s.at[0] == '"' && s.at[s.n - 1] == '"')
		return (struct slice){ s.at + 1, s.n - 2 };
	return s;
}

bool
http_cookie(const struct http_request *request, const char *name,
	    struct slice *value)
{
	for (size_t i = 0; i < request->header_count; i++) {
		struct slice rest = request->headers[i].value;

		if (!slice_is_nocase(request->headers[i].name, "Cookie"))
			continue;
		while (rest.n > 0) {
			struct slice pair = take_until(&rest, ';');
			struct slice key = slice_trim(take_until(&pair, '='));

			if (!slice_is(key, name))
				continue;
			*value = unquote(slice_trim(pair));
			return true;
		}
	}
	return false;
}
