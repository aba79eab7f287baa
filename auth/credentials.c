/* SPDX-License-Identifier: MIT */
/* auth/credentials.c - hears the frames that show tokens, and ends sessions.
 *
 * The end of a session is on disk before anybody is told of it.
 */
#include "auth/auth.h"

#include <openssl/crypto.h>

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

/* Whichever of the tokens ends first ends what they were shown for. */
static void
answer_verified(struct peer *to, uint64_t id, const struct identities *found)
{
	const struct identity *who = &found->each[0];
	struct frame answer = { .kind = FRAME_verified };
	struct uuid others[TOKENS_MAX];
	uint64_t first_ms = 0;

	for (size_t i = 0; i < found->n; i++) {
		uint64_t end_ms = found->each[i].expires_at_ms;
		if (end_ms != 0 && (first_ms == 0 || end_ms < first_ms))
			first_ms = end_ms;
		if (i > 0)
			others[i - 1] = found->each[i].session;
	}
	answer.verified.user = who->user.id;
	answer.verified.user_number = who->user.number;
	answer.verified.user_name = slice_of(who->user.name);
	answer.verified.session = who->session;
	answer.verified.others = (frame_UUIDS){ others, found->n - 1 };
	answer.verified.expires_at = first_ms / 1000;
	bus_answer(to, id, &answer);
}

void
on_verify(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *a = self;
	const struct slice shown[TOKENS_MAX] = { frame->verify.bearer,
						 frame->verify.query,
						 frame->verify.cookie };
	struct identities found;
	enum tokens_result result = tokens_verify(
	    a->db, a->secrets, shown, loop_unix_ms(a->loop), &found);

	if (result != TOKENS_GOOD) {
		answer_bad_tokens(a, from, frame->id, result, &found);
		return;
	}
	a->count.verified++;
	answer_verified(from, frame->id, &found);
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

void
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

void
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
	tell_revoked(a, (frame_UUIDS){ ended, found.n }, (frame_UUIDS){ 0 });
	bus_answer(from, frame->id, &answer);
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
