/* SPDX-License-Identifier: MIT */
/* gateway/dialects/lobby_token.c - token mode: whose frame is it?
 *
 * A token that was good is remembered, so that a client may show it on every
 * frame; when it ends its session ends the connection.
 */
#include "gateway/dialects/lobby.h"

#include "gateway/sessions.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#define TOKEN_MAX_BYTES 8192

void
lobby_forget_token(struct lobby *lobby)
{
	if (lobby->token != NULL)
		OPENSSL_cleanse(lobby->token, strlen(lobby->token));
	free(lobby->token);
	lobby->token = NULL;
}

static void
accept_token(struct client *client, char *token,
	     const struct frame_verified *who)
{
	struct lobby *lobby = lobby_of(client);

	lobby_forget_token(lobby);
	lobby->token = token;
	if (uuid_equal(&client->user->id, &who->user)) {
		if (sessions_begin(client, who) != 0)
			lobby_close(client, "out of memory");
		else
			lobby_dispatch_waiting(client);
	} else if (!client_is_guest(client)) {
		lobby_close(client, "token: that is somebody else's");
	} else if (client_become(client, who) != 0) {
		lobby_close(client, "out of memory");
	}
}

static void
on_verified(struct client *client, void *context, const struct frame *answer)
{
	if (answer->kind == FRAME_verified) {
		accept_token(client, context, &answer->verified);
		return;
	}
	OPENSSL_cleanse(context, strlen(context));
	free(context);
	lobby_close_for(client, &answer->refused, "token: not valid");
}

/* The frame waits until auth has said whose token that is. */
static void
verify(struct client *client, json_t *frame, struct slice token)
{
	struct frame question = { .kind = FRAME_verify };
	char *copy = strndup(token.at, token.n);

	if (copy == NULL) {
		lobby_close(client, "out of memory");
		return;
	}
	lobby_wait_with(client, frame);
	question.verify.bearer = token;
	asks_send(client, bus_next(client_gateway(client)->bus, AUTH),
		  &question, WAIT_MS, on_verified, copy);
}

static bool
is_known_token(const struct lobby *lobby, struct slice token)
{
	return lobby->token != NULL && strlen(lobby->token) == token.n &&
	       CRYPTO_memcmp(lobby->token, token.at, token.n) == 0;
}

void
lobby_check_token(struct client *client, json_t *frame)
{
	struct lobby *lobby = lobby_of(client);
	const json_t *shown = json_object_get(frame, "token");
	bool has_token = shown != NULL && !json_is_null(shown);
	struct slice token = { 0 };

	if (has_token && (!lobby_read_text(frame, "token", &token) ||
			  token.n == 0 || token.n > TOKEN_MAX_BYTES ||
			  memchr(token.at, '\0', token.n) != NULL)) {
		lobby_close(client, "token: not valid");
	} else if (has_token && !is_known_token(lobby, token)) {
		verify(client, frame, token);
	} else if (!has_token && !lobby->has_upgrade_token) {
		lobby_close(client, "token: wants one");
	} else {
		lobby_dispatch(client, frame);
	}
}
