/* SPDX-License-Identifier: MIT */
/* auth/login.c - a name and a password in, a session out.
 *
 * An unknown name costs and answers what a wrong password does. The throttle
 * is asked before the hash, to save it, and again behind it, so that many tries
 * at once learn no more than the same tries one by one.
 */
#include "auth/auth.h"

#include "auth/attempts.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct login {
	struct hash_job job; /* first */
	struct auth *auth;
	uint64_t user; /* number; 0: nobody, or without a password */
	struct attempt_key account;
	struct attempt_key address;
};

/* --- After the hash */

static void
fail(struct login *login, uint64_t now_ms)
{
	struct auth *auth = login->auth;

	attempts_add(auth->db, &login->account, now_ms);
	attempts_add(auth->db, &login->address, now_ms);
	if (!database_commit(auth->db)) {
		refuse_unavailable(login->job.from, login->job.id);
		return;
	}
	auth->count.failures++;
	refuse(login->job.from, login->job.id, ERROR_unauthorized, NULL,
	       "wrong name or password", 0);
}

static void
answer_login(struct login *login, const struct user *user,
	     const struct session *session, const char *session_token,
	     uint64_t now_ms)
{
	char token[TOKEN_BYTES];
	struct frame answer = {
		.kind = FRAME_logged_in,
		.logged_in = {
			.user = user->id,
			.user_number = user->number,
			.user_name = slice_of(user->name),
			.session_token = slice_of(session_token),
			.session_expires_in = SESSION_MS / 1000,
		},
	};

	if (!tokens_issue(login->auth->secrets, user, &session->id,
			  session->expires_at_ms, now_ms, token,
			  &answer.logged_in.expires_in)) {
		refuse_unavailable(login->job.from, login->job.id);
		return;
	}
	answer.logged_in.token = slice_of(token);
	bus_answer(login->job.from, login->job.id, &answer);
	OPENSSL_cleanse(token, sizeof token);
}

static void
open_session(struct login *login, const struct user *user, uint64_t now_ms)
{
	struct auth *auth = login->auth;
	char token[SESSION_TOKEN_BYTES];
	struct session session;

	attempts_clear(auth->db, &login->account);
	if (login->job.is_renewed)
		users_set_password(auth->db, user->number, login->job.hash);
	sessions_add(auth->db, user->number, now_ms, &session, token);
	if (!database_commit(auth->db)) {
		refuse_unavailable(login->job.from, login->job.id);
		return;
	}
	auth->count.logins++;
	answer_login(login, user, &session, token, now_ms);
	OPENSSL_cleanse(token, sizeof token);
}

static void
judge(struct login *login)
{
	struct auth *auth = login->auth;
	uint64_t now_ms = loop_unix_ms(auth->loop);
	uint64_t wait_s;
	struct user user;

	if (login->job.result == PASSWORD_UNKNOWN ||
	    !database_begin(auth->db, true)) {
		refuse_unavailable(login->job.from, login->job.id);
		return;
	}
	wait_s =
	    attempts_wait_s(auth->db, &login->account, &login->address, now_ms);
	if (wait_s > 0) {
		database_rollback(auth->db);
		refuse_throttled(auth, login->job.from, login->job.id, wait_s);
	} else if (login->user == 0 || login->job.result != PASSWORD_RIGHT ||
		   !users_find_number(auth->db, login->user, &user) ||
		   user.disabled) {
		fail(login, now_ms);
	} else if (login->job.from == NULL) {
		/* Who asked is gone: nobody could ever use the session. */
		database_rollback(auth->db);
	} else {
		open_session(login, &user, now_ms);
	}
}

static void
on_hashed(struct hash_job *job)
{
	struct login *login = (struct login *)job;

	judge(login);
	login->auth->count.hashing = hashing_busy(login->auth->hashing);
	free(login);
}

/* --- Before the hash */

/* A known account counts once, by whatever name it is tried. */
static void
make_account_key(struct login *login, const struct frame_login *form,
		 const struct user *user)
{
	char key[NAME_KEY_BYTES];

	if (user != NULL)
		attempts_key_account(
		    &login->account, "user",
		    (struct slice){ (const char *)&user->number,
				    sizeof user->number });
	else if (form->email.n > 0)
		attempts_key_account(&login->account, "email",
				     users_email_key(form->email, key)
					 ? slice_of(key)
					 : form->email);
	else
		attempts_key_account(&login->account, "name",
				     name_key(form->username, key)
					 ? slice_of(key)
					 : form->username);
}

/* Sets what the password is checked against, and the keys of the throttle. */
static void
find_account(struct login *login, const struct frame_login *form)
{
	struct auth *auth = login->auth;
	const char *hash = hashing_dummy(auth->hashing);
	struct user user;
	bool known = form->email.n > 0
			 ? users_find_email(auth->db, form->email, &user)
			 : users_find_name(auth->db, form->username, &user);

	if (known && user.password[0] != '\0' && !user.disabled) {
		hash = user.password;
		login->user = user.number;
	}
	memcpy(login->job.hash, hash, strlen(hash) + 1);
	make_account_key(login, form, known ? &user : NULL);
	attempts_key_address(&login->address, form->address);
}

/* Takes `login`. */
static void
start(struct login *login, const struct frame_login *form)
{
	struct auth *auth = login->auth;
	struct hash_job *job = &login->job;
	uint64_t wait_s = 0;

	if (database_begin(auth->db, false)) {
		find_account(login, form);
		wait_s =
		    attempts_wait_s(auth->db, &login->account, &login->address,
				    loop_unix_ms(auth->loop));
		/* It has only read: failures are told below. */
		database_rollback(auth->db);
	}
	if (database_has_failed(auth->db))
		refuse_unavailable(job->from, job->id);
	else if (wait_s > 0)
		refuse_throttled(auth, job->from, job->id, wait_s);
	else if (hashing_add(auth->hashing, job, form->password))
		return;
	else
		refuse_busy(auth, job->from, job->id);
	free(login);
}

void
on_login(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *auth = self;
	const struct frame_login *form = &frame->login;
	struct login *login;

	if ((form->username.n > 0) == (form->email.n > 0)) {
		refuse(from, frame->id, ERROR_invalid, "username",
		       "either a username or an e-mail address is needed", 0);
		return;
	}
	login = calloc(1, sizeof *login);
	if (login == NULL) {
		refuse_unavailable(from, frame->id);
		return;
	}
	login->auth = auth;
	login->job.done = on_hashed;
	login->job.from = from;
	login->job.id = frame->id;
	start(login, form);
	auth->count.hashing = hashing_busy(auth->hashing);
}
