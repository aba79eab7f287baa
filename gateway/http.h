/* SPDX-License-Identifier: MIT */
/* gateway/http.h - reads HTTP/1.1 requests (RFC 9110, RFC 9112).
 *
 * Bytes in, answers out: nothing here knows a socket or allocates. Everything
 * is bounded, and what two readers could understand in two ways is refused,
 * since that is how requests are smuggled past a proxy. http.c reads heads,
 * http_fields.c what is inside their fields, http_body.c bodies.
 */
#ifndef PARLEY_GATEWAY_HTTP_H
#define PARLEY_GATEWAY_HTTP_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX    (16 * 1024) /* bytes, up to the empty line's end */
#define HTTP_TARGET_MAX  (8 * 1024)  /* bytes, as sent */
#define HTTP_PATH_MAX    2048        /* bytes, decoded */
#define HTTP_HEADERS_MAX 64

/* Without the spaces and tabs at both ends. */
struct slice slice_trim(struct slice s);

struct http_header {
	struct slice name;
	struct slice value; /* without the white space around it */
};

/* All slices point into the bytes that were parsed: they are good as long as
 * those stay where they are. */
struct http_request {
	struct slice method;
	struct slice target;   /* as sent */
	struct slice raw_path; /* the path as sent: "/" at least, or "*" */
	struct slice query;    /* as sent, without the question mark */
	struct slice host;     /* with its port, if one was named */
	char path[HTTP_PATH_MAX + 1]; /* decoded, holds no NUL but at its end */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	size_t head_bytes; /* the body begins behind them */
	uint64_t content_length;
	bool chunked;
	bool keep_alive;        /* no `Connection: close` */
	bool wants_continue;    /* `Expect: 100-continue` */
	bool upgrade_websocket; /* asked for in Connection and in Upgrade */
	int status;             /* if refused: what to answer */
	const char *why;        /* if refused: a few words for people */
};

/* Whether `c` may stand in a token (RFC 9110 5.6.2), and whether `s` is one. */
bool http_is_token_char(char c);
bool http_is_token(struct slice s);

/* How far the search for the head's end has come, so that a client that sends
 * byte by byte costs no more than another. All zero for a new request. */
struct http_scan {
	uint32_t line_at;
	uint32_t seen;
};

enum http_step {
	HTTP_REFUSED =
	    -1,        /* `status` and `why` say what to answer; then close */
	HTTP_MORE = 0, /* come again with more bytes */
	HTTP_DONE = 1,
	HTTP_PIECE = 2, /* bodies only: here are some bytes of it */
};

/* Reads a request's head from `bytes`, all that came since the request began
 * (not only what is new; they may have moved since the last call). `request`
 * is filled at HTTP_DONE, and nothing of it but `status` and `why` at
 * HTTP_REFUSED: 400 malformed, 414 target too long, 417 unknown expectation,
 * 431 head too large, 501 unknown transfer coding, 505 not HTTP/1.1. Whether
 * the method is known and allowed is for the caller to say. */
enum http_step http_parse_head(struct http_scan *scan,
			       struct http_request *request, const char *bytes,
			       size_t n);

/* The standard phrase of a status, such as "Not Found"; "Unknown" for one that
 * is not in the table. */
const char *http_reason(int status);

/* The value of the first header field called `name` (in any case), or NULL. */
const struct slice *http_find(const struct http_request *request,
			      const char *name);

/* How many header fields are called `name`. */
size_t http_count(const struct http_request *request, const char *name);

/* Walks the items of a comma-separated field over all lines that carry it, as
 * RFC 9110 5.3 wants. Empty items are left out; a comma in a quoted string
 * separates nothing.
 *
 *	struct http_list list = http_list(request, "Upgrade");
 *	struct slice item;
 *	while (http_list_next(&list, &item)) ...
 */
struct http_list {
	const struct http_request *request;
	const char *name;
	size_t next_header;
	struct slice rest;
};

struct http_list http_list(const struct http_request *request,
			   const char *name);
bool http_list_next(struct http_list *list, struct slice *item);

/* Whether `token` (in any case) is an item of that field. */
bool http_has_token(const struct http_request *request, const char *name,
		    const char *token);

/* What the functions below return instead of a length. */
enum {
	HTTP_ABSENT = -1,
	HTTP_MALFORMED = -2, /* a bad escape, or a NUL */
	HTTP_TOO_LONG = -3,  /* for the buffer */
};

/* What a hexadecimal digit counts; -1 if `c` is none. */
int http_hex_value(char c);

/* Undoes percent-encoding into `out`, `out_bytes` large, and ends it by NUL;
 * a plus sign is a space where `plus_is_space`. Returns the length. */
int http_decode(struct slice in, bool plus_is_space, char *out,
		size_t out_bytes);

/* The first query parameter called `name`, decoded (plus signs as well) into
 * `out`. Returns its length; a parameter without a value has length 0. */
int http_query(const struct http_request *request, const char *name, char *out,
	       size_t out_bytes);

/* Whether that parameter has this value, of at most 15 bytes. */
bool http_query_is(const struct http_request *request, const char *name,
		   const char *value);

/* The path's segment number `index` (0 is the first), decoded into `out`. Here
 * an escaped slash is part of a segment, while in `path` it looks like any
 * other. Returns its length. */
int http_path_segment(const struct http_request *request, size_t index,
		      char *out, size_t out_bytes);

/* The value of the first cookie called `name`, without quotes around it
 * (RFC 6265 4.2). False if there is none. */
bool http_cookie(const struct http_request *request, const char *name,
		 struct slice *value);

/* Reads the body that a head announced. */
struct http_body {
	uint64_t left;    /* of the body, or of the chunk */
	uint64_t allowed; /* what more chunks may bring */
	uint32_t extra;   /* bytes of chunk extensions and trailers so far */
	uint8_t digits;   /* of the chunk size so far */
	uint8_t state;
	int status;
	const char *why;
};

/* Begins the body of `request`. HTTP_DONE if it has none, HTTP_MORE if it is
 * to come, HTTP_REFUSED with 413 if it announces more than `max_bytes`. */
enum http_step http_body_init(struct http_body *body,
			      const struct http_request *request,
			      uint64_t max_bytes);

/* Takes bytes from the front of `in`. HTTP_PIECE: `piece` points to bytes of
 * the body within `in`, call again. HTTP_MORE: `in` is used up. HTTP_DONE: the
 * body is whole, `in` has what follows it. HTTP_REFUSED: `status` is 400, or
 * 413 where the chunks come to more than the maximum. Chunk extensions and
 * trailers are checked and dropped. */
enum http_step http_body_next(struct http_body *body, struct slice *in,
			      struct slice *piece);

#endif
