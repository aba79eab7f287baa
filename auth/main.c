/* SPDX-License-Identifier: MIT */
/* auth/main.c - knows who the users are and what their tokens are worth.
 *
 * Owns:   auth.db (users, sessions, failed tries) and the secrets that sign
 *         JWTs; nobody else reads them.
 * Hears:  tokens, forms and passwords from gateways.
 * Tells:  who somebody is; to every gateway, which sessions are over.
 * Not:    what a user may do in a room, who is online.
 */
#include "auth/auth.h"

#include "auth/attempts.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define SWEEP_MS   60000
#define USERS_MAX  100
#define PATH_BYTES 4096

static struct auth auth;

static const struct option_row options[] = {
	{ .name = "jwt-secret",
	  .value = &auth.jwt_secret,
	  .help = "secrets of JWTs, separated by blanks: the first signs, all "
		  "verify (default: DATA/jwt.secret, made at the first start)",
	  .variable = "JWT_SECRET",
	  .secret = true },
	{ 0 },
};

static const struct metric_row metrics[] = {
	{ "verified_total", NULL, METRIC_COUNTER, &auth.count.verified,
	  "requests whose tokens were good" },
	{ "unauthorized_total", NULL, METRIC_COUNTER, &auth.count.unauthorized,
	  "requests whose tokens were not" },
	{ "logins_total", NULL, METRIC_COUNTER, &auth.count.logins,
	  "sessions opened" },
	{ "login_failures_total", NULL, METRIC_COUNTER, &auth.count.failures,
	  "wrong names or passwords" },
	{ "throttled_total", NULL, METRIC_COUNTER, &auth.count.throttled,
	  "log-ins refused after too many failures" },
	{ "sign_ups_total", NULL, METRIC_COUNTER, &auth.count.sign_ups,
	  "accounts made" },
	{ "logouts_total", NULL, METRIC_COUNTER, &auth.count.logouts,
	  "sessions and foreign tokens ended" },
	{ "hashing", NULL, METRIC_GAUGE, &auth.count.hashing,
	  "passwords that wait for their hash" },
	{ 0 },
};

/* --- Tokens */

/* Answers for every result but TOKENS_GOOD. */
static void
answer_bad_tokens(struct auth *a, struct peer *to, uint64_t id,
		  enum tokens_result result, const struct identities *found)
{
	if (result != TOKENS_REFUSED) {
		refuse_unavailable(to, id);
		return;
	}
	a->count.unauthorized++;
	refuse(to, id, ERROR_unauthorized, NULL, found->why, 0);
}

static void
on_verify(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct slice shown[TOKENS_MAX] = { frame->verify.bearer,
						 frame->verify.query,
						 frame->verify.cookie };
	struct identities found;
	const struct identity *who = &found.each[0];
	struct frame answer = { .kind = FRAME_verified };
	enum tokens_result result = tokens_verify(
	    a->db, a->secrets, shown, loop_unix_ms(a->loop), &found);

	if (result != TOKENS_GOOD) {
		answer_bad_tokens(a, from, frame->id, result, &found);
		return;
	}
	a->count.verified++;
	answer.verified.user = who->user.id;
	answer.verified.user_number = who->user.number;
	answer.verified.user_name = slice_of(who->user.name);
	answer.verified.session = who->session;
	answer.verified.expires_at = who->expires_at_ms / 1000;
	bus_answer(from, frame->id, &answer);
}

/* Of several tokens, the first that has a session is good enough. */
static const struct identity *
find_session(const struct identities *found)
{
	for (size_t i = 0; i < found->n; i++)
		if (!found->each[i].is_foreign)
			return &found->each[i];
	return NULL;
}

static void
answer_refreshed(struct auth *a, struct peer *to, uint64_t id,
		 const struct identity *who, const struct session *session)
{
	char token[TOKEN_BYTES];
	uint64_t now_ms = loop_unix_ms(a->loop);
	struct frame answer = {
		.kind = FRAME_logged_in,
		.logged_in = {
			.user = who->user.id,
			.user_number = who->user.number,
			.user_name = slice_of(who->user.name),
			.session_expires_in =
			    (session->expires_at_ms - now_ms) / 1000,
		},
	};

	if (!tokens_issue(a->secrets, &who->user, &session->id,
			  session->expires_at_ms, now_ms, token,
			  &answer.logged_in.expires_in)) {
		refuse_unavailable(to, id);
		return;
	}
	answer.logged_in.token = slice_of(token);
	bus_answer(to, id, &answer);
	OPENSSL_cleanse(token, sizeof token);
}

static void
on_refresh(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct slice shown[TOKENS_MAX] = { frame->refresh.bearer,
						 frame->refresh.query,
						 frame->refresh.cookie };
	uint64_t now_ms = loop_unix_ms(a->loop);
	struct identities found;
	struct session session;
	const struct identity *who;
	enum tokens_result result =
	    tokens_verify(a->db, a->secrets, shown, now_ms, &found);

	if (result != TOKENS_GOOD) {
		answer_bad_tokens(a, from, frame->id, result, &found);
		return;
	}
	who = find_session(&found);
	if (who == NULL ||
	    !sessions_find_id(a->db, &who->session, now_ms, &session)) {
		found.why = "the token has no session";
		answer_bad_tokens(a, from, frame->id, TOKENS_REFUSED, &found);
		return;
	}
	answer_refreshed(a, from, frame->id, who, &session);
}

/* --- The end of sessions */

static void
tell_revoked(struct auth *a, const struct uuid *sessions, size_t n)
{
	struct peer *peer = NULL;

	while ((peer = bus_each(a->bus, GATEWAY, peer)) != NULL) {
		struct frame told = {
			.kind = FRAME_revoked,
			.revoked = { .sessions = { sessions, n } },
		};

		if (peer_is_up(peer))
			bus_tell(peer, &told);
	}
}

/* Ends what was shown and lists it. A foreign token is remembered until it
 * would be refused anyway. */
static void
end_sessions(struct auth *a, const struct identities *found,
	     struct uuid ended[TOKENS_MAX])
{
	for (size_t i = 0; i < found->n; i++) {
		const struct identity *who = &found->each[i];

		ended[i] = who->session;
		if (who->is_foreign)
			sessions_revoke_foreign(a->db, &who->session,
						who->expires_at_ms +
						    2 * JWT_LEEWAY_S * 1000);
		else
			sessions_end(a->db, &who->session);
	}
}

static void
on_logout(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct slice shown[TOKENS_MAX] = { frame->logout.bearer,
						 frame->logout.query,
						 frame->logout.cookie };
	struct uuid ended[TOKENS_MAX];
	struct identities found;
	struct frame answer = { .kind = FRAME_done };
	enum tokens_result result = TOKENS_UNAVAILABLE;

	if (database_begin(a->db, true)) {
		result = tokens_identify(a->db, a->secrets, shown,
					 loop_unix_ms(a->loop), true, &found);
		if (result == TOKENS_GOOD)
			end_sessions(a, &found, ended);
		if (result != TOKENS_GOOD)
			database_rollback(a->db);
		else if (!database_commit(a->db))
			result = TOKENS_UNAVAILABLE;
	}
	if (result != TOKENS_GOOD) {
		answer_bad_tokens(a, from, frame->id, result, &found);
		return;
	}
	a->count.logouts++;
	tell_revoked(a, ended, found.n);
	bus_answer(from, frame->id, &answer);
}

static void
on_check_sessions(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const frame_UUIDS *asked = &frame->check_sessions.sessions;
	struct uuid *over =
	    arena_array(bus_arena(a->bus), asked->n, sizeof *over);
	struct frame answer = { .kind = FRAME_revoked };
	size_t n = 0;

	if (over == NULL || !database_begin(a->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	for (size_t i = 0; i < asked->n; i++)
		if (!sessions_is_valid(a->db, &asked->at[i],
				       loop_unix_ms(a->loop)))
			over[n++] = asked->at[i];
	if (!database_commit(a->db)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	answer.revoked.sessions = (frame_UUIDS){ over, n };
	bus_answer(from, frame->id, &answer);
}

/* --- Users */

static void
add_person(struct arena *arena, const struct user *user,
	   struct frame_person *people, size_t *n)
{
	const char *name = arena_copy(arena, user->name, strlen(user->name));

	if (name == NULL)
		return;
	people[*n].user = user->id;
	people[*n].user_number = user->number;
	people[*n].user_name = slice_of(name);
	++*n;
}

static size_t
find_people(struct auth *a, const struct frame_find_users *asked,
	    struct frame_person *people)
{
	struct arena *arena = bus_arena(a->bus);
	struct user user;
	size_t n = 0;

	for (size_t i = 0; i < asked->users.n && i < USERS_MAX; i++)
		if (users_find_id(a->db, &asked->users.at[i], &user))
			add_person(arena, &user, people, &n);
	if (asked->users.n > 0)
		return n;
	if (asked->user_number > 0
		? users_find_number(a->db, asked->user_number, &user)
		: users_find_name(a->db, asked->user_name, &user))
		add_person(arena, &user, people, &n);
	return n;
}

static void
on_find_users(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	struct frame_person *people =
	    arena_array(bus_arena(a->bus), USERS_MAX, sizeof *people);
	struct frame answer = { .kind = FRAME_users };

	if (people == NULL || !database_begin(a->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	answer.users.users.items = people;
	answer.users.users.n = find_people(a, &frame->find_users, people);
	if (!database_commit(a->db)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	bus_answer(from, frame->id, &answer);
}

static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct auth *a = self;

	if (news == PEER_DOWN)
		hashing_forget(a->hashing, peer);
}

/* --- From start to stop */

static void
on_sweep(void *self)
{
	struct auth *a = self;
	uint64_t now_ms = loop_unix_ms(a->loop);

	if (database_begin(a->db, true)) {
		sessions_sweep(a->db, now_ms);
		attempts_sweep(a->db, now_ms);
		database_commit(a->db);
	}
	if (loop_timer_set(a->loop, &a->sweep, SWEEP_MS) != 0)
		log_warn("no_sweep", KT("error", strerror(errno)));
}

/* What is set wins over the file. The environment forgets it. */
static int
open_secrets(struct auth *a, const char *folder)
{
	char path[PATH_BYTES];
	const char *wrong;

	if (a->jwt_secret == NULL || *a->jwt_secret == '\0') {
		snprintf(path, sizeof path, "%s/jwt.secret", folder);
		a->secrets = secrets_open(path);
		return a->secrets == NULL ? -1 : 0;
	}
	a->secrets = secrets_parse(slice_of(a->jwt_secret), &wrong);
	OPENSSL_cleanse((char *)a->jwt_secret, strlen(a->jwt_secret));
	a->jwt_secret = NULL;
	unsetenv("JWT_SECRET");
	if (a->secrets == NULL) {
		log_error("no_secret", KT("variable", "JWT_SECRET"),
			  KT("error", wrong),
			  KT("hint", "set at least 32 random bytes"));
		return -1;
	}
	if (secrets_shortest(a->secrets) < SECRET_BYTES_GOOD)
		log_warn("short_secret",
			 KN("bytes", secrets_shortest(a->secrets)),
			 KN("wanted", SECRET_BYTES_GOOD));
	return 0;
}

static void
stop(void *self)
{
	struct auth *a = self;

	loop_timer_clear(a->loop, &a->sweep);
	hashing_free(&a->hashing);
	database_close(&a->db);
	secrets_free(&a->secrets);
}

static int
start(void *self, struct runtime *runtime)
{
	struct auth *a = self;
	char path[PATH_BYTES];

	a->loop = runtime->loop;
	a->bus = runtime->bus;
	a->sweep.on_due = on_sweep;
	a->sweep.self = a;
	/* No core file and no debugger shall see the secrets. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		log_warn("still_dumpable", KT("error", strerror(errno)));
	if (open_secrets(a, runtime->data) != 0)
		goto failed;
	snprintf(path, sizeof path, "%s/auth.db", runtime->data);
	a->db = database_open(path);
	if (a->db == NULL)
		goto failed;
	a->hashing = hashing_new(runtime->loop);
	if (a->hashing == NULL ||
	    loop_timer_set(runtime->loop, &a->sweep, SWEEP_MS) != 0) {
		log_error("no_workers", KT("error", strerror(errno)));
		goto failed;
	}
	return 0;
failed:
	stop(a);
	return -1;
}

static bool
drain(void *self)
{
	struct auth *a = self;

	return hashing_busy(a->hashing) == 0;
}

static const struct route routes[] = {
	{ on_verify, FRAME_verify },
	{ on_sign_up, FRAME_sign_up },
	{ on_login, FRAME_login },
	{ on_refresh, FRAME_refresh },
	{ on_logout, FRAME_logout },
	{ on_find_users, FRAME_find_users },
	{ on_check_sessions, FRAME_check_sessions },
	{ 0 },
};

int
main(int argc, char **argv)
{
	static const struct daemon d = {
		.name = "auth",
		.summary = "knows who the users are and what their tokens are "
			   "worth",
		.party = AUTH,
		.binds = true,
		.options = options,
		.routes = routes,
		.metrics = metrics,
		.self = &auth,
		.start = start,
		.stop = stop,
		.on_peer = on_peer,
		.drain = drain,
	};

	return daemon_main(&d, argc, argv);
}
