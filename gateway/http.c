/* SPDX-License-Identifier: MIT */
/* gateway/http.c - reads the head of an HTTP/1.1 request.
 *
 * First the end of the head is searched, as far as bytes have come; only a
 * whole head is parsed. So nothing has to be remembered in between but two
 * offsets, and a head in pieces cannot mean anything else than one at once.
 */
#include "gateway/http.h"

#include <string.h>
#include <strings.h>

/* A method, two spaces and a version beside the longest target. */
#define REQUEST_LINE_MAX (HTTP_TARGET_MAX + 128)

static bool
refuse(struct http_request *r, int status, const char *why)
{
	r->status = status;
	r->why = why;
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
http_is_token_char(char c)
{
	return is_letter(c) || is_digit(c) ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool
http_is_token(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!http_is_token_char(s.at[i]))
			return false;
	}
	return s.n > 0;
}

/* RFC 9110 5.5: a tab is the only control character in a value. */
static bool
is_field_value(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* What no HTTP client begins with (a TLS handshake, say) is refused at once
 * instead of being gathered. RFC 9112 2.2: one empty line may come before. */
static bool
can_begin(const char *bytes, size_t n)
{
	if (n == 0 || bytes[0] != '\r')
		return n == 0 || http_is_token_char(bytes[0]);
	return (n < 2 || bytes[1] == '\n') &&
	       (n < 3 || http_is_token_char(bytes[2]));
}

/* Judges a line that may not have ended yet, by length alone. An empty line
 * may come before the request line, which then begins at 2. */
static bool
is_too_long(const struct http_scan *scan, size_t end)
{
	return scan->line_at <= 2 && end - scan->line_at > REQUEST_LINE_MAX;
}

static enum http_step
refuse_head(struct http_request *r, int status, const char *why)
{
	refuse(r, status, why);
	return HTTP_REFUSED;
}

static enum http_step
find_end(struct http_scan *scan, struct http_request *r, const char *bytes,
	 size_t n)
{
	size_t end = n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX;

	if (!can_begin(bytes, end))
		return refuse_head(r, 400, "not an HTTP request");
	while (scan->seen < end) {
		const char *from = bytes + scan->seen;
		const char *lf = memchr(from, '\n', end - scan->seen);

		scan->seen =
		    lf == NULL ? (uint32_t)end : (uint32_t)(lf + 1 - bytes);
		if (is_too_long(scan, scan->seen))
			return refuse_head(r, 414, "target too long");
		if (lf == NULL)
			break;
		if (lf == bytes + scan->line_at || lf[-1] != '\r')
			return refuse_head(r, 400, "line ends without CR");
		if (lf == bytes + scan->line_at + 1 && scan->line_at > 0)
			return HTTP_DONE;
		scan->line_at = scan->seen;
	}
	if (n >= HTTP_HEAD_MAX)
		return refuse_head(r, 431, "head too large");
	return HTTP_MORE;
}

/* The next line without its end, which is known to come before `end`. */
static struct slice
take_line(const char **at, const char *end)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));
	struct slice line = { *at, (size_t)(lf - 1 - *at) };

	*at = lf + 1;
	return line;
}

/* What stands before the next space; false without one. */
static bool
take_word(struct slice *line, struct slice *word)
{
	const char *space = memchr(line->at, ' ', line->n);

	if (space == NULL)
		return false;
	*word = (struct slice){ line->at, (size_t)(space - line->at) };
	line->n -= word->n + 1;
	line->at = space + 1;
	return true;
}

/* RFC 9110 2.5: a later minor version is served as the one that we know. */
static bool
check_version(struct http_request *r, struct slice version)
{
	if (version.n != 8 || memcmp(version.at, "HTTP/", 5) != 0 ||
	    !is_digit(version.at[5]) || version.at[6] != '.' ||
	    !is_digit(version.at[7]))
		return refuse(r, 400, "malformed request line");
	if (version.at[5] != '1' || version.at[7] == '0')
		return refuse(r, 505, "only HTTP/1.1 is spoken here");
	return true;
}

static bool
is_host_char(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static bool
is_port(const char *at, const char *end)
{
	unsigned port = 0;

	for (; at < end; at++) {
		if (!is_digit(*at))
			return false;
		port = port * 10 + (unsigned)(*at - '0');
		if (port > 65535)
			return false;
	}
	return true;
}

/* host [":" port] (RFC 3986 3.2), of names and addresses that DNS can have:
 * escapes and user names are refused. */
static bool
is_authority(struct slice s)
{
	const char *at = s.at;
	const char *end = s.at + s.n;
	bool in_brackets = s.n > 0 && *at == '[';

	if (in_brackets) {
		at++;
		while (at < end && (is_digit(*at) || *at == ':' || *at == '.' ||
				    (is_letter(*at) && (*at | 0x20) <= 'f')))
			at++;
		if (at == end || *at != ']' || at == s.at + 1)
			return false;
		at++;
	} else {
		while (at < end && is_host_char(*at))
			at++;
		if (at == s.at)
			return false;
	}
	return at == end || (*at == ':' && is_port(at + 1, end));
}

/* RFC 9112 3.2.2: takes "http://host" off the front of an absolute-form
 * target; what it names as host counts more than the Host field. */
static bool
take_authority(struct http_request *r, struct slice *target)
{
	size_t scheme = 0;
	size_t n;

	if (target->n > 7 && strncasecmp(target->at, "http://", 7) == 0)
		scheme = 7;
	else if (target->n > 8 && strncasecmp(target->at, "https://", 8) == 0)
		scheme = 8;
	if (scheme == 0)
		return false;
	for (n = scheme; n < target->n; n++) {
		if (target->at[n] == '/' || target->at[n] == '?')
			break;
	}
	r->host = (struct slice){ target->at + scheme, n - scheme };
	target->at += n;
	target->n -= n;
	return is_authority(r->host);
}

static bool
set_path(struct http_request *r, struct slice path)
{
	/* RFC 9110 4.2.3: an empty path is the same as "/". */
	r->raw_path = path.n > 0 ? path : (struct slice){ "/", 1 };
	switch (http_decode(r->raw_path, false, r->path, sizeof(r->path))) {
	case HTTP_MALFORMED:
		return refuse(r, 400, "malformed escape in path");
	case HTTP_TOO_LONG:
		return refuse(r, 414, "path too long");
	default:
		return true;
	}
}

static bool
parse_target(struct http_request *r)
{
	struct slice rest = r->target;
	const char *question;

	if (rest.n > HTTP_TARGET_MAX)
		return refuse(r, 414, "target too long");
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.at[i] <= ' ' || rest.at[i] > '~' || rest.at[i] == '#')
			return refuse(r, 400, "malformed target");
	}
	if (slice_is(rest, "*") && slice_is(r->method, "OPTIONS"))
		return set_path(r, rest);
	if (rest.n == 0 || (rest.at[0] != '/' && !take_authority(r, &rest)))
		return refuse(r, 400, "malformed target");
	question = rest.n > 0 ? memchr(rest.at, '?', rest.n) : NULL;
	if (question != NULL) {
		size_t path_bytes = (size_t)(question - rest.at);

		r->query =
		    (struct slice){ question + 1, rest.n - path_bytes - 1 };
		rest.n = path_bytes;
	}
	return set_path(r, rest);
}

static bool
parse_request_line(struct http_request *r, struct slice line)
{
	if (!take_word(&line, &r->method) || !http_is_token(r->method) ||
	    !take_word(&line, &r->target))
		return refuse(r, 400, "malformed request line");
	return check_version(r, line) && parse_target(r);
}

/* A line that begins with a space would continue the one before (obs-fold,
 * RFC 9112 5.2); it fails here, since a name cannot begin so. */
static bool
parse_field(struct http_request *r, struct slice line)
{
	const char *colon = memchr(line.at, ':', line.n);
	struct http_header *header;

	if (r->header_count == HTTP_HEADERS_MAX)
		return refuse(r, 431, "too many header fields");
	if (colon == NULL)
		return refuse(r, 400, "header field without colon");
	header = &r->headers[r->header_count];
	header->name = (struct slice){ line.at, (size_t)(colon - line.at) };
	header->value = slice_trim(
	    (struct slice){ colon + 1, line.n - header->name.n - 1 });
	if (!http_is_token(header->name))
		return refuse(r, 400, "malformed header field name");
	if (!is_field_value(header->value))
		return refuse(r, 400, "control character in header field");
	r->header_count++;
	return true;
}

static bool
check_host(struct http_request *r)
{
	const struct slice *host = http_find(r, "Host");

	if (http_count(r, "Host") != 1)
		return refuse(r, 400, "exactly one Host is needed");
	if (!is_authority(*host))
		return refuse(r, 400, "malformed Host");
	if (r->host.n == 0)
		r->host = *host;
	return true;
}

static bool
parse_length(struct http_request *r, struct slice value)
{
	/* 18 digits cannot overflow, and nobody needs more. */
	if (value.n == 0 || value.n > 18)
		return refuse(r, 400, "malformed Content-Length");
	for (size_t i = 0; i < value.n; i++) {
		if (!is_digit(value.at[i]))
			return refuse(r, 400, "malformed Content-Length");
		r->content_length =
		    r->content_length * 10 + (uint64_t)(value.at[i] - '0');
	}
	return true;
}

/* RFC 9112 6.1, 6.3: only a last coding that is `chunked` tells where the body
 * ends, so anything else behind it or instead of it is malformed; one before
 * it is well-formed, but unknown here. */
static bool
parse_codings(struct http_request *r)
{
	struct http_list list = http_list(r, "Transfer-Encoding");
	struct slice coding;
	bool has_unknown = false;

	while (http_list_next(&list, &coding)) {
		if (r->chunked)
			return refuse(r, 400, "chunked is not the last coding");
		r->chunked = slice_is_nocase(coding, "chunked");
		has_unknown |= !r->chunked;
	}
	if (!r->chunked)
		return refuse(r, 400, "transfer coding is not chunked");
	return !has_unknown || refuse(r, 501, "unknown transfer coding");
}

/* RFC 9112 6.3: where the body's end could be seen at two places, what one
 * reader takes for a body is a request to the other. */
static bool
check_framing(struct http_request *r)
{
	size_t lengths = http_count(r, "Content-Length");
	size_t codings = http_count(r, "Transfer-Encoding");

	if (lengths > 1)
		return refuse(r, 400, "more than one Content-Length");
	if (lengths > 0 && codings > 0)
		return refuse(r, 400,
			      "Content-Length beside Transfer-Encoding");
	if (lengths > 0)
		return parse_length(r, *http_find(r, "Content-Length"));
	return codings == 0 || parse_codings(r);
}

static bool
check_options(struct http_request *r)
{
	const struct slice *expect = http_find(r, "Expect");

	r->keep_alive = !http_has_token(r, "Connection", "close");
	r->upgrade_websocket = http_has_token(r, "Connection", "upgrade") &&
			       http_has_token(r, "Upgrade", "websocket");
	if (expect == NULL)
		return true;
	r->wants_continue = slice_is_nocase(*expect, "100-continue") &&
			    http_count(r, "Expect") == 1;
	return r->wants_continue || refuse(r, 417, "unknown expectation");
}

static bool
parse_head(struct http_request *r, const char *bytes)
{
	const char *at = bytes[0] == '\r' ? bytes + 2 : bytes;
	const char *end = bytes + r->head_bytes - 2; /* the empty line */

	if (!parse_request_line(r, take_line(&at, end)))
		return false;
	while (at < end) {
		if (!parse_field(r, take_line(&at, end)))
			return false;
	}
	return check_host(r) && check_framing(r) && check_options(r);
}

enum http_step
http_parse_head(struct http_scan *scan, struct http_request *request,
		const char *bytes, size_t n)
{
	enum http_step step = find_end(scan, request, bytes, n);

	if (step != HTTP_DONE)
		return step;
	*request = (struct http_request){ .head_bytes = scan->seen };
	return parse_head(request, bytes) ? HTTP_DONE : HTTP_REFUSED;
}

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 100, "Continue" },
		{ 101, "Switching Protocols" },
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 301, "Moved Permanently" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 426, "Upgrade Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}
