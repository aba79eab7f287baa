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
#include <stddef.h>
#include <stdlib.h>

struct login {
	struct hash_job job; /* first */
	struct auth *auth;
	uint64_t user; /* number; 0: nobody, or without a password */
	struct attempt_key account;
	struct attempt_key address;

	struct group_job group;
	enum verdict { GONE, THROTTLED, WRONG, RIGHT } verdict;
	uint64_t wait_s; /* THROTTLED */
	struct user who; /* RIGHT, and the session */
	struct session session;
	char token[SESSION_TOKEN_BYTES];
};

/* --- After the hash */

static void
answer_login(struct login *login)
{
	const struct user *user = &login->who;
	const struct session *session = &login->session;
	char token[TOKEN_BYTES];
	struct frame answer = {
		.kind = FRAME_logged_in,
		.logged_in = {
			.user = user->id,
			.user_number = user->number,
			.user_name = slice_of(user->name),
			.session_token = slice_of(login->token),
			.session_expires_in = SESSION_MS / 1000,
		},
	};

	if (!tokens_issue(login->auth->secrets, user, &session->id,
			  session->expires_at_ms,
			  loop_unix_ms(login->auth->loop), token,
			  &answer.logged_in.expires_in)) {
		refuse_unavailable(login->group.from, login->group.id);
		return;
	}
	answer.logged_in.token = slice_of(token);
	if (login->group.from != NULL)
		bus_answer(login->group.from, login->group.id, &answer);
	OPENSSL_cleanse(token, sizeof token);
}

static void
open_session(struct login *login, uint64_t now_ms)
{
	struct database *db = login->auth->db;
	uint64_t user = login->who.number;

	attempts_clear(db, &login->account);
	if (login->job.is_renewed)
		users_set_password(db, user, login->job.hash);
	sessions_add(db, user, now_ms, &login->session, login->token);
}

static enum verdict
judge(struct login *login, uint64_t now_ms)
{
	struct database *db = login->auth->db;

	login->wait_s =
	    attempts_wait_s(db, &login->account, &login->address, now_ms);
	if (login->wait_s > 0)
		return THROTTLED;
	if (login->user == 0 || login->job.result != PASSWORD_RIGHT ||
	    !users_find_number(db, login->user, &login->who) ||
	    login->who.disabled)
		return WRONG;
	/* Who asked is gone: nobody could ever use the session. */
	return login->group.from == NULL ? GONE : RIGHT;
}

static struct login *
login_of(struct group_job *job)
{
	return (struct login *)((char *)job - offsetof(struct login, group));
}

static enum group_result
act(struct auth *auth, struct group_job *job, bool may_write)
{
	struct login *login = login_of(job);
	uint64_t now_ms = loop_unix_ms(auth->loop);

	if (!may_write)
		return GROUP_MUST_WRITE;
	login->verdict = judge(login, now_ms);
	if (login->verdict == RIGHT) {
		open_session(login, now_ms);
	} else if (login->verdict == WRONG) {
		attempts_add(auth->db, &login->account, now_ms);
		attempts_add(auth->db, &login->address, now_ms);
	}
	return GROUP_DONE;
}

static void
free_login(struct login *login)
{
	OPENSSL_cleanse(login->token, sizeof login->token);
	free(login);
}

static void
tell(struct auth *auth, struct group_job *job, bool kept)
{
	struct login *login = login_of(job);

	if (!kept) {
		refuse_unavailable(job->from, job->id);
	} else if (login->verdict == THROTTLED) {
		refuse_throttled(auth, job->from, job->id, login->wait_s);
	} else if (login->verdict == WRONG) {
		auth->count.failures++;
		refuse(job->from, job->id, ERROR_unauthorized, NULL,
		       "wrong name or password", 0);
	} else if (login->verdict == RIGHT) {
		auth->count.logins++;
		answer_login(login);
	}
	free_login(login);
}

static void
on_hashed(struct hash_job *job)
{
	struct login *login = (struct login *)job;
	struct auth *auth = login->auth;

	auth->count.hashing = hashing_busy(auth->hashing);
	if (job->result == PASSWORD_UNKNOWN) {
		refuse_unavailable(job->from, job->id);
		free_login(login);
		return;
	}
	group_add(auth, &login->group, act, tell, job->from, job->id);
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
