/* SPDX-License-Identifier: MIT */
/* gateway/credentials.h - the tokens that a request carries, and asking auth
 * whose they are.
 */
#ifndef PARLEY_GATEWAY_CREDENTIALS_H
#define PARLEY_GATEWAY_CREDENTIALS_H

#include "gateway/connection.h"
#include "proto/frame.h"

/* From the Authorization header, the query parameter `token` and the cookie
 * `session_token`. Empty where there is none. The text lives as long as the
 * struct and the request do. */
struct credentials {
	struct slice bearer;
	struct slice query;
	struct slice cookie;
	char query_text[8192 + 1];
};

/* False if the request carries none, or if one is malformed. */
bool credentials_read(struct credentials *credentials,
		      const struct http_request *request);

/* Whether the request shows anything that is meant as a token; or does so in
 * its query. */
bool credentials_are_shown(const struct http_request *request);
bool credentials_are_in_query(const struct http_request *request);

/* Asks auth who the request's tokens name. `on_verified` is called once, with
 * the gateway and `context`: verified, or refused (unauthorized; unavailable,
 * which may be told before this returns). Returns false, with nothing asked, if
 * the request carries no usable token: then it is 401. */
bool credentials_verify(struct connection *connection,
			answer_handler *on_verified, void *context);

/* What both 401 answers say in their headers. */
#define CREDENTIALS_CHALLENGE "WWW-Authenticate: Bearer realm=\"parley\"\r\n"

#endif
