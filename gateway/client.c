/* SPDX-License-Identifier: MIT */
/* gateway/client.c - a participant comes, speaks, hears and goes. */
#include "gateway/client.h"

#include "gateway/catch_up.h"
#include "gateway/connection.h"
#include "gateway/dialect.h"

#include <stdlib.h>
#include <utlist.h>

#define CLOSE_EXPIRED 4401
#define IDS_PER_FRAME 1000
#define ASKS_MAX      32
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

struct client *
client_new(struct connection *connection, const struct dialect *dialect,
	   const struct frame_verified *who)
{
	struct gateway *g = connection->gateway;
	struct client *client = calloc(1, sizeof *client);

	if (client == NULL)
		return NULL;
	client->gateway = g;
	client->connection = connection;
	client->dialect = dialect;
	client->session = who->session;
	client->expires_at = end_of(g, who->expires_at);
	if (users_add(g, client, who) != 0) {
		free(client);
		return NULL;
	}
	return client;
}

static void
tell_closed(struct client *client)
{
	struct peer *presence =
	    bus_owner(client->gateway->bus, PRESENCE, &client->user->id);
	struct frame frame = { .kind = FRAME_closed };

	if (!client->is_announced)
		return;
	frame.closed.connection = client_id(client);
	bus_tell(presence, &frame);
}

void
client_free(struct client *client)
{
	client->is_closing = true;
	tell_closed(client);
	if (client->dialect->on_close != NULL)
		client->dialect->on_close(client);
	while (client->seat_count > 0)
		rooms_unseat(client->seats[client->seat_count - 1]);
	users_remove(client->gateway, client);
	free(client->seats);
	free(client);
}

uint64_t
client_id(const struct client *client)
{
	return client->connection->id;
}

struct client *
client_find(struct gateway *gateway, uint64_t connection)
{
	struct connection *c = connection_find(gateway, connection);

	return c == NULL ? NULL : c->client;
}

/* What it says is heard once its seats stand: the user's own message moves the
 * mark from which they start, and would then not come back to its author. A
 * store that is away does not hold it up for long. */
static void
wait_for_rooms(struct client *client)
{
	client->is_waiting = true;
	client->opened_ms = loop_now_ms(client->gateway->loop);
	connection_pause(client->connection);
}

static void
stop_waiting(struct client *client)
{
	client->is_waiting = false;
	if (!client->is_closing)
		client_drained(client);
}

void
client_open(struct client *client)
{
	if (client->dialect->on_open != NULL)
		client->dialect->on_open(client);
	wait_for_rooms(client);
	users_load(client->gateway, client);
}

/* --- Presence */

static void
tell_entered(struct client *client, struct peer *presence, size_t from)
{
	for (size_t i = from; i < client->seat_count; i++) {
		struct frame frame = { .kind = FRAME_entered };
		frame.entered.connection = client_id(client);
		frame.entered.room = client->seats[i]->room->id;
		frame.entered.visit = client->seats[i]->is_visit;
		bus_tell(presence, &frame);
	}
}

/* Rooms in which it is as a member go along; visits are told one by one. */
static size_t
gather_rooms(struct client *client, struct uuid *rooms)
{
	size_t n = 0;

	while (n < client->seat_count && n < IDS_PER_FRAME &&
	       !client->seats[n]->is_visit) {
		rooms[n] = client->seats[n]->room->id;
		n++;
	}
	return n;
}

static void
announce(struct client *client)
{
	struct peer *presence =
	    bus_owner(client->gateway->bus, PRESENCE, &client->user->id);
	struct frame frame = { .kind = FRAME_opened };
	struct uuid *rooms = arena_array(bus_arena(client->gateway->bus),
					 IDS_PER_FRAME, sizeof *rooms);
	size_t n;

	client->is_announced = true;
	if (rooms == NULL || !peer_is_up(presence))
		return;
	n = gather_rooms(client, rooms);
	frame.opened.connection = client_id(client);
	frame.opened.user = client->user->id;
	frame.opened.user_number = client->user->number;
	frame.opened.user_name = slice_of(client->user->name);
	frame.opened.rooms = (frame_UUIDS){ rooms, n };
	bus_tell(presence, &frame);
	tell_entered(client, presence, n);
}

static void
each_client(struct gateway *gateway, void (*act)(struct client *, void *),
	    void *context)
{
	struct connection *c, *next;

	DL_FOREACH_SAFE (gateway->connections, c, next)
		if (c->client != NULL && !c->client->is_closing)
			act(c->client, context);
}

static void
announce_ready(struct client *client, void *context)
{
	(void)context;
	if (client->is_ready)
		announce(client);
}

void
clients_announce(struct gateway *gateway)
{
	each_client(gateway, announce_ready, NULL);
}

void
client_ready(struct client *client)
{
	client->is_ready = true;
	announce(client);
	if (client->dialect->on_ready != NULL)
		client->dialect->on_ready(client);
	stop_waiting(client);
}

/* --- Speaking and hearing */

void
client_hear_text(struct client *client, struct slice text)
{
	client->dialect->on_text(client, text);
}

void
client_hear_binary(struct client *client, struct slice bytes)
{
	client->dialect->on_binary(client, bytes);
}

void
client_send(struct client *client, struct parcel *parcel)
{
	if (parcel == NULL)
		return;
	if (!client->is_closing)
		connection_send(client->connection, parcel);
	parcel_drop(parcel);
}

/* An answer may exceed the bound by itself; then nothing more is heard until it
 * has been taken. */
static bool
is_overfull(const struct client *client)
{
	return client->connection->outbox.bytes > client->gateway->outbox_max ||
	       client->asks >= ASKS_MAX || client->is_waiting;
}

void
client_send_answer(struct client *client, struct parcel *parcel)
{
	if (parcel == NULL)
		return;
	if (!client->is_closing)
		connection_send_answer(client->connection, parcel);
	parcel_drop(parcel);
	if (is_overfull(client))
		connection_pause(client->connection);
}

static void
resume_if_possible(struct client *client)
{
	struct connection *c = client->connection;

	if (c->is_paused && !is_overfull(client) &&
	    !client->gateway->is_congested)
		connection_resume(c);
}

void
client_drained(struct client *client)
{
	resume_if_possible(client);
	if (client->behind_count > 0)
		catch_up(client);
}

void
client_ask_begin(struct client *client, const struct peer *peer)
{
	client->asks++;
	if (!bus_has_room(peer))
		client->gateway->is_congested = true;
	if (client->gateway->is_congested || is_overfull(client))
		connection_pause(client->connection);
}

void
client_ask_end(struct client *client)
{
	client->asks--;
	resume_if_possible(client);
}

static void
resume(struct client *client, void *context)
{
	(void)context;
	resume_if_possible(client);
}

void
clients_resume(struct gateway *gateway)
{
	struct peer *peer = NULL;

	if (!gateway->is_congested)
		return;
	for (int kind = ROUTER; kind <= AUTH; kind <<= 1)
		while ((peer = bus_each(gateway->bus, kind, peer)) != NULL)
			if (!bus_has_room(peer))
				return;
	gateway->is_congested = false;
	each_client(gateway, resume, NULL);
}

/* --- Sessions */

void
client_sweep(struct client *client)
{
	uint64_t now = loop_unix_ms(client->gateway->loop) / 1000;
	uint64_t now_ms = loop_now_ms(client->gateway->loop);

	if (client->is_waiting && now_ms - client->opened_ms >= WAIT_MS)
		stop_waiting(client);
	if (client->expires_at != 0 && now >= client->expires_at)
		connection_close(client->connection, CLOSE_EXPIRED,
				 "the token has expired");
}

static void
revoke(struct client *client, void *context)
{
	const frame_UUIDS *sessions = context;

	for (size_t i = 0; i < sessions->n; i++)
		if (uuid_equal(&client->session, &sessions->at[i])) {
			connection_close(client->connection, CLOSE_EXPIRED,
					 "the session is over");
			return;
		}
}

void
clients_revoke(struct gateway *gateway, const frame_UUIDS *sessions)
{
	each_client(gateway, revoke, (void *)sessions);
}

struct check {
	struct gateway *gateway;
	struct peer *auth;
	struct uuid ids[IDS_PER_FRAME];
	size_t n;
};

static void
on_checked(void *self, void *context, const struct frame *answer)
{
	(void)context;
	if (answer->kind == FRAME_revoked)
		clients_revoke(self, &answer->revoked.sessions);
}

static void
ask_check(struct check *check)
{
	struct frame frame = { .kind = FRAME_check_sessions };

	if (check->n == 0)
		return;
	frame.check_sessions.sessions = (frame_UUIDS){ check->ids, check->n };
	(void)bus_ask(check->auth, &frame, 0, on_checked, check->gateway, NULL);
	check->n = 0;
}

static void
gather_session(struct client *client, void *context)
{
	struct check *check = context;

	if (uuid_is_nil(&client->session))
		return;
	check->ids[check->n++] = client->session;
	if (check->n == IDS_PER_FRAME)
		ask_check(check);
}

void
clients_check_sessions(struct gateway *gateway, struct peer *auth)
{
	struct check *check = calloc(1, sizeof *check);

	if (check == NULL)
		return;
	check->gateway = gateway;
	check->auth = auth;
	each_client(gateway, gather_session, check);
	ask_check(check);
	free(check);
}
