/* SPDX-License-Identifier: MIT */
/* auth/set_password.c - administration gives a user another password.
 *
 * Whoever came in by the old one goes: log-ins end with the change. So does the
 * throttle of the account, which may be what the user complained of.
 */
#include "auth/auth.h"

#include "auth/attempts.h"

#include <stdlib.h>

struct change {
	struct hash_job job; /* first */
	struct auth *auth;
	uint64_t user; /* number */
	char by[64 + 1];
};

/* Within a transaction. Returns how many log-ins ended. */
static uint64_t
apply(struct change *change, const struct user *user)
{
	struct auth *auth = change->auth;
	struct attempt_key key;

	users_set_password(auth->db, user->number, change->job.hash);
	attempts_key_account(
	    &key, "user",
	    (struct slice){ (const char *)&user->number, sizeof user->number });
	attempts_clear(auth->db, &key);
	return sessions_end_all(auth->db, user->number, SESSION_LOGIN,
				loop_unix_ms(auth->loop));
}

static void
finish(struct change *change)
{
	struct auth *auth = change->auth;
	struct user user;
	uint64_t ended = 0;
	bool known = false;

	if (change->job.result == PASSWORD_RIGHT &&
	    database_begin(auth->db, true)) {
		known = users_find_number(auth->db, change->user, &user);
		if (known)
			ended = apply(change, &user);
		known = database_commit(auth->db) && known;
	}
	if (!known) {
		refuse_unavailable(change->job.from, change->job.id);
		return;
	}
	log_deed("password_reset", user.name, slice_of(change->by),
		 change->job.from);
	tell_revoked(auth, (frame_UUIDS){ 0 }, (frame_UUIDS){ &user.id, 1 });
	answer_ended(change->job.from, change->job.id, ended);
}

static void
on_hashed(struct hash_job *job)
{
	struct change *change = (struct change *)job;

	finish(change);
	change->auth->count.hashing = hashing_busy(change->auth->hashing);
	free(change);
}

static void
start(struct auth *auth, struct peer *from, const struct frame *frame,
      uint64_t user)
{
	const struct slice by = frame->set_password.by;
	struct change *change = calloc(1, sizeof *change);

	if (change == NULL) {
		refuse_unavailable(from, frame->id);
		return;
	}
	change->job.done = on_hashed;
	change->job.from = from;
	change->job.id = frame->id;
	change->auth = auth;
	change->user = user;
	if (by.n > 0 && by.n < sizeof change->by)
		memcpy(change->by, by.at, by.n);
	if (hashing_add(auth->hashing, &change->job,
			frame->set_password.password)) {
		auth->count.hashing = hashing_busy(auth->hashing);
		return;
	}
	free(change);
	refuse_busy(auth, from, frame->id);
}

/* Why this user gets no password; NULL: nothing speaks against it. */
static const char *
find_objection(struct auth *auth, const struct user *user,
	       struct slice password)
{
	if (database_has(auth->db, ASK_user_is_bot, "i", user->number))
		return "a bot has no password: mint a token";
	if (!password_is_valid(password))
		return "a password has 8 characters or more";
	return NULL;
}

void
on_set_password(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *auth = self;
	const struct frame_set_password *asked = &frame->set_password;
	const char *objection = NULL;
	struct user user;
	bool known;

	if (!database_begin(auth->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	known = users_find_name(auth->db, asked->user_name, &user);
	if (known)
		objection = find_objection(auth, &user, asked->password);
	if (!database_commit(auth->db))
		refuse_unavailable(from, frame->id);
	else if (!known)
		refuse(from, frame->id, ERROR_user_not_found, "user_name",
		       "no such user", 0);
	else if (objection != NULL)
		refuse(from, frame->id, ERROR_invalid, "password", objection,
		       0);
	else
		start(auth, from, frame, user.number);
}
