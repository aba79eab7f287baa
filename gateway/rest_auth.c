/* SPDX-License-Identifier: MIT */
/* gateway/rest_auth.c - accounts over REST: making one, logging in and out, and
 * who somebody is. Whether a password or a token is good is for auth to say.
 */
#include "gateway/credentials.h"
#include "gateway/reply.h"
#include "gateway/rest_internal.h"

#include <inttypes.h>
#include <stdio.h>

#define PASSWORD_MAX  1024 /* bytes; these are the bounds of frame sign_up */
#define EMAIL_MAX     320
#define FULL_NAME_MAX 256
#define BIRTH_MAX     32
#define GENDER_MAX    64
#define PHONE_MAX     32
#define AGE_MAX       200

#define USERS_MAX 100 /* looked up at once */

/* The session's cookie: no script may read it, and no other site's form brings
 * it along. */
#define COOKIE "Set-Cookie: session_token=%.*s; HttpOnly; SameSite=Lax; Path=/"

static struct peer *
auth_of(struct connection *c)
{
	return bus_next(c->gateway->bus, AUTH);
}

/* --- Whom an answer names */

static void
write_user(struct json_writer *w, const struct uuid *id, uint64_t number,
	   struct slice name)
{
	json_uuid(w, "user_id", id);
	json_number(w, "id", number);
	json_text(w, "username", name);
}

static void
reply_user(struct connection *c, int status, const struct uuid *id,
	   uint64_t number, struct slice name)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '{');
	write_user(&w, id, number, name);
	json_close(&w, '}');
	reply_json(c, status, &w, NULL);
}

void
serve_me(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	const struct frame_verified *user = &errand->user;

	(void)answer;
	reply_user(c, 200, &user->user, user->user_number, user->user_name);
}

/* --- Making an account */

static void
on_signed_up(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	const struct frame_signed_up *user = &answer->signed_up;

	(void)errand;
	reply_user(c, 201, &user->user, user->user_number, user->user_name);
}

static bool
read_details(const struct errand *errand, struct connection *c,
	     struct frame_sign_up *who)
{
	return errand_text(errand, c, "full_name", FULL_NAME_MAX,
			   &who->full_name) &&
	       errand_number(errand, c, "age", AGE_MAX, &who->age) &&
	       errand_text(errand, c, "date_of_birth", BIRTH_MAX,
			   &who->date_of_birth) &&
	       errand_text(errand, c, "gender", GENDER_MAX, &who->gender) &&
	       errand_text(errand, c, "phone_number", PHONE_MAX,
			   &who->phone_number);
}

/* What both making an account and logging in need. */
static bool
read_name_and_password(const struct errand *errand, struct connection *c,
		       struct slice *username, struct slice *email,
		       struct slice *password)
{
	if (!errand_text(errand, c, "username", NAME_MAX_BYTES, username) ||
	    !errand_text(errand, c, "email", EMAIL_MAX, email) ||
	    !errand_text(errand, c, "password", PASSWORD_MAX, password))
		return false;
	if (username->n == 0 && email->n == 0) {
		reply_wrong(c, "username", "a username or an email is needed");
		return false;
	}
	if (password->n == 0) {
		reply_wrong(c, "password", "a password is needed");
		return false;
	}
	return true;
}

void
serve_register(struct errand *errand, struct connection *c,
	       const struct frame *answer)
{
	struct frame request = { .kind = FRAME_sign_up };
	struct frame_sign_up *who = &request.sign_up;

	(void)answer;
	if (!errand_read_body(errand, c) ||
	    !read_name_and_password(errand, c, &who->username, &who->email,
				    &who->password) ||
	    !read_details(errand, c, who))
		return;
	uuid_make_v7(&who->user, loop_unix_ms(c->gateway->loop));
	errand_ask(errand, c, auth_of(c), &request, FRAME_signed_up,
		   on_signed_up);
}

/* --- Logging in and out */

static void
write_token(struct json_writer *w, const struct frame_logged_in *session)
{
	json_text(w, "token", session->token);
	json_text(w, "token_type", slice_of("Bearer"));
	json_number(w, "expires_in", session->expires_in);
}

static void
write_cookie(const struct connection *c, struct slice token,
	     uint64_t max_age_seconds, char *line, size_t line_bytes)
{
	snprintf(line, line_bytes, COOKIE "; Max-Age=%" PRIu64 "%s\r\n",
		 (int)token.n, token.at, max_age_seconds,
		 connection_is_secure(c) ? "; Secure" : "");
}

static void
on_logged_in(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	const struct frame_logged_in *session = &answer->logged_in;
	struct json_writer w = { 0 };
	char cookie[512];

	(void)errand;
	json_open(&w, NULL, '{');
	write_token(&w, session);
	json_text(&w, "session_token", session->session_token);
	json_open(&w, "user", '{');
	write_user(&w, &session->user, session->user_number,
		   session->user_name);
	json_close(&w, '}');
	json_close(&w, '}');
	write_cookie(c, session->session_token, session->session_expires_in,
		     cookie, sizeof cookie);
	reply_json(c, 200, &w, cookie);
}

void
serve_login(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	struct frame request = { .kind = FRAME_login };
	struct frame_login *login = &request.login;

	(void)answer;
	if (!errand_read_body(errand, c) ||
	    !read_name_and_password(errand, c, &login->username, &login->email,
				    &login->password))
		return;
	login->address = slice_of(c->http->address);
	errand_ask(errand, c, auth_of(c), &request, FRAME_logged_in,
		   on_logged_in);
}

/* False: replied. The tokens last as long as `found` and the request. */
static bool
read_credentials(struct credentials *found, struct connection *c)
{
	if (credentials_read(found, &c->http->request))
		return true;
	reply_problem(c, 401, "a valid token is needed", NULL, NULL);
	return false;
}

static void
on_refreshed(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	write_token(&w, &answer->logged_in);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

void
serve_refresh(struct errand *errand, struct connection *c,
	      const struct frame *answer)
{
	struct frame request = { .kind = FRAME_refresh };
	struct credentials found;

	(void)answer;
	if (!read_credentials(&found, c))
		return;
	request.refresh.bearer = found.bearer;
	request.refresh.query = found.query;
	request.refresh.cookie = found.cookie;
	errand_ask(errand, c, auth_of(c), &request, FRAME_logged_in,
		   on_refreshed);
}

static void
on_logged_out(struct errand *errand, struct connection *c,
	      const struct frame *answer)
{
	char cookie[512];

	(void)errand;
	(void)answer;
	write_cookie(c, slice_of(""), 0, cookie, sizeof cookie);
	reply_empty(c, 204, cookie);
}

void
serve_logout(struct errand *errand, struct connection *c,
	     const struct frame *answer)
{
	struct frame request = { .kind = FRAME_logout };
	struct credentials found;

	(void)answer;
	if (!read_credentials(&found, c))
		return;
	request.logout.bearer = found.bearer;
	request.logout.query = found.query;
	request.logout.cookie = found.cookie;
	errand_ask(errand, c, auth_of(c), &request, FRAME_done, on_logged_out);
}

/* --- Who others are */

static void
on_users(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	const struct frame_person *users = answer->users.users.items;
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_open(&w, "users", '[');
	for (size_t i = 0; i < answer->users.users.n; i++) {
		json_open(&w, NULL, '{');
		write_user(&w, &users[i].user, users[i].user_number,
			   users[i].user_name);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
on_user(struct errand *errand, struct connection *c, const struct frame *answer)
{
	const struct frame_person *user = answer->users.users.items;

	(void)errand;
	if (answer->users.users.n == 0)
		reply_problem(c, 404, "no such user", NULL, NULL);
	else
		reply_user(c, 200, &user->user, user->user_number,
			   user->user_name);
}

/* Reads ids with commas between them. Returns how many; 0 if malformed or too
 * many. */
static size_t
parse_ids(const char *text, struct uuid ids[USERS_MAX])
{
	for (size_t n = 0; n < USERS_MAX;) {
		struct slice item = { text, strcspn(text, ",") };

		if (!uuid_parse(&ids[n++], item))
			return 0;
		if (text[item.n] == '\0')
			return n;
		text += item.n + 1;
	}
	return 0;
}

static void
find_by_ids(struct errand *errand, struct connection *c, const char *text)
{
	struct uuid ids[USERS_MAX];
	struct frame request = { .kind = FRAME_find_users };
	size_t n = parse_ids(text, ids);

	if (n == 0) {
		reply_wrong(c, "ids", "must be up to 100 UUIDs, with commas");
		return;
	}
	request.find_users.users.at = ids;
	request.find_users.users.n = n;
	errand_ask(errand, c, auth_of(c), &request, FRAME_users, on_users);
}

static void
find_by_name(struct errand *errand, struct connection *c, struct slice name)
{
	struct frame request = { .kind = FRAME_find_users };

	if (!name_is_valid(name)) {
		reply_problem(c, 404, "no such user", NULL, NULL);
		return;
	}
	request.find_users.user_name = name;
	errand_ask(errand, c, auth_of(c), &request, FRAME_users, on_user);
}

void
serve_users(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	const struct http_request *request = &c->http->request;
	char text[USERS_MAX * UUID_TEXT_BYTES];
	int n = http_query(request, "ids", text, sizeof text);

	(void)answer;
	if (n != HTTP_ABSENT) {
		find_by_ids(errand, c, n > 0 ? text : "");
		return;
	}
	n = http_query(request, "username", text, NAME_MAX_BYTES + 1);
	if (n == HTTP_ABSENT)
		reply_wrong(c, "ids", "ids or a username must be given");
	else
		find_by_name(errand, c,
			     (struct slice){ text, n > 0 ? (size_t)n : 0 });
}

void
serve_user(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	struct frame request = { .kind = FRAME_find_users };
	char text[UUID_TEXT_BYTES];
	struct uuid id;
	int n = http_path_segment(&c->http->request, 2, text, sizeof text);

	(void)answer;
	if (n < 0 || !uuid_parse(&id, (struct slice){ text, (size_t)n })) {
		reply_problem(c, 404, "no such user", NULL, NULL);
		return;
	}
	request.find_users.users.at = &id;
	request.find_users.users.n = 1;
	errand_ask(errand, c, auth_of(c), &request, FRAME_users, on_user);
}
