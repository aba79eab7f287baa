/* SPDX-License-Identifier: MIT */
/* gateway/reply.h - answers to HTTP requests.
 *
 * Each request is answered once, at once or later. Later: keep the connection's
 * id and find it again with connection_find(); if it is gone, so is the need to
 * answer. What the request's slices point to is gone once it is answered.
 * `headers` are whole lines, each with its CRLF, or NULL.
 */
#ifndef PARLEY_GATEWAY_REPLY_H
#define PARLEY_GATEWAY_REPLY_H

#include "gateway/connection.h"
#include "gateway/json_write.h"
#include "proto/frame.h"

/* Answers with a body that nobody may keep. */
void reply(struct connection *connection, int status, const char *media_type,
	   const void *body, size_t n, const char *headers);

/* Answers with a body that a browser may keep if it asks each time whether it
 * is still the same. */
void reply_cacheable(struct connection *connection, int status,
		     const char *media_type, const void *body, size_t n,
		     const char *headers);

/* Answers with the JSON that was written to `json`, and frees it; with 503 if
 * it is not whole. */
void reply_json(struct connection *connection, int status,
		struct json_writer *json, const char *headers);

/* Answers without a body, such as 204. */
void reply_empty(struct connection *connection, int status,
		 const char *headers);

/* Answers with an application/problem+json (RFC 9457). `detail` and `field` may
 * be NULL. Without `headers`, 401 brings its challenge and 429 and 503 ask to
 * come back in a second. */
void reply_problem(struct connection *connection, int status,
		   const char *detail, const char *field, const char *headers);

/* Answers with what a daemon refused: status by errors.def, with field,
 * Retry-After and WWW-Authenticate where they belong. */
void reply_refused(struct connection *connection,
		   const struct frame_refused *refused);

#endif
