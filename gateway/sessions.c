/* SPDX-License-Identifier: MIT */
/* gateway/sessions.c - tokens that expire, sessions that are over. */
#include "gateway/sessions.h"

#include "gateway/connection.h"

#include <stdlib.h>

#define CLOSE_EXPIRED 4401
#define IDS_PER_FRAME 1000
#define LEEWAY_S      30 /* as auth grants */

/* Clocks differ: a token that was taken though its time is just over keeps its
 * connection as long as it would be taken. */
static uint64_t
end_of(const struct gateway *gateway, uint64_t expires_at)
{
	uint64_t now = loop_unix_ms(gateway->loop) / 1000;

	if (expires_at == 0 || expires_at > now)
		return expires_at;
	return expires_at + LEEWAY_S;
}

/* 0, or -1 with errno ENOMEM. */
static int
note_others(struct client *client, const frame_UUIDS *others)
{
	struct particulars *particulars = client->particulars;
	struct uuid *sessions;

	if (others->n == 0 && particulars == NULL)
		return 0;
	if (particulars == NULL &&
	    (particulars = client_particulars(client)) == NULL)
		return -1;
	sessions = others->n == 0 ? NULL : malloc(others->n * sizeof *sessions);
	if (sessions == NULL && others->n > 0)
		return -1;
	if (others->n > 0)
		memcpy(sessions, others->at, others->n * sizeof *sessions);
	free(particulars->sessions);
	particulars->sessions = sessions;
	particulars->session_count = (uint8_t)others->n;
	return 0;
}

int
sessions_begin(struct client *client, const struct frame_verified *who)
{
	uint64_t end;

	if (note_others(client, &who->others) != 0)
		return -1;
	end = end_of(client_gateway(client), who->expires_at);
	client->session = who->session;
	client->expires_at = end < UINT32_MAX ? (uint32_t)end : UINT32_MAX;
	return 0;
}

void
sessions_sweep(struct client *client)
{
	uint64_t now = loop_unix_ms(client_gateway(client)->loop) / 1000;

	if (client->expires_at != 0 && now >= client->expires_at)
		connection_close(client->connection, CLOSE_EXPIRED,
				 "the token has expired");
}

static unsigned
count_others(const struct client *client)
{
	return client->particulars == NULL ? 0
					   : client->particulars->session_count;
}

static bool
has_session(const struct client *client, const struct uuid *session)
{
	const struct particulars *particulars = client->particulars;

	for (unsigned i = 0; i < count_others(client); i++)
		if (uuid_equal(&particulars->sessions[i], session))
			return true;
	return uuid_equal(&client->session, session);
}

static bool
is_revoked(const struct client *client, const struct frame_revoked *revoked)
{
	for (size_t i = 0; i < revoked->sessions.n; i++)
		if (has_session(client, &revoked->sessions.at[i]))
			return true;
	for (size_t i = 0; i < revoked->users.n; i++)
		if (client->user != NULL &&
		    uuid_equal(&client->user->id, &revoked->users.at[i]))
			return true;
	return false;
}

static void
revoke(struct client *client, void *context)
{
	if (is_revoked(client, context))
		connection_close(client->connection, CLOSE_EXPIRED,
				 "the session is over");
}

void
sessions_revoke(struct gateway *gateway, const struct frame_revoked *revoked)
{
	clients_each(gateway, revoke, (void *)revoked);
}

struct check {
	struct gateway *gateway;
	struct peer *auth;
	struct uuid ids[IDS_PER_FRAME];
	struct uuid users[IDS_PER_FRAME]; /* whose each of `ids` is */
	size_t n;
};

static void
on_checked(void *self, void *context, const struct frame *answer)
{
	(void)context;
	if (answer->kind == FRAME_revoked)
		sessions_revoke(self, &answer->revoked);
}

static void
ask_check(struct check *check)
{
	struct frame frame = { .kind = FRAME_check_sessions };

	if (check->n == 0)
		return;
	frame.check_sessions.sessions = (frame_UUIDS){ check->ids, check->n };
	frame.check_sessions.users = (frame_UUIDS){ check->users, check->n };
	(void)bus_ask(check->auth, &frame, 0, on_checked, check->gateway, NULL);
	check->n = 0;
}

static void
gather_one(struct check *check, const struct client *client,
	   const struct uuid *session)
{
	check->ids[check->n] = *session;
	check->users[check->n++] = client->user->id;
	if (check->n == IDS_PER_FRAME)
		ask_check(check);
}

static void
gather_sessions(struct client *client, void *context)
{
	if (uuid_is_nil(&client->session))
		return;
	gather_one(context, client, &client->session);
	for (unsigned i = 0; i < count_others(client); i++)
		gather_one(context, client, &client->particulars->sessions[i]);
}

void
sessions_check(struct gateway *gateway, struct peer *auth)
{
	struct check *check = calloc(1, sizeof *check);

	if (check == NULL)
		return;
	check->gateway = gateway;
	check->auth = auth;
	clients_each(gateway, gather_sessions, check);
	ask_check(check);
	free(check);
}
