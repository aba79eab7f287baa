/* SPDX-License-Identifier: MIT */
/* router/main.c - decides the order of what is said, and who hears it.
 *
 * Owns:   which gateways hear which room or user (soft: the gateways tell it),
 *         and which rooms hooks hears.
 * Hears:  posts and other writes from gateways and tools, subscriptions;
 * presence and typing from presence; what became of the writes from the store.
 * Tells:  the writes to the store; events, numbered, to gateways and hooks.
 * Not:    what a message means, who may do what, anything on disk.
 */
#include "router/router.h"

#include "proto/rights.h"

/* Memory is given back when fewer than so many frames told of listeners that
 * came or went in that time: what there is cannot be made again, only the
 * heap's free pages go. */
#define COMINGS_MS  10000
#define COMINGS_FEW 100

static struct router router;

static const struct option_row options[] = { { 0 } };

#define FIGURES struct router_figures
static const struct metric_row metrics[] = {
#include "proto/metrics_rows.h"

#include "router/metrics.def"
	{ 0 },
};

static void
on_write(void *self, struct peer *from, const struct frame *frame)
{
	if (!rights_refuse(from, frame))
		relay_to_store(self, from, frame);
}

/* An answer whose asker has given up, or was another router. */
static void
on_late_outcome(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	publish_outcome(self, frame);
}

static void
measure(void *self)
{
	struct router *r = self;

	r->count.rooms = audience_count(&r->rooms);
	r->count.users = audience_count(&r->users);
	r->count.waiting = relay_count(r);
}

/* First it hears, then it learns the head: nothing falls in between. */
static void
on_subscribe(void *self, struct peer *from, const struct frame *frame)
{
	struct router *r = self;
	const frame_UUIDS *rooms = &frame->subscribe.rooms;

	for (size_t i = 0; i < rooms->n; i++)
		if (audience_add(&r->rooms, &rooms->at[i], from) != 0) {
			bus_refuse(from, frame->id, ERROR_unavailable,
				   "no memory");
			return;
		}
	relay_heads(r, from, frame);
}

static void
on_unsubscribe(void *self, struct peer *from, const struct frame *frame)
{
	struct router *r = self;
	const frame_UUIDS *rooms = &frame->unsubscribe.rooms;

	for (size_t i = 0; i < rooms->n; i++)
		audience_remove(&r->rooms, &rooms->at[i], from);
}

static void
on_subscribe_users(void *self, struct peer *from, const struct frame *frame)
{
	struct router *r = self;
	const frame_UUIDS *users = &frame->subscribe_users.users;
	struct frame done = { .kind = FRAME_done };

	quiet_stir(&r->comings);
	for (size_t i = 0; i < users->n; i++)
		if (audience_add(&r->users, &users->at[i], from) != 0) {
			bus_refuse(from, frame->id, ERROR_unavailable,
				   "no memory");
			return;
		}
	bus_answer(from, frame->id, &done);
}

static void
on_unsubscribe_users(void *self, struct peer *from, const struct frame *frame)
{
	struct router *r = self;
	const frame_UUIDS *users = &frame->unsubscribe_users.users;

	quiet_stir(&r->comings);
	for (size_t i = 0; i < users->n; i++)
		audience_remove(&r->users, &users->at[i], from);
}

static void
on_present(void *self, struct peer *from, const struct frame *frame)
{
	struct frame event = *frame;

	(void)from;
	publish_to_room(self, &frame->present.room, &event);
}

static void
on_typing(void *self, struct peer *from, const struct frame *frame)
{
	struct frame event = *frame;

	(void)from;
	publish_to_room(self, &frame->typing.room, &event);
}

/* Kept nowhere: whoever is not here now does not hear it. */
static void
on_whisper(void *self, struct peer *from, const struct frame *frame)
{
	struct router *r = self;
	struct frame event = *frame, done = { .kind = FRAME_done };
	size_t listeners;

	(void)audience_of(&r->users, &frame->whisper.to, &listeners);
	if (listeners == 0) {
		bus_refuse(from, frame->id, ERROR_user_not_found,
			   "nobody of that name is here");
		return;
	}
	publish_to_user(r, &frame->whisper.to, &event);
	bus_answer(from, frame->id, &done);
}

/* What a store committed whose answer had nobody to go to any more shows in the
 * heads of the rooms. */
static void
tell_store_is_back(struct router *r, enum party kind)
{
	struct peer *listener = NULL;
	struct frame frame = { .kind = FRAME_subscribe_again };

	while ((listener = bus_each(r->bus, kind, listener)) != NULL)
		bus_tell_numbered(listener, &frame);
}

static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct router *r = self;

	if (peer_kind(peer) == STORE && news == PEER_UP) {
		tell_store_is_back(r, GATEWAY);
		tell_store_is_back(r, HOOKS);
	}
	if ((peer_kind(peer) & (GATEWAY | HOOKS | TOOL)) == 0 ||
	    news != PEER_DOWN)
		return;
	quiet_stir(&r->comings);
	audience_forget(&r->rooms, peer);
	audience_forget(&r->users, peer);
	relay_forget(r, peer);
}

static const struct route routes[] = {
	{ on_write, FRAME_post },
	{ on_write, FRAME_edit },
	{ on_write, FRAME_erase },
	{ on_write, FRAME_join },
	{ on_write, FRAME_leave },
	{ on_write, FRAME_open_direct },
	{ on_write, FRAME_moderate },
	{ on_write, FRAME_change_room },
	{ on_late_outcome, FRAME_message },
	{ on_late_outcome, FRAME_edited },
	{ on_late_outcome, FRAME_erased },
	{ on_late_outcome, FRAME_joined },
	{ on_late_outcome, FRAME_left },
	{ on_late_outcome, FRAME_direct },
	{ on_late_outcome, FRAME_moderated },
	{ on_late_outcome, FRAME_room_changed },
	{ on_subscribe, FRAME_subscribe },
	{ on_unsubscribe, FRAME_unsubscribe },
	{ on_subscribe_users, FRAME_subscribe_users },
	{ on_unsubscribe_users, FRAME_unsubscribe_users },
	{ on_whisper, FRAME_whisper },
	{ on_present, FRAME_present },
	{ on_typing, FRAME_typing },
	{ 0 },
};

static int
start(void *self, struct runtime *runtime)
{
	struct router *r = self;

	r->bus = runtime->bus;
	r->loop = runtime->loop;
	audience_init(&r->rooms);
	audience_init(&r->users);
	r->comings = (struct quiet){ .loop = r->loop,
				     .after_ms = COMINGS_MS,
				     .few = COMINGS_FEW };
	return 0;
}

static void
stop(void *self)
{
	struct router *r = self;

	quiet_stop(&r->comings);
	audience_fini(&r->users);
	audience_fini(&r->rooms);
}

int
main(int argc, char **argv)
{
	static const struct daemon daemon = {
		.name = "router",
		.summary =
		    "decides the order of what is said, and who hears it",
		.party = ROUTER,
		.connects = STORE,
		.binds = true,
		.options = options,
		.routes = routes,
		.metrics = { metrics, &router.count },
		.measure = measure,
		.self = &router,
		.start = start,
		.stop = stop,
		.on_peer = on_peer,
	};

	return daemon_main(&daemon, argc, argv);
}
