/* SPDX-License-Identifier: MIT */
/* gateway/reply.c - puts an answer's head and body together (RFC 9112).
 */
#include "gateway/reply.h"

#include "gateway/credentials.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define RETRY_SOON "Retry-After: 1\r\n"

struct answer {
	int status;
	const char *media_type; /* NULL: there is no body at all */
	struct slice body;
	const char *caching;
	const char *headers;
};

/* Also false where the head could not be read: its method is not known. */
static bool
is_head_request(const struct connection *c)
{
	return c->http->has_head && slice_is(c->http->request.method, "HEAD");
}

static bool
is_kept_alive(const struct connection *c)
{
	return c->http->request.keep_alive && !c->gateway->draining;
}

/* RFC 9110 6.6.1, 5.6.7; the names are English in every locale. */
static int
write_date(struct buffer *head, const struct connection *c)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed",
					"Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr",
					  "May", "Jun", "Jul", "Aug",
					  "Sep", "Oct", "Nov", "Dec" };
	time_t now = (time_t)(loop_unix_ms(c->gateway->loop) / 1000);
	struct tm t;

	if (gmtime_r(&now, &t) == NULL)
		return -1;
	return buffer_printf(head,
			     "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n",
			     days[t.tm_wday], t.tm_mday, months[t.tm_mon],
			     t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static int
write_head(struct buffer *head, const struct connection *c,
	   const struct answer *answer)
{
	if (buffer_printf(head, "HTTP/1.1 %d %s\r\n", answer->status,
			  http_reason(answer->status)) != 0 ||
	    write_date(head, c) != 0)
		return -1;
	/* RFC 9110 8.6: 204 has no Content-Length, 304 needs none. */
	if (answer->media_type != NULL &&
	    buffer_printf(head, "Content-Type: %s\r\nContent-Length: %zu\r\n",
			  answer->media_type, answer->body.n) != 0)
		return -1;
	return buffer_printf(head,
			     "Connection: %s\r\n"
			     "X-Content-Type-Options: nosniff\r\n"
			     "Cache-Control: %s\r\n"
			     "%s\r\n",
			     is_kept_alive(c) ? "keep-alive" : "close",
			     answer->caching,
			     answer->headers != NULL ? answer->headers : "");
}

static struct parcel *
pack(const struct connection *c, const struct answer *answer)
{
	struct buffer head = { 0 };
	struct parcel *parcel = NULL;
	size_t body_bytes = is_head_request(c) ? 0 : answer->body.n;

	if (write_head(&head, c, answer) != 0)
		goto out;
	parcel = parcel_new(head.n + body_bytes);
	if (parcel == NULL)
		goto out;
	memcpy(parcel->bytes, head.bytes, head.n);
	if (body_bytes > 0)
		memcpy(parcel->bytes + head.n, answer->body.at, body_bytes);
out:
	buffer_fini(&head);
	return parcel;
}

static void
send_answer(struct connection *c, const struct answer *answer)
{
	struct parcel *parcel = pack(c, answer);

	if (parcel == NULL) {
		connection_cut(c);
		return;
	}
	c->gateway->count.responses[answer->status / 100 - 1]++;
	connection_send_answer(c, parcel);
	parcel_drop(parcel);
	connection_answered(c);
}

void
reply(struct connection *connection, int status, const char *media_type,
      const void *body, size_t n, const char *headers)
{
	send_answer(connection,
		    &(struct answer){
			status, media_type, { body, n }, "no-store", headers });
}

void
reply_cacheable(struct connection *connection, int status,
		const char *media_type, const void *body, size_t n,
		const char *headers)
{
	send_answer(connection,
		    &(struct answer){
			status, media_type, { body, n }, "no-cache", headers });
}

void
reply_empty(struct connection *connection, int status, const char *headers)
{
	reply(connection, status, NULL, NULL, 0, headers);
}

static void
reply_written(struct connection *connection, int status, const char *media_type,
	      struct json_writer *json, const char *headers)
{
	if (json->failed)
		connection_cut(connection);
	else
		reply(connection, status, media_type, json->buffer.bytes,
		      json->buffer.n, headers);
	json_fini(json);
}

void
reply_json(struct connection *connection, int status, struct json_writer *json,
	   const char *headers)
{
	if (!json->failed) {
		reply_written(connection, status, "application/json", json,
			      headers);
		return;
	}
	json_fini(json);
	reply_problem(connection, 503, "out of memory", NULL, NULL);
}

/* What an answer of this status must say besides. */
static const char *
usual_headers(int status)
{
	switch (status) {
	case 401:
		return CREDENTIALS_CHALLENGE;
	case 429:
	case 503:
		return RETRY_SOON;
	default:
		return NULL;
	}
}

void
reply_problem(struct connection *connection, int status, const char *detail,
	      const char *field, const char *headers)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '{');
	json_text(&w, "type", slice_of("about:blank"));
	json_text(&w, "title", slice_of(http_reason(status)));
	json_number(&w, "status", (uint64_t)status);
	if (detail != NULL)
		json_text(&w, "detail", slice_of(detail));
	if (field != NULL)
		json_text(&w, "field", slice_of(field));
	json_close(&w, '}');
	reply_written(connection, status, "application/problem+json", &w,
		      headers != NULL ? headers : usual_headers(status));
}

/* As a string for this turn; NULL if it is empty, or without memory. */
static const char *
copy_text(struct connection *c, struct slice text)
{
	if (text.n == 0)
		return NULL;
	return arena_copy(bus_arena(c->gateway->bus), text.at, text.n);
}

void
reply_refused(struct connection *connection,
	      const struct frame_refused *refused)
{
	int status = error_http_status(error_find(refused->code));
	char retry[48];
	const char *headers = NULL;

	if (refused->retry_after > 0) {
		snprintf(retry, sizeof retry, "Retry-After: %" PRIu64 "\r\n",
			 refused->retry_after);
		headers = retry;
	}
	reply_problem(connection, status, copy_text(connection, refused->text),
		      copy_text(connection, refused->field), headers);
}
