/* SPDX-License-Identifier: MIT */
/* gateway/users.c - who is here, and which rooms they belong to. */
#include "gateway/users.h"

#include "gateway/catch_up.h"
#include "gateway/client.h"
#include "gateway/connection.h"
#include "gateway/dialect.h"

#include <stdlib.h>
#include <utlist.h>

#define IDS_PER_FRAME 1000

struct user *
users_find(struct gateway *gateway, const struct uuid *id)
{
	return table_find(&gateway->users, id);
}

static void
wait_for_turn(struct gateway *gateway, struct user *user)
{
	if (user->is_waiting)
		return;
	user->is_waiting = true;
	LL_PREPEND2(gateway->to_announce, user, next_waiting);
}

static void
stop_waiting(struct gateway *gateway, struct user *user)
{
	if (!user->is_waiting)
		return;
	user->is_waiting = false;
	LL_DELETE2(gateway->to_announce, user, next_waiting);
}

static void
drop_name(struct user *user)
{
	if (user->name != user->short_name)
		free(user->name);
}

static void
user_free(struct user *user)
{
	drop_name(user);
	free(user);
}

/* 0, or -1 with errno ENOMEM: it keeps the name that it had. */
static int
set_name(struct user *user, struct slice name)
{
	char *copy = user->short_name;

	if (user->name != NULL && slice_is(name, user->name))
		return 0;
	if (name.n >= sizeof user->short_name &&
	    (copy = malloc(name.n + 1)) == NULL)
		return -1;
	drop_name(user);
	if (name.n > 0)
		memcpy(copy, name.at, name.n);
	copy[name.n] = '\0';
	user->name = copy;
	return 0;
}

static struct user *
add_user(struct gateway *gateway, const struct frame_verified *who)
{
	struct user *user = calloc(1, sizeof *user);

	if (user == NULL)
		return NULL;
	user->id = who->user;
	if (set_name(user, who->user_name) != 0) {
		user_free(user);
		return NULL;
	}
	if (table_add(&gateway->users, user) != 0) {
		user_free(user);
		return NULL;
	}
	wait_for_turn(gateway, user);
	return user;
}

struct user *
users_get(struct gateway *gateway, const struct frame_verified *who)
{
	struct user *user = users_find(gateway, &who->user);

	if (user == NULL)
		user = add_user(gateway, who);
	else if (set_name(user, who->user_name) != 0)
		return NULL;
	if (user != NULL)
		user->number = who->user_number;
	return user;
}

static void
attach(struct user *user, struct client *client)
{
	LL_APPEND(user->clients, client);
	client->user = user;
}

int
users_add(struct gateway *gateway, struct client *client,
	  const struct frame_verified *who)
{
	struct user *user = users_get(gateway, who);

	if (user == NULL)
		return -1;
	attach(user, client);
	return 0;
}

void
users_move(struct gateway *gateway, struct client *client, struct user *user)
{
	if (client->user == user)
		return;
	users_remove(gateway, client);
	attach(user, client);
}

void
users_remove(struct gateway *gateway, struct client *client)
{
	struct user *user = client->user;
	struct frame frame = { .kind = FRAME_unsubscribe_users };

	LL_DELETE(user->clients, client);
	if (user->clients != NULL)
		return;
	frame.unsubscribe_users.users = (frame_UUIDS){ &user->id, 1 };
	bus_tell(bus_owner(gateway->bus, ROUTER, &user->id), &frame);
	stop_waiting(gateway, user);
	table_remove(&gateway->users, user);
	user_free(user);
}

/* --- Memberships */

struct load {
	struct uuid user;
	uint32_t number;
};

static void ask_page(struct gateway *gateway, struct user *user,
		     uint64_t after);

static void
note_direct(struct room *room, const struct user *user,
	    const struct frame_room_info *info)
{
	const struct frame_direct direct = {
		.user = user->id,
		.user_name = slice_of(user->name),
		.peer = info->peer,
		.peer_name = info->peer_name,
	};

	if (info->kind == ROOM_DIRECT)
		rooms_set_direct(room, &direct);
}

/* The store's mark may be behind what this connection has heard already: a
 * seat that is there stays as it is. */
static void
seat_one(struct user *user, struct client *client,
	 const struct frame_room_info *info)
{
	struct seat *seat;

	if (client->is_closing)
		return;
	seat = rooms_seat(client, &info->room, (unsigned)info->kind,
			  client->dialect->tells_missed ? info->seen_seq
							: info->head_seq,
			  SEAT_AS_MEMBER);
	if (seat == NULL) {
		connection_fail(client->connection);
		return;
	}
	seat->load = user->loads;
	seat->joined = info->joined;
	rooms_mute(seat, info->muted);
	seat->is_stale = false;
	if (seat->state == SEAT_HELD)
		seat->from = info->head_seq;
	note_direct(seat->room, user, info);
}

static void
seat_all(struct user *user, const frame_list *rooms)
{
	const struct frame_room_info *infos = rooms->items;
	struct client *client;

	for (size_t i = 0; i < rooms->n; i++)
		LL_FOREACH (user->clients, client)
			seat_one(user, client, &infos[i]);
}

/* Memberships that ended while nobody told us of it. */
static void
doubt_stale(struct user *user, struct client *client)
{
	for (size_t i = client->seat_count; i-- > 0;) {
		struct seat *seat = client_seat(client, i);
		if (seat->is_member && seat->load < user->loads)
			rooms_doubt(seat);
	}
}

static void
finish_load(struct gateway *gateway, struct user *user)
{
	struct client *client, *next;

	user->is_loading = false;
	LL_FOREACH_SAFE (user->clients, client, next) {
		doubt_stale(user, client);
		if (!client->is_ready)
			client_ready(client);
		else
			catch_up(client);
	}
	if (user->load_again) {
		user->load_again = false;
		user->loads++;
		user->is_loading = true;
		ask_page(gateway, user, 0);
	}
}

static void
on_rooms(void *self, void *context, const struct frame *answer)
{
	struct gateway *g = self;
	struct load *load = context;
	struct user *user = users_find(g, &load->user);

	if (user == NULL || user->loads != load->number) {
		free(load);
		return;
	}
	free(load);
	if (answer->kind != FRAME_rooms) {
		user->is_loading = false;
		rooms_ask_again(g);
		return;
	}
	quiet_stir(&g->comings);
	seat_all(user, &answer->rooms.rooms);
	if (answer->rooms.next != 0)
		ask_page(g, user, answer->rooms.next);
	else
		finish_load(g, user);
}

static void
ask_page(struct gateway *gateway, struct user *user, uint64_t after)
{
	struct load *load = malloc(sizeof *load);
	struct frame frame = { .kind = FRAME_get_memberships };

	user->is_loading = false;
	if (load == NULL) {
		rooms_ask_again(gateway);
		return;
	}
	*load = (struct load){ user->id, user->loads };
	frame.get_memberships.user = user->id;
	frame.get_memberships.after = after;
	if (bus_ask(bus_next(gateway->bus, STORE), &frame, 0, on_rooms, gateway,
		    load) == 0) {
		free(load);
		rooms_ask_again(gateway);
	} else {
		user->is_loading = true;
	}
}

/* A guest is a member nowhere. */
static void
load_user(struct gateway *gateway, struct user *user)
{
	if (user->number == 0)
		return;
	if (user->is_loading) {
		user->load_again = true;
		return;
	}
	user->loads++;
	ask_page(gateway, user, 0);
}

/* A user of whom the router is yet to be told is loaded after that; but
 * connecting goes on without a router. */
void
users_load_again(struct gateway *gateway, struct user *user)
{
	struct peer *router = bus_owner(gateway->bus, ROUTER, &user->id);

	if (!user->is_waiting || !peer_is_up(router))
		load_user(gateway, user);
}

void
users_load(struct gateway *gateway, struct client *client)
{
	users_load_again(gateway, client->user);
}

/* --- Telling the router */

struct batch {
	struct peer *router;
	struct uuid *ids;
	size_t n;
};

struct announced {
	size_t n;
	struct uuid ids[];
};

static void
on_subscribed(void *self, void *context, const struct frame *answer)
{
	struct gateway *g = self;
	struct announced *announced = context;

	if (answer->kind != FRAME_done)
		rooms_ask_again(g);
	for (size_t i = 0; answer->kind == FRAME_done && i < announced->n;
	     i++) {
		struct user *user = users_find(g, &announced->ids[i]);
		if (user != NULL)
			load_user(g, user);
	}
	free(announced);
}

static void
send_batch(struct gateway *gateway, struct batch *batch)
{
	struct frame frame = { .kind = FRAME_subscribe_users,
			       .subscribe_users.users = { batch->ids,
							  batch->n } };
	size_t bytes = batch->n * sizeof *batch->ids;
	struct announced *announced = malloc(sizeof *announced + bytes);

	batch->n = 0;
	if (announced == NULL) {
		rooms_ask_again(gateway);
		return;
	}
	announced->n = frame.subscribe_users.users.n;
	memcpy(announced->ids, batch->ids, bytes);
	if (bus_ask(batch->router, &frame, 0, on_subscribed, gateway,
		    announced) == 0) {
		free(announced);
		rooms_ask_again(gateway);
	}
}

static void
add_to_batch(struct gateway *gateway, struct batch *batch, struct user *user)
{
	struct peer *router = bus_owner(gateway->bus, ROUTER, &user->id);

	if (batch->n == IDS_PER_FRAME ||
	    (batch->n > 0 && batch->router != router))
		send_batch(gateway, batch);
	batch->router = router;
	batch->ids[batch->n++] = user->id;
	stop_waiting(gateway, user);
}

void
users_turn(struct gateway *gateway)
{
	struct batch batch = { 0 };

	if (gateway->to_announce == NULL)
		return;
	batch.ids = arena_array(bus_arena(gateway->bus), IDS_PER_FRAME,
				sizeof *batch.ids);
	while (batch.ids != NULL && gateway->to_announce != NULL)
		add_to_batch(gateway, &batch, gateway->to_announce);
	if (batch.n > 0)
		send_batch(gateway, &batch);
}

void
users_announce_all(struct gateway *gateway)
{
	struct user *user;
	size_t cursor = 0;

	while ((user = table_next(&gateway->users, &cursor)) != NULL)
		wait_for_turn(gateway, user);
}

/* --- Memberships that begin and end while we look */

static void
seat_client(struct client *client, const struct uuid *room, unsigned kind,
	    uint64_t seq)
{
	const struct seat *had = rooms_seat_of(client, room);
	bool was_member = had != NULL && had->is_member;
	struct seat *seat = rooms_seat(client, room, kind, seq, SEAT_AS_MEMBER);

	if (seat == NULL) {
		connection_fail(client->connection);
		return;
	}
	if (!was_member && client->is_ready)
		roster_owe(seat, (struct slice){ 0 });
	seat->is_stale = false;
	seat->load =
	    client->user->loads + 1; /* newer than what is being read */
	catch_up(client);
}

void
users_seat(struct gateway *gateway, const struct uuid *user,
	   const struct uuid *room, unsigned kind, uint64_t missed,
	   uint64_t now)
{
	struct user *u = users_find(gateway, user);
	struct client *client, *next;

	if (u == NULL)
		return;
	LL_FOREACH_SAFE (u->clients, client, next)
		if (!client->is_closing)
			seat_client(client, room, kind,
				    client->dialect->tells_missed ? missed
								  : now);
}

void
users_join(struct gateway *gateway, const struct frame_joined *joined)
{
	struct user *user = users_find(gateway, &joined->user);
	struct client *client;
	struct seat *seat;

	users_seat(gateway, &joined->user, &joined->room,
		   (unsigned)joined->kind, joined->seq, joined->seq);
	if (user == NULL)
		return;
	LL_FOREACH (user->clients, client) {
		seat = rooms_seat_of(client, &joined->room);
		if (seat == NULL)
			continue;
		seat->joined = joined->change;
		rooms_mute(seat, joined->muted);
	}
}

void
users_read_again(struct gateway *gateway, const struct uuid *user)
{
	struct user *u = users_find(gateway, user);

	if (u != NULL && u->is_loading)
		u->load_again = true;
}

void
users_unseat(struct gateway *gateway, const struct uuid *user,
	     const struct uuid *room)
{
	struct user *u = users_find(gateway, user);
	struct client *client;

	users_read_again(gateway, user);
	if (u == NULL)
		return;
	LL_FOREACH (u->clients, client) {
		struct seat *seat = rooms_seat_of(client, room);
		if (seat != NULL && seat->is_member)
			rooms_leave(seat, SEAT_AS_MEMBER);
	}
}
