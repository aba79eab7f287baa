/* SPDX-License-Identifier: MIT */
/* auth/tokens.c - from tokens to users. */
#include "auth/tokens.h"

/* One look-up of one token. */
struct look {
	struct database *db;
	const struct secrets *secrets;
	uint64_t now_ms;
	bool may_write;
	struct identity *who;
	const char *why;
};

static enum tokens_result
refuse(struct look *look, const char *why)
{
	look->why = why;
	return TOKENS_REFUSED;
}

static enum tokens_result
check_user(struct look *look)
{
	if (look->who->user.disabled)
		return refuse(look, "the account is disabled");
	return TOKENS_GOOD;
}

/* --- Sessions */

static enum tokens_result
take_session(struct look *look, const struct session *session)
{
	if (!users_find_number(look->db, session->user, &look->who->user))
		return refuse(look, "the session's user is gone");
	look->who->session = session->id;
	look->who->is_foreign = false;
	return check_user(look);
}

static enum tokens_result
identify_opaque(struct look *look, struct slice token)
{
	struct session session;

	if (!sessions_find_token(look->db, token, look->now_ms, &session))
		return refuse(look, "the session is unknown or over");
	look->who->expires_at_ms = session.expires_at_ms;
	return take_session(look, &session);
}

/* The name in a JWT of ours may be an older one: the session says who it is. */
static enum tokens_result
identify_session_jwt(struct look *look, const struct jwt_claims *claims)
{
	struct identity *who = look->who;
	struct session session;
	enum tokens_result result;

	if (!sessions_find_id(look->db, &claims->session, look->now_ms,
			      &session))
		return refuse(look, "the session is unknown or over");
	result = take_session(look, &session);
	if (result != TOKENS_GOOD)
		return result;
	if ((!uuid_is_nil(&claims->user) &&
	     !uuid_equal(&claims->user, &who->user.id)) ||
	    (claims->user_number != 0 &&
	     claims->user_number != who->user.number))
		return refuse(look, "the session is another user's");
	return TOKENS_GOOD;
}

/* --- Users of an embedding application */

static enum tokens_result
add_user(struct look *look, const struct jwt_claims *claims)
{
	struct slice name = slice_of(claims->username);
	const struct new_user fresh = {
		.id = claims->user,
		.number = claims->user_number,
		.name = name,
	};
	struct user holder;

	if (name.n > 0 && users_find_name(look->db, name, &holder))
		return refuse(look, "the token's username is somebody else's");
	if (!look->may_write)
		return TOKENS_MUST_WRITE;
	if (!users_add(look->db, &fresh, look->now_ms, &look->who->user))
		return TOKENS_UNAVAILABLE;
	return TOKENS_GOOD;
}

static enum tokens_result
update_name(struct look *look, const struct jwt_claims *claims)
{
	struct user *user = &look->who->user;

	if (claims->username[0] == '\0' ||
	    strcmp(claims->username, user->name) == 0)
		return TOKENS_GOOD;
	if (!look->may_write)
		return TOKENS_MUST_WRITE;
	if (!users_rename(look->db, user, slice_of(claims->username)))
		return refuse(look, "the token's username is somebody else's");
	return TOKENS_GOOD;
}

static enum tokens_result
identify_foreign_user(struct look *look, const struct jwt_claims *claims)
{
	struct user *user = &look->who->user;
	struct user holder;
	bool known = false;
	enum tokens_result result;

	if (!uuid_is_nil(&claims->user))
		known = users_find_id(look->db, &claims->user, user);
	if (claims->user_number != 0 &&
	    users_find_number(look->db, claims->user_number, &holder)) {
		if (uuid_is_nil(&claims->user)) {
			*user = holder;
			known = true;
		} else if (!known || holder.number != user->number) {
			return refuse(look, "the token's number is another "
					    "user's");
		}
	}
	if (!known)
		return add_user(look, claims);
	if (claims->user_number != 0 && claims->user_number != user->number)
		return refuse(look, "the token's user has another number");
	result = check_user(look);
	return result == TOKENS_GOOD ? update_name(look, claims) : result;
}

static enum tokens_result
identify_jwt(struct look *look, struct slice token)
{
	struct jwt_claims claims;
	enum jwt_result read =
	    jwt_read(&claims, token, look->secrets, look->now_ms / 1000);

	if (read != JWT_GOOD)
		return refuse(look, jwt_result_text(read));
	look->who->expires_at_ms = claims.expires_at * 1000;
	if (!uuid_is_nil(&claims.session))
		return identify_session_jwt(look, &claims);
	look->who->is_foreign = true;
	sessions_foreign_id(&look->who->session, token);
	if (!sessions_is_valid(look->db, &look->who->session, look->now_ms))
		return refuse(look, "the token was revoked");
	return identify_foreign_user(look, &claims);
}

/* --- All that are shown */

enum tokens_result
tokens_identify(struct database *db, const struct secrets *secrets,
		const struct slice shown[TOKENS_MAX], uint64_t now_ms,
		bool may_write, struct identities *found)
{
	struct look look = { db, secrets, now_ms, may_write, NULL, NULL };
	enum tokens_result result = TOKENS_GOOD;

	memset(found, 0, sizeof *found);
	for (size_t i = 0; i < TOKENS_MAX && result == TOKENS_GOOD; i++) {
		if (shown[i].n == 0)
			continue;
		look.who = &found->each[found->n++];
		/* An opaque token has no dot, a JWT has two. */
		if (memchr(shown[i].at, '.', shown[i].n) == NULL)
			result = identify_opaque(&look, shown[i]);
		else
			result = identify_jwt(&look, shown[i]);
		if (result == TOKENS_GOOD &&
		    look.who->user.number != found->each[0].user.number)
			result = refuse(&look, "the tokens name two users");
	}
	if (found->n == 0)
		result = refuse(&look, "no token was shown");
	if (database_has_failed(db))
		result = TOKENS_UNAVAILABLE;
	found->why = look.why;
	return result;
}

bool
tokens_sign(const struct secrets *secrets, const struct user *user,
	    const struct uuid *session, uint64_t end_s, uint64_t now_s,
	    char into[TOKEN_BYTES])
{
	struct jwt_claims claims = {
		.user = user->id,
		.user_number = user->number,
		.session = *session,
		.expires_at = end_s,
	};

	memcpy(claims.username, user->name, sizeof claims.username);
	return jwt_sign(&claims, secrets, now_s, into, TOKEN_BYTES);
}

bool
tokens_issue(const struct secrets *secrets, const struct user *user,
	     const struct uuid *session, uint64_t session_end_ms,
	     uint64_t now_ms, char into[TOKEN_BYTES], uint64_t *expires_in_s)
{
	uint64_t now_s = now_ms / 1000;
	uint64_t end_s = now_s + TOKEN_SECONDS;

	if (end_s > session_end_ms / 1000)
		end_s = session_end_ms / 1000;
	*expires_in_s = end_s > now_s ? end_s - now_s : 1;
	return tokens_sign(secrets, user, session, end_s, now_s, into);
}
