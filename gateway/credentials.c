/* SPDX-License-Identifier: MIT */
/* gateway/credentials.c - finds the tokens of a request; whether they are good
 * is for auth to say.
 */
#include "gateway/credentials.h"

#define TOKEN_MAX 8192 /* bytes, of any token; see frame verify */

/* No token has other characters, whatever made it. */
static bool
is_token(struct slice text)
{
	if (text.n == 0 || text.n > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.at[i] <= ' ' || text.at[i] >= 0x7f)
			return false;
	}
	return true;
}

static bool
begins_with_bearer(struct slice field)
{
	static const char scheme[] = "Bearer";
	const size_t n = sizeof scheme - 1;

	return field.n >= n && strncasecmp(field.at, scheme, n) == 0 &&
	       (field.n == n || field.at[n] == ' ');
}

/* RFC 6750 2.1. False if there is more than one, or a malformed one. */
static bool
read_bearer(struct slice *token, const struct http_request *request)
{
	const size_t n = sizeof "Bearer " - 1;
	const struct slice *field = http_find(request, "Authorization");

	if (field == NULL)
		return true;
	if (http_count(request, "Authorization") != 1)
		return false;
	/* Another scheme is for somebody else, such as a proxy before us. */
	if (!begins_with_bearer(*field))
		return true;
	if (field->n <= n)
		return false;
	*token = slice_trim((struct slice){ field->at + n, field->n - n });
	return is_token(*token);
}

static bool
read_query(struct credentials *credentials, const struct http_request *request)
{
	int n = http_query(request, "token", credentials->query_text,
			   sizeof credentials->query_text);

	if (n == 0 || n == HTTP_ABSENT)
		return true;
	if (n < 0)
		return false;
	credentials->query =
	    (struct slice){ credentials->query_text, (size_t)n };
	return is_token(credentials->query);
}

/* An empty one is what a log-out leaves. */
static bool
read_cookie(struct slice *token, const struct http_request *request)
{
	if (!http_cookie(request, "session_token", token))
		return true;
	return token->n == 0 || is_token(*token);
}

bool
credentials_read(struct credentials *credentials,
		 const struct http_request *request)
{
	credentials->bearer = credentials->query = credentials->cookie =
	    (struct slice){ NULL, 0 };
	if (!read_bearer(&credentials->bearer, request) ||
	    !read_query(credentials, request) ||
	    !read_cookie(&credentials->cookie, request))
		return false;
	return credentials->bearer.n > 0 || credentials->query.n > 0 ||
	       credentials->cookie.n > 0;
}

bool
credentials_are_in_query(const struct http_request *request)
{
	char first[1];
	int n = http_query(request, "token", first, sizeof first);

	return n != 0 && n != HTTP_ABSENT;
}

bool
credentials_are_shown(const struct http_request *request)
{
	const struct slice *field = http_find(request, "Authorization");
	struct slice cookie;

	return (field != NULL && begins_with_bearer(*field)) ||
	       credentials_are_in_query(request) ||
	       (http_cookie(request, "session_token", &cookie) && cookie.n > 0);
}

static void
tell_unavailable(struct gateway *gateway, answer_handler *on_verified,
		 void *context)
{
	const struct frame refused = {
		.kind = FRAME_refused,
		.refused.code = slice_of(error_name(ERROR_unavailable)),
		.refused.text = slice_of("auth cannot be asked now"),
	};

	on_verified(gateway, context, &refused);
}

bool
credentials_verify(struct connection *connection, answer_handler *on_verified,
		   void *context)
{
	struct gateway *gateway = connection->gateway;
	struct peer *auth = bus_next(gateway->bus, AUTH);
	struct credentials found;
	struct frame verify = { .kind = FRAME_verify };

	if (!credentials_read(&found, &connection->http->request))
		return false;
	verify.verify.bearer = found.bearer;
	verify.verify.query = found.query;
	verify.verify.cookie = found.cookie;
	if (auth == NULL || !bus_has_room(auth) ||
	    bus_ask(auth, &verify, WAIT_MS, on_verified, gateway, context) == 0)
		tell_unavailable(gateway, on_verified, context);
	return true;
}
