/* SPDX-License-Identifier: MIT */
/* gateway/client.c - a participant comes, speaks, hears and goes. */
#include "gateway/client.h"

#include "gateway/announce.h"
#include "gateway/catch_up.h"
#include "gateway/connection.h"
#include "gateway/departures.h"
#include "gateway/dialect.h"
#include "gateway/fanout.h"
#include "gateway/sessions.h"
#include "gateway/visits.h"

#include <errno.h>
#include <stdlib.h>

#define ASKS_MAX      64
#define ROOMS_WAIT_MS 1000

/* --- Who it is */

/* A guest is somebody new each time. */
static struct frame_verified
make_guest(const struct gateway *gateway, struct slice name)
{
	struct frame_verified guest = { .user_name = name };

	uuid_make_v7(&guest.user, loop_unix_ms(gateway->loop));
	return guest;
}

static void
forget_particulars(struct client *client)
{
	if (client->particulars == NULL)
		return;
	free(client->particulars->sessions);
	free(client->particulars);
	client->particulars = NULL;
}

struct client *
client_new(struct connection *connection, const struct dialect *dialect,
	   const struct frame_verified *who)
{
	struct gateway *g = connection->gateway;
	const struct frame_verified guest = make_guest(g, slice_of(""));
	struct client *client = calloc(1, sizeof *client);

	if (client == NULL)
		return NULL;
	if (who == NULL)
		who = &guest;
	client->connection = connection;
	client->dialect = dialect;
	if (sessions_begin(client, who) != 0 ||
	    users_add(g, client, who) != 0) {
		forget_particulars(client);
		free(client);
		return NULL;
	}
	return client;
}

struct gateway *
client_gateway(const struct client *client)
{
	return client->connection->gateway;
}

struct seat *
client_seat(const struct client *client, uint32_t i)
{
	return client->has_seats ? client->seats[i] : client->only_seat;
}

struct particulars *
client_particulars(struct client *client)
{
	if (client->particulars == NULL)
		client->particulars = calloc(1, sizeof *client->particulars);
	return client->particulars;
}

struct uuid
client_bound_room(const struct client *client)
{
	const struct uuid none = { 0 };

	return client->particulars == NULL ? none
					   : client->particulars->bound_room;
}

bool
client_is_guest(const struct client *client)
{
	return client->user->number == 0;
}

static void
leave_rooms(struct client *client)
{
	while (client->seat_count > 0)
		rooms_unseat(client_seat(client, client->seat_count - 1));
}

void
client_free(struct client *client)
{
	client->is_closing = true;
	departures_begin(client);
	if (client->dialect->on_close != NULL)
		client->dialect->on_close(client);
	leave_rooms(client);
	users_remove(client_gateway(client), client);
	forget_particulars(client);
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

struct peer *
client_presence(const struct client *client)
{
	return bus_owner(client_gateway(client)->bus, PRESENCE,
			 &client->user->id);
}

/* What it says is heard once its seats stand: the user's own message moves the
 * mark from which they start, and would then not come back to its author. A
 * store that is away or hangs does not hold it up for long; one that is away
 * holds up nobody who has no such marks. */
static void
wait_for_rooms(struct client *client)
{
	if (!client->dialect->tells_missed &&
	    !peer_is_up(bus_next(client_gateway(client)->bus, STORE)))
		return;
	client->is_waiting = true;
	client->opened_ms = (uint32_t)loop_now_ms(client_gateway(client)->loop);
	connection_pause(client->connection);
}

static void
stop_waiting(struct client *client)
{
	client->is_waiting = false;
	if (!client->is_closing)
		client_drained(client);
}

/* A guest is a member nowhere. */
static void
learn_rooms(struct client *client)
{
	if (client_is_guest(client)) {
		client_ready(client);
		return;
	}
	wait_for_rooms(client);
	users_load(client_gateway(client), client);
}

void
client_open(struct client *client)
{
	if (client->dialect->on_open != NULL)
		client->dialect->on_open(client);
	learn_rooms(client);
}

int
client_become(struct client *client, const struct frame_verified *who)
{
	struct particulars *particulars = client_particulars(client);
	struct user *user;

	if (particulars == NULL || sessions_begin(client, who) != 0 ||
	    (user = users_get(client_gateway(client), who)) == NULL)
		return -1;
	announce_closed(client);
	leave_rooms(client);
	particulars->former = client->user->id;
	if (who->user_number != 0)
		particulars->rate_id = (struct uuid){ 0 };
	else if (uuid_is_nil(&particulars->rate_id))
		particulars->rate_id = client->user->id;
	particulars->bound_room = (struct uuid){ 0 };
	users_move(client_gateway(client), client, user);
	client->is_ready = false;
	learn_rooms(client);
	return 0;
}

int
client_become_guest(struct client *client, struct slice name)
{
	const struct frame_verified guest =
	    make_guest(client_gateway(client), name);

	return client_become(client, &guest);
}

void
clients_each(struct gateway *gateway, void (*act)(struct client *, void *),
	     void *context)
{
	struct connection *c;
	size_t cursor = 0;

	while ((c = table_next(&gateway->connections, &cursor)) != NULL)
		if (c->client != NULL && !c->client->is_closing)
			act(c->client, context);
}

void
client_ready(struct client *client)
{
	client->is_ready = true;
	if (!client->comes_late)
		announce_opened(client);
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
	fanout_flush_for(client);
	if (!client->is_closing)
		connection_send(client->connection, parcel);
	parcel_drop(parcel);
}

void
client_send_event(struct client *client, const struct event *event)
{
	struct parcel *parcel =
	    dialect_encode(client->dialect, event, client->variant);

	if (parcel != NULL || errno == ENOMEM)
		client_send_answer(client, parcel);
}

/* An answer may exceed the bound by itself; then nothing more is heard until it
 * has been taken. */
static bool
is_overfull(const struct client *client)
{
	return outbox_bytes(&client->connection->outbox) >
		   client_gateway(client)->outbox_max ||
	       client->inflated > INFLATE_BYTES || client->asks >= ASKS_MAX ||
	       client->is_waiting || client->holds > 0;
}

void
client_send_answer(struct client *client, struct parcel *parcel)
{
	if (parcel == NULL) {
		connection_fail(client->connection);
		return;
	}
	fanout_flush_for(client);
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
	    !client_gateway(client)->is_congested)
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
		client_gateway(client)->is_congested = true;
	if (client_gateway(client)->is_congested || is_overfull(client))
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
			if (!bus_has_drained(peer))
				return;
	gateway->is_congested = false;
	clients_each(gateway, resume, NULL);
}

/* --- Holding it up */

void
client_hold(struct client *client)
{
	client->holds++;
	connection_pause(client->connection);
}

void
client_release(struct client *client)
{
	client->holds--;
	resume_if_possible(client);
}

bool
client_may_speak(struct client *client)
{
	const struct particulars *particulars = client->particulars;
	bool is_own = particulars == NULL || uuid_is_nil(&particulars->rate_id);

	return rate_allows(client_gateway(client),
			   is_own ? &client->user->id : &particulars->rate_id);
}

static void
begin_second(struct client *client)
{
	bool was_spent = client->inflated > INFLATE_BYTES;

	if (client->inflated == 0)
		return;
	client->inflated = 0;
	if (was_spent)
		resume_if_possible(client);
}

void
client_sweep(struct client *client)
{
	uint32_t now_ms = (uint32_t)loop_now_ms(client_gateway(client)->loop);

	begin_second(client);
	catch_up_sweep(client);
	if (client->is_waiting && now_ms - client->opened_ms >= ROOMS_WAIT_MS)
		stop_waiting(client);
	visits_sweep(client);
	if (client->dialect->on_second != NULL)
		client->dialect->on_second(client);
	sessions_sweep(client);
}
