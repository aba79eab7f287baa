/* SPDX-License-Identifier: MIT */
/* gateway/rest.c - finds who serves a request, and carries errands on from
 * answer to answer.
 */
#include "gateway/rest.h"

#include "gateway/credentials.h"
#include "gateway/origin.h"
#include "gateway/reply.h"
#include "gateway/rest_internal.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
static const struct rest_route routes[] = {
	{ "POST",   "/auth/register",          serve_register,    false },
	{ "POST",   "/auth/login",             serve_login,       false },
	{ "POST",   "/auth/logout",            serve_logout,      false },
	{ "POST",   "/auth/refresh",           serve_refresh,     false },
	{ "GET",    "/auth/me",                serve_me,          true  },
	{ "GET",    "/api/rooms",              serve_rooms,       true  },
	{ "POST",   "/api/rooms",              serve_new_room,    true  },
	{ "GET",    "/api/rooms/*/messages",   serve_messages,    true  },
	{ "POST",   "/api/rooms/*/messages",   serve_new_message, true  },
	{ "GET",    "/api/rooms/*",            serve_room,        true  },
	{ "PATCH",  "/api/rooms/*",            serve_room_change, true  },
	{ "GET",    "/api/rooms/*/members",    serve_members,     true  },
	{ "PUT",    "/api/rooms/*/members/*",  serve_member,      true  },
	{ "PATCH",  "/api/rooms/*/members/*",  serve_role,        true  },
	{ "DELETE", "/api/rooms/*/members/*",  serve_kick,        true  },
	{ "GET",    "/api/rooms/*/bans",       serve_bans,        true  },
	{ "PUT",    "/api/rooms/*/bans/*",     serve_ban,         true  },
	{ "DELETE", "/api/rooms/*/bans/*",     serve_unban,       true  },
	{ "GET",    "/api/rooms/*/mutes",      serve_mutes,       true  },
	{ "PUT",    "/api/rooms/*/mutes/*",    serve_mute,        true  },
	{ "DELETE", "/api/rooms/*/mutes/*",    serve_unmute,      true  },
	{ "GET",    "/api/rooms/*/invites",    serve_invites,     true  },
	{ "POST",   "/api/rooms/*/invites",    serve_new_invite,  true  },
	{ "DELETE", "/api/rooms/*/invites/*",  serve_revoke,      true  },
	{ "GET",    "/api/rooms/*/hooks",      serve_hooks,       true  },
	{ "POST",   "/api/rooms/*/hooks",      serve_new_hook,    true  },
	{ "GET",    "/api/rooms/*/hooks/*",    serve_hook,        true  },
	{ "PATCH",  "/api/rooms/*/hooks/*",    serve_hook_change, true  },
	{ "DELETE", "/api/rooms/*/hooks/*",    serve_hook_end,    true  },
	{ "POST",   "/api/invites/accept",     serve_accept,      true  },
	{ "GET",    "/api/users",              serve_users,       true  },
	{ "GET",    "/api/users/*",            serve_user,        true  },
	{ "GET",    "/healthz",                serve_health,      false },
	{ "GET",    "/readyz",                 serve_ready,       false },
	{ "GET",    "/metrics",                serve_metrics,     false },
	{ 0 },
};
/* clang-format on */

/* --- Errands */

static void
errand_free(struct errand *errand)
{
	json_decref(errand->body);
	json_fini(&errand->page);
	free(errand);
}

static void
hear_answer(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	if (answer->kind == FRAME_refused)
		reply_refused(c, &answer->refused);
	else if (errand->expected != FRAME_none &&
		 answer->kind != errand->expected)
		reply_problem(c, 503, "a daemon gave no fitting answer", NULL,
			      NULL);
	else
		errand->next(errand, c, answer);
}

static void
on_answer(void *self, void *context, const struct frame *answer)
{
	struct errand *errand = context;
	struct connection *c = connection_find(self, errand->connection_id);

	errand->is_asking = false;
	figures_hear_answer(self, answer);
	if (c != NULL)
		hear_answer(errand, c, answer);
	if (!errand->is_asking)
		errand_free(errand);
}

void
errand_ask(struct errand *errand, struct connection *connection,
	   struct peer *to, struct frame *request, enum frame_kind expected,
	   errand_step *next)
{
	errand->expected = expected;
	errand->next = next;
	errand->is_asking = to != NULL && bus_has_room(to) &&
			    bus_ask(to, request, WAIT_MS, on_answer,
				    connection->gateway, errand) != 0;
	if (!errand->is_asking)
		reply_problem(connection, 503, "a daemon cannot be asked now",
			      NULL, NULL);
}

struct peer *
store_of(struct connection *connection)
{
	return bus_next(connection->gateway->bus, STORE);
}

void
reply_nothing(struct errand *errand, struct connection *connection,
	      const struct frame *answer)
{
	(void)errand;
	(void)answer;
	reply_empty(connection, 204, NULL);
}

/* The name is copied: it dies with the frame. */
static void
keep_user(struct errand *errand, const struct frame_verified *user)
{
	errand->user = *user;
	errand->user.user_name = name_keep(user->user_name, errand->user_name);
}

/* The user is known: what is to be done next is what was meant from the start.
 */
static void
on_verified(void *self, void *context, const struct frame *answer)
{
	struct errand *errand = context;

	if (answer->kind == FRAME_verified)
		keep_user(errand, &answer->verified);
	on_answer(self, errand, answer);
}

/* False: replied. Else the errand is no longer ours. */
static bool
ask_who(struct errand *errand, struct connection *c, errand_step *next)
{
	errand->expected = FRAME_verified;
	errand->next = next;
	if (credentials_verify(c, on_verified, errand))
		return true;
	reply_problem(c, 401, "a valid token is needed", NULL, NULL);
	return false;
}

static void
run(struct connection *c, const struct rest_route *route)
{
	struct errand *errand = calloc(1, sizeof *errand);

	if (errand == NULL) {
		reply_problem(c, 503, "out of memory", NULL, NULL);
		return;
	}
	errand->connection_id = c->id;
	if (!route->needs_user)
		route->first(errand, c, NULL);
	else if (ask_who(errand, c, route->first))
		return;
	if (!errand->is_asking)
		errand_free(errand);
}

/* --- What the request carries */

void
reply_wrong(struct connection *connection, const char *field,
	    const char *detail)
{
	reply_problem(connection, 400, detail, field, NULL);
}

bool
is_fine_wish(struct connection *connection, struct wish_fault fault)
{
	if (fault.words != NULL)
		reply_wrong(connection, fault.field, fault.words);
	return fault.words == NULL;
}

/* Whatever type the client claims (curl says it is a form), the body is JSON or
 * refused. A page elsewhere cannot misuse that: see is_forged(). */
bool
errand_read_body(struct errand *errand, struct connection *connection)
{
	const struct buffer *body = &connection->http->body;
	json_error_t error = { 0 };
	char detail[80];

	errand->body =
	    json_loadb((const char *)body->bytes, body->n,
		       JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (json_is_object(errand->body))
		return true;
	if (errand->body == NULL && body->n > 0)
		snprintf(detail, sizeof detail,
			 "the body is not JSON from line %d, column %d on",
			 error.line, error.column);
	else
		snprintf(detail, sizeof detail,
			 "the body must be a JSON object");
	reply_problem(connection, 400, detail, NULL, NULL);
	return false;
}

bool
errand_text(const struct errand *errand, struct connection *connection,
	    const char *name, size_t max, struct slice *text)
{
	const json_t *value = json_object_get(errand->body, name);
	char detail[64];

	*text = (struct slice){ "", 0 };
	if (value == NULL || json_is_null(value))
		return true;
	if (!json_is_string(value)) {
		reply_wrong(connection, name, "must be a string");
		return false;
	}
	*text = (struct slice){ json_string_value(value),
				json_string_length(value) };
	if (text->n > max) {
		snprintf(detail, sizeof detail, "has more than %zu bytes", max);
		reply_wrong(connection, name, detail);
		return false;
	}
	if (memchr(text->at, '\0', text->n) != NULL) {
		reply_wrong(connection, name, "has a NUL in it");
		return false;
	}
	return true;
}

bool
errand_number(const struct errand *errand, struct connection *connection,
	      const char *name, uint64_t max, uint64_t *number)
{
	const json_t *value = json_object_get(errand->body, name);
	json_int_t n;

	*number = 0;
	if (value == NULL || json_is_null(value))
		return true;
	n = json_integer_value(value);
	if (!json_is_integer(value) || n < 0 || (uint64_t)n > max) {
		reply_wrong(connection, name, "is not a number in its range");
		return false;
	}
	*number = (uint64_t)n;
	return true;
}

/* Digits alone; false also beyond `max`. */
static bool
parse_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9 || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return true;
}

bool
query_number(struct connection *connection, const char *name, uint64_t min,
	     uint64_t max, uint64_t *number)
{
	char text[32], detail[80];
	int n = http_query(&connection->http->request, name, text, sizeof text);

	if (n == HTTP_ABSENT)
		return true;
	if (n > 0 && parse_number(text, max, number) && *number >= min)
		return true;
	snprintf(detail, sizeof detail, "must be a number from %llu to %llu",
		 (unsigned long long)min, (unsigned long long)max);
	reply_wrong(connection, name, detail);
	return false;
}

/* --- Who serves it */

#define ALLOW_BYTES 64

static bool
is_segment(struct slice pattern, const char *segment, int n)
{
	if (n < 0)
		return false;
	if (slice_is(pattern, "*"))
		return n > 0;
	return slice_equal(pattern, (struct slice){ segment, (size_t)n });
}

static bool
fits(const char *pattern, const struct http_request *request)
{
	char segment[HTTP_PATH_MAX + 1];
	size_t i = 0;

	for (; *pattern == '/'; i++) {
		struct slice wanted = { pattern + 1,
					strcspn(pattern + 1, "/") };
		int n = http_path_segment(request, i, segment, sizeof segment);

		if (!is_segment(wanted, segment, n))
			return false;
		pattern += 1 + wanted.n;
	}
	return http_path_segment(request, i, segment, sizeof segment) ==
	       HTTP_ABSENT;
}

/* HEAD is allowed where GET is (RFC 9110 9.3.2). */
static bool
is_method(const struct http_request *request, const char *method)
{
	return slice_is(request->method, method) ||
	       (slice_is(request->method, "HEAD") &&
		strcmp(method, "GET") == 0);
}

static const struct rest_route *
find_route(const struct http_request *request)
{
	for (const struct rest_route *r = routes; r->method != NULL; r++)
		if (fits(r->path, request) && is_method(request, r->method))
			return r;
	return NULL;
}

static void
refuse_method(struct connection *c, const char *methods)
{
	char allow[ALLOW_BYTES + 16];

	snprintf(allow, sizeof allow, "Allow: %s\r\n", methods);
	reply_problem(c, 405, "not with this method", NULL, allow);
}

/* What the path knows; empty if it is none. */
static void
gather_methods(const struct http_request *request, char methods[ALLOW_BYTES])
{
	size_t n = 0;

	methods[0] = '\0';
	for (const struct rest_route *r = routes; r->method != NULL; r++)
		if (fits(r->path, request) && n < ALLOW_BYTES)
			n += (size_t)snprintf(
			    methods + n, ALLOW_BYTES - n, "%s%s%s",
			    n > 0 ? ", " : "", r->method,
			    strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
}

static void
serve_other(struct connection *c)
{
	const struct http_request *request = &c->http->request;
	char methods[ALLOW_BYTES];

	gather_methods(request, methods);
	if (methods[0] != '\0')
		refuse_method(c, methods);
	else if (!is_page(request))
		reply_problem(c, 404, "nothing is here", NULL, NULL);
	else if (is_method(request, "GET"))
		serve_page(c);
	else
		refuse_method(c, "GET, HEAD");
}

/* A page elsewhere can make a browser send its cookie, and log it in as
 * somebody else, but it cannot show a token of its own. */
static bool
is_forged(struct connection *c)
{
	const struct http_request *request = &c->http->request;
	struct credentials found;

	if (origin_is_allowed(c->gateway, request))
		return false;
	return !credentials_read(&found, request) ||
	       (found.bearer.n == 0 && found.query.n == 0);
}

void
rest_serve(struct connection *connection)
{
	const struct rest_route *route = find_route(&connection->http->request);

	if (route == NULL)
		serve_other(connection);
	else if (strcmp(route->method, "GET") != 0 && is_forged(connection))
		reply_problem(connection, 403, "that page may not do this",
			      NULL, NULL);
	else
		run(connection, route);
}
