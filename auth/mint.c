/* SPDX-License-Identifier: MIT */
/* auth/mint.c - tokens without a log-in, made for administration.
 *
 * Each has a session of its own, so that it can be listed and ended like any
 * other: a JWT for a user who is there, or the opaque token of a bot, a user
 * without a password.
 */
#include "auth/auth.h"

#include <openssl/crypto.h>

struct mint {
	struct auth *auth;
	const struct frame_mint *asked;
	struct user user;
	struct session session;
	uint64_t now_ms;
	char opaque[SESSION_TOKEN_BYTES];
	enum error_code refused; /* ERROR_none: nothing speaks against it */
	const char *why;
};

static void
object(struct mint *mint, enum error_code code, const char *why)
{
	mint->refused = code;
	mint->why = why;
}

static void
add_bot(struct mint *mint)
{
	struct database *db = mint->auth->db;
	const struct new_user fresh = { .name = mint->asked->user_name };

	if (!name_is_valid(mint->asked->user_name))
		object(mint, ERROR_invalid, "this cannot be a name");
	else if (users_add(db, &fresh, mint->now_ms, &mint->user))
		database_run(db, ASK_user_make_bot, "i", mint->user.number);
}

static void
find_user(struct mint *mint)
{
	struct database *db = mint->auth->db;
	bool known = users_find_name(db, mint->asked->user_name, &mint->user);

	if (!known && mint->asked->bot)
		add_bot(mint);
	else if (!known)
		object(mint, ERROR_user_not_found, "no such user");
	else if (mint->user.disabled)
		object(mint, ERROR_not_allowed, "the user is disabled");
	else if (mint->asked->bot &&
		 !database_has(db, ASK_user_is_bot, "i", mint->user.number))
		object(mint, ERROR_taken, "this name is a person's");
}

/* Within a transaction. */
static void
make_session(struct mint *mint)
{
	find_user(mint);
	if (mint->refused != ERROR_none)
		return;
	mint->session = (struct session){
		.id = mint->asked->session,
		.user = mint->user.number,
		.expires_at_ms = mint->now_ms + mint->asked->ttl * 1000,
	};
	sessions_keep(mint->auth->db, &mint->session,
		      mint->asked->bot ? SESSION_BOT : SESSION_MINTED,
		      mint->asked->label, mint->now_ms, mint->opaque);
}

static void
answer_minted(struct mint *mint, struct peer *to, uint64_t id)
{
	char jwt[TOKEN_BYTES];
	struct frame answer = {
		.kind = FRAME_minted,
		.minted = {
			.user = mint->user.id,
			.token = slice_of(mint->opaque),
			.expires_at = mint->session.expires_at_ms,
		},
	};

	if (!mint->asked->bot) {
		if (!tokens_sign(mint->auth->secrets, &mint->user,
				 &mint->session.id,
				 mint->session.expires_at_ms / 1000,
				 mint->now_ms / 1000, jwt)) {
			refuse_unavailable(to, id);
			return;
		}
		answer.minted.token = slice_of(jwt);
	}
	bus_answer(to, id, &answer);
	OPENSSL_cleanse(jwt, sizeof jwt);
}

void
on_mint(void *self, struct peer *from, const struct frame *frame)
{
	struct auth *auth = self;
	struct mint mint = { .auth = auth,
			     .asked = &frame->mint,
			     .now_ms = loop_unix_ms(auth->loop) };

	if (!database_begin(auth->db, true)) {
		refuse_unavailable(from, frame->id);
		return;
	}
	make_session(&mint);
	if (mint.refused != ERROR_none) {
		database_rollback(auth->db);
		refuse(from, frame->id, mint.refused, "user_name", mint.why, 0);
	} else if (!database_commit(auth->db)) {
		refuse_unavailable(from, frame->id);
	} else {
		log_deed("token_minted", mint.user.name, mint.asked->by, from);
		answer_minted(&mint, from, frame->id);
	}
	OPENSSL_cleanse(mint.opaque, sizeof mint.opaque);
}
