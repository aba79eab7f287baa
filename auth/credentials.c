/* SPDX-License-Identifier: MIT */
/* auth/credentials.c - hears the frames that show tokens, and ends sessions.
 *
 * The end of a session is on disk before anybody is told of it.
 */
#include "auth/auth.h"

#include <openssl/crypto.h>

/* A frame that shows tokens, until the turn ends. */
struct show {
	struct group_job job; /* first */
	const struct frame *frame;
	enum tokens_result result;
	const char *why;     /* TOKENS_REFUSED */
	struct frame answer; /* TOKENS_GOOD */
	struct uuid sessions[TOKENS_MAX];
	size_t sessions_n;
};

static void
add_show(struct auth *a, struct peer *from, const struct frame *frame,
	 group_act *act, group_tell *tell)
{
	struct show *show = arena_get(bus_arena(a->bus), sizeof *show);

	quiet_stir(&a->quiet);
	if (show == NULL) {
		refuse_unavailable(from, frame->id);
		return;
	}
	show->frame = frame;
	group_add(a, &show->job, act, tell, from, frame->id);
}

static enum group_result
identify(struct auth *a, struct show *show,
	 const struct slice shown[TOKENS_MAX], bool may_write,
	 struct identities *found)
{
	show->result = tokens_identify(a->db, a->secrets, shown,
				       loop_unix_ms(a->loop), may_write, found);
	show->why = found->why;
	show->sessions_n = found->n;
	for (size_t i = 0; i < found->n; i++)
		show->sessions[i] = found->each[i].session;
	if (show->result == TOKENS_MUST_WRITE)
		return GROUP_MUST_WRITE;
	return show->result == TOKENS_GOOD ? GROUP_DONE : GROUP_UNDO;
}

/* Whether it was good; it is refused if not. */
static bool
is_good(struct auth *a, const struct show *show, bool kept)
{
	const struct group_job *job = &show->job;

	if (kept && show->result == TOKENS_GOOD)
		return true;
	if (!kept || show->result != TOKENS_REFUSED) {
		refuse_unavailable(job->from, job->id);
		return false;
	}
	a->count.unauthorized++;
	refuse(job->from, job->id, ERROR_unauthorized, NULL, show->why, 0);
	return false;
}

static bool
keep_name(struct auth *a, const struct user *user, struct slice *text)
{
	size_t n = strlen(user->name);

	*text =
	    (struct slice){ arena_copy(bus_arena(a->bus), user->name, n), n };
	return text->at != NULL;
}

/* --- Verifying */

/* Whichever of the tokens ends first ends what they were shown for. */
static void
make_verified(struct auth *a, struct show *show, const struct identities *found)
{
	const struct identity *who = &found->each[0];
	struct frame_verified *verified = &show->answer.verified;
	uint64_t first_ms = 0;

	for (size_t i = 0; i < found->n; i++) {
		uint64_t end_ms = found->each[i].expires_at_ms;
		if (end_ms != 0 && (first_ms == 0 || end_ms < first_ms))
			first_ms = end_ms;
	}
	show->answer.kind = FRAME_verified;
	verified->user = who->user.id;
	verified->user_number = who->user.number;
	verified->session = who->session;
	verified->others =
	    (frame_UUIDS){ show->sessions + 1, show->sessions_n - 1 };
	verified->expires_at = first_ms / 1000;
	if (!keep_name(a, &who->user, &verified->user_name))
		show->result = TOKENS_UNAVAILABLE;
}

static enum group_result
act_verify(struct auth *a, struct group_job *job, bool may_write)
{
	struct show *show = (struct show *)job;
	const struct frame_verify *asked = &show->frame->verify;
	const struct slice shown[TOKENS_MAX] = { asked->bearer, asked->query,
						 asked->cookie };
	struct identities found;
	enum group_result result = identify(a, show, shown, may_write, &found);

	if (result == GROUP_DONE)
		make_verified(a, show, &found);
	return result;
}

static void
tell_verified(struct auth *a, struct group_job *job, bool kept)
{
	struct show *show = (struct show *)job;

	if (!is_good(a, show, kept))
		return;
	a->count.verified++;
	if (job->from != NULL)
		bus_answer(job->from, job->id, &show->answer);
}

void
on_verify(void *self, struct peer *from, const struct frame *frame)
{
	add_show(self, from, frame, act_verify, tell_verified);
}

/* --- A new JWT of a session */

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
make_refreshed(struct auth *a, struct show *show, const struct identity *who,
	       const struct session *session)
{
	char *token = arena_get(bus_arena(a->bus), TOKEN_BYTES);
	uint64_t now_ms = loop_unix_ms(a->loop);
	struct frame_logged_in *logged_in = &show->answer.logged_in;

	show->answer.kind = FRAME_logged_in;
	logged_in->user = who->user.id;
	logged_in->user_number = who->user.number;
	logged_in->session_expires_in =
	    (session->expires_at_ms - now_ms) / 1000;
	if (token == NULL || !keep_name(a, &who->user, &logged_in->user_name) ||
	    !tokens_issue(a->secrets, &who->user, &session->id,
			  session->expires_at_ms, now_ms, token,
			  &logged_in->expires_in))
		show->result = TOKENS_UNAVAILABLE;
	else
		logged_in->token = slice_of(token);
}

static enum group_result
act_refresh(struct auth *a, struct group_job *job, bool may_write)
{
	struct show *show = (struct show *)job;
	const struct frame_refresh *asked = &show->frame->refresh;
	const struct slice shown[TOKENS_MAX] = { asked->bearer, asked->query,
						 asked->cookie };
	struct identities found;
	struct session session;
	const struct identity *who;
	enum group_result result = identify(a, show, shown, may_write, &found);

	if (result != GROUP_DONE)
		return result;
	who = find_session(&found);
	if (who != NULL && sessions_find_id(a->db, &who->session,
					    loop_unix_ms(a->loop), &session)) {
		make_refreshed(a, show, who, &session);
	} else {
		show->result = TOKENS_REFUSED;
		show->why = "the token has no session";
	}
	return GROUP_DONE;
}

static void
tell_refreshed(struct auth *a, struct group_job *job, bool kept)
{
	struct show *show = (struct show *)job;
	struct slice token = show->answer.logged_in.token;

	if (is_good(a, show, kept) && job->from != NULL)
		bus_answer(job->from, job->id, &show->answer);
	if (token.at != NULL)
		OPENSSL_cleanse((char *)token.at, token.n);
}

void
on_refresh(void *self, struct peer *from, const struct frame *frame)
{
	add_show(self, from, frame, act_refresh, tell_refreshed);
}

/* --- The end of sessions */

void
tell_revoked(struct auth *auth, frame_UUIDS sessions, frame_UUIDS users)
{
	struct peer *peer = NULL;

	while ((peer = bus_each(auth->bus, GATEWAY, peer)) != NULL) {
		struct frame told = {
			.kind = FRAME_revoked,
			.revoked = { .sessions = sessions, .users = users },
		};

		if (peer_is_up(peer))
			bus_tell(peer, &told);
	}
}

/* A foreign token is remembered until it would be refused anyway. */
static void
end_shown(struct auth *a, const struct identities *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct identity *who = &found->each[i];

		if (who->is_foreign)
			sessions_revoke_foreign(a->db, &who->session,
						who->expires_at_ms +
						    2 * JWT_LEEWAY_S * 1000);
		else
			sessions_end(a->db, &who->session);
	}
}

static enum group_result
act_logout(struct auth *a, struct group_job *job, bool may_write)
{
	struct show *show = (struct show *)job;
	const struct frame_logout *asked = &show->frame->logout;
	const struct slice shown[TOKENS_MAX] = { asked->bearer, asked->query,
						 asked->cookie };
	struct identities found;
	enum group_result result;

	if (!may_write)
		return GROUP_MUST_WRITE;
	result = identify(a, show, shown, may_write, &found);
	if (result == GROUP_DONE)
		end_shown(a, &found);
	return result;
}

static void
tell_logged_out(struct auth *a, struct group_job *job, bool kept)
{
	struct show *show = (struct show *)job;
	struct frame answer = { .kind = FRAME_done };

	if (!is_good(a, show, kept))
		return;
	a->count.logouts++;
	tell_revoked(a, (frame_UUIDS){ show->sessions, show->sessions_n },
		     (frame_UUIDS){ 0 });
	if (job->from != NULL)
		bus_answer(job->from, job->id, &answer);
}

void
on_logout(void *self, struct peer *from, const struct frame *frame)
{
	add_show(self, from, frame, act_logout, tell_logged_out);
}

/* Of `asked`, those that are over. NULL if there is no memory. */
static const struct uuid *
find_over(struct auth *a, const frame_UUIDS *asked, size_t *n)
{
	struct uuid *over =
	    arena_array(bus_arena(a->bus), asked->n, sizeof *over);

	*n = 0;
	for (size_t i = 0; over != NULL && i < asked->n; i++)
		if (!sessions_is_valid(a->db, &asked->at[i],
				       loop_unix_ms(a->loop)))
			over[(*n)++] = asked->at[i];
	return over;
}

/* Of `asked`, those who were disabled: tokens of an embedding application are
 * no sessions, and do not tell. */
static const struct uuid *
find_disabled(struct auth *a, const frame_UUIDS *asked, size_t *n)
{
	struct uuid *disabled =
	    arena_array(bus_arena(a->bus), asked->n + 1, sizeof *disabled);
	struct user user;

	*n = 0;
	for (size_t i = 0; disabled != NULL && i < asked->n; i++)
		if (users_find_id(a->db, &asked->at[i], &user) && user.disabled)
			disabled[(*n)++] = asked->at[i];
	return disabled;
}

void
on_check_sessions(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct frame_check_sessions *asked = &frame->check_sessions;
	struct frame answer = { .kind = FRAME_revoked };
	frame_UUIDS *sessions = &answer.revoked.sessions;
	frame_UUIDS *users = &answer.revoked.users;

	quiet_stir(&a->quiet);
	if (!database_begin(a->db, false)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	sessions->at = find_over(a, &asked->sessions, &sessions->n);
	users->at = find_disabled(a, &asked->users, &users->n);
	if (!database_commit(a->db) || sessions->at == NULL ||
	    users->at == NULL) {
		refuse_unavailable(from, frame->id);
		return;
	}
	bus_answer(from, frame->id, &answer);
}
