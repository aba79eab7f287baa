/* SPDX-License-Identifier: MIT */
/* presence/main.c - who is online where, and who is typing.
 *
 * Owns:   the gateways' connections, the rooms that each is in, typing, and the
 *         timers of all that (soft: rebuilt from the gateways).
 * Hears:  opened, closed, entered, exited, typing, get_present from gateways.
 * Tells:  present and typing to the router; present in answer to gateways.
 * Not:    who may be in a room; what online means in a dialect's words.
 */
#include "proto/daemon.h"

#include "presence/connections.h"
#include "presence/grace.h"
#include "presence/people.h"
#include "presence/rooms.h"
#include "presence/typing.h"

#include <errno.h>

/* After a start the gateways tell all anew: until then who is missing may just
 * not have been told yet. */
#define QUIET_MS 3500

static struct presence {
	struct loop *loop;
	struct bus *bus;
	uint64_t epoch;
	uint64_t quiet_until_ms; /* 0: it is over */
	struct people people;
	struct rooms *rooms;
	struct grace *grace;
	struct typing *typing;
	struct connections *connections;
	struct loop_timer timer;
	struct {
		uint64_t gateways, connections, held, people;
		uint64_t rooms, online, typing;
		uint64_t told, answered, typing_told;
		uint64_t stray, no_memory;
	} figures;
} presence;

/* --- What is told */

static void
tell_router(struct presence *p, const struct uuid *room, struct frame *frame)
{
	struct peer *router = bus_owner(p->bus, ROUTER, room);

	if (router != NULL)
		bus_tell(router, frame);
}

static void
tell_present(void *self, const struct frame_present *present)
{
	struct presence *p = self;
	struct frame frame = { .kind = FRAME_present, .present = *present };

	frame.present.epoch = p->epoch;
	p->figures.told++;
	tell_router(p, &present->room, &frame);
}

static void
tell_typing(void *self, const struct uuid *room, const struct uuid *user,
	    bool on)
{
	struct presence *p = self;
	struct frame frame = {
		.kind = FRAME_typing,
		.typing = { .room = *room, .user = *user, .on = on },
	};

	p->figures.typing_told++;
	tell_router(p, room, &frame);
}

struct question {
	struct presence *presence;
	struct peer *from;
	uint64_t id;
};

/* Only the last frame carries the id: it is what the bus waits for. */
static void
answer_present(void *self, const struct frame_present *present)
{
	struct question *question = self;
	struct frame frame = { .kind = FRAME_present, .present = *present };

	frame.present.epoch = question->presence->epoch;
	if (present->more)
		bus_tell(question->from, &frame);
	else
		bus_answer(question->from, question->id, &frame);
}

static void
answer_typing(void *self, const struct uuid *room, const struct uuid *user,
	      bool on)
{
	struct question *question = self;
	struct frame frame = {
		.kind = FRAME_typing,
		.typing = { .room = *room, .user = *user, .on = on },
	};

	bus_tell(question->from, &frame);
}

/* --- What is heard */

static void
note_result(struct presence *p, int rc)
{
	if (rc == 0)
		return;
	if (errno == ENOMEM) {
		p->figures.no_memory++;
		log_error("no_memory");
	} else {
		p->figures.stray++;
	}
}

/* NULL if the gateway is not up in this epoch. */
static struct gateway *
find_gateway(struct presence *p, const struct peer *from)
{
	struct gateway *gateway = connections_find_gateway(
	    p->connections, peer_name(from), peer_epoch(from));

	if (gateway == NULL)
		p->figures.stray++;
	return gateway;
}

/* NULL if it is not known, or known no more. */
static struct connection *
find_connection(struct presence *p, const struct peer *from, uint64_t number)
{
	struct gateway *gateway = find_gateway(p, from);
	struct connection *connection;

	if (gateway == NULL)
		return NULL;
	connection = connections_find(gateway, number);
	if (connection == NULL)
		p->figures.stray++;
	return connection;
}

static void
on_opened(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct gateway *gateway = find_gateway(p, from);

	if (gateway != NULL)
		note_result(p, connections_open(p->connections, gateway,
						&frame->opened,
						loop_now_ms(p->loop)));
}

static void
on_closed(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct connection *connection =
	    find_connection(p, from, frame->closed.connection);

	if (connection != NULL)
		connections_close(p->connections, find_gateway(p, from),
				  connection, loop_now_ms(p->loop));
}

static void
on_entered(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct connection *connection =
	    find_connection(p, from, frame->entered.connection);

	if (connection != NULL)
		note_result(p, connections_enter(p->connections, connection,
						 &frame->entered.room,
						 frame->entered.visit));
}

static void
on_exited(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct connection *connection =
	    find_connection(p, from, frame->exited.connection);

	if (connection != NULL)
		connections_exit(p->connections, connection,
				 &frame->exited.room, loop_now_ms(p->loop));
}

static void
on_typing(void *self, struct peer *from, const struct frame *frame)
{
	const struct frame_typing *typing = &frame->typing;
	struct presence *p = self;
	struct connection *connection;

	/* After a message the gateway ends it by the user alone. */
	if (!typing->on) {
		typing_end(p->typing, &typing->room, &typing->user,
			   loop_now_ms(p->loop));
		return;
	}
	connection = find_connection(p, from, typing->connection);
	if (connection == NULL)
		return;
	if (!uuid_equal(connection_user(connection), &typing->user)) {
		p->figures.stray++;
		return;
	}
	note_result(p, connections_type(p->connections, connection,
					&typing->room, loop_now_ms(p->loop)));
}

static void
on_get_present(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct question question = { p, from, frame->id };

	p->figures.answered++;
	rooms_answer(p->rooms, &frame->get_present.room, answer_present,
		     &question);
	typing_answer(p->typing, &frame->get_present.room, answer_typing,
		      &question);
}

/* --- Peers */

static void
on_gateway(struct presence *p, struct peer *peer, enum peer_news news)
{
	uint64_t now_ms = loop_now_ms(p->loop);

	if (news == PEER_UP)
		note_result(
		    p, connections_gateway_up(p->connections, peer_name(peer),
					      peer_epoch(peer), now_ms));
	else if (news == PEER_DOWN)
		connections_gateway_down(p->connections, peer_name(peer),
					 peer_epoch(peer), now_ms);
}

static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct presence *p = self;

	if (peer_kind(peer) == GATEWAY) {
		on_gateway(p, peer, news);
	} else if (peer_kind(peer) == ROUTER && news != PEER_DOWN) {
		rooms_retell(p->rooms);
		typing_retell(p->typing);
	}
}

/* --- Time */

static void
note_figures(struct presence *p)
{
	p->figures.gateways = connections_gateways(p->connections);
	p->figures.connections = connections_count(p->connections);
	p->figures.held = grace_count(p->grace);
	p->figures.people = people_count(&p->people);
	p->figures.rooms = rooms_count(p->rooms);
	p->figures.online = rooms_online(p->rooms);
	p->figures.typing = typing_count(p->typing);
}

static uint64_t
earlier(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static void
set_timer(struct presence *p, uint64_t now_ms)
{
	uint64_t due_ms =
	    earlier(rooms_due_ms(p->rooms),
		    earlier(grace_due_ms(p->grace), typing_due_ms(p->typing)));

	if (p->quiet_until_ms != 0)
		due_ms = earlier(due_ms, p->quiet_until_ms);
	if (due_ms == ROOMS_NEVER)
		loop_timer_clear(p->loop, &p->timer);
	else if (due_ms <= now_ms)
		loop_again(p->loop);
	else if (loop_timer_set(p->loop, &p->timer, due_ms - now_ms) != 0)
		loop_again(p->loop);
}

/* The turn that it makes is all that it is for. */
static void
on_due(void *self)
{
	(void)self;
}

static void
turn(void *self)
{
	struct presence *p = self;
	uint64_t now_ms = loop_now_ms(p->loop);

	if (p->quiet_until_ms != 0 && now_ms >= p->quiet_until_ms) {
		p->quiet_until_ms = 0;
		rooms_end_quiet(p->rooms);
		log_info("complete", KN("rooms", rooms_count(p->rooms)),
			 KN("connections", connections_count(p->connections)));
	}
	typing_turn(p->typing, now_ms);
	grace_turn(p->grace, now_ms);
	rooms_turn(p->rooms, now_ms);
	note_figures(p);
	set_timer(p, now_ms);
}

/* --- Start and stop */

static int
start(void *self, struct runtime *runtime)
{
	struct presence *p = self;

	p->loop = runtime->loop;
	p->bus = runtime->bus;
	p->epoch = runtime->epoch;
	p->quiet_until_ms = loop_now_ms(p->loop) + QUIET_MS;
	p->timer.on_due = on_due;
	p->rooms = rooms_new(&p->people, true, tell_present, p);
	p->grace = grace_new(p->rooms, GRACE_MS);
	p->typing = typing_new(tell_typing, p);
	p->connections = connections_new(&(struct connections_parts){
	    &p->people, p->rooms, p->grace, p->typing });
	if (p->rooms != NULL && p->grace != NULL && p->typing != NULL &&
	    p->connections != NULL)
		return 0;
	log_error("no_memory");
	return -1;
}

static void
stop(void *self)
{
	struct presence *p = self;

	loop_timer_clear(p->loop, &p->timer);
	connections_free(&p->connections, loop_now_ms(p->loop));
	typing_free(&p->typing);
	grace_free(&p->grace);
	rooms_free(&p->rooms);
}

/* clang-format off */
static const struct route routes[] = {
	{ on_opened,      FRAME_opened      },
	{ on_closed,      FRAME_closed      },
	{ on_entered,     FRAME_entered     },
	{ on_exited,      FRAME_exited      },
	{ on_typing,      FRAME_typing      },
	{ on_get_present, FRAME_get_present },
	{ 0 },
};

static const struct option_row options[] = {
	{ 0 },
};

#define GAUGE(field, help) \
	{ #field, NULL, METRIC_GAUGE, &presence.figures.field, help }
#define COUNTER(name, field, help) \
	{ name, NULL, METRIC_COUNTER, &presence.figures.field, help }

static const struct metric_row metrics[] = {
	GAUGE(gateways,    "gateways that are up"),
	GAUGE(connections, "client connections of all gateways"),
	GAUGE(held,        "closed connections that are in their grace"),
	GAUGE(people,      "users and guests that are known"),
	GAUGE(rooms,       "rooms that somebody is in, or was lately"),
	GAUGE(online,      "people online, summed over the rooms"),
	GAUGE(typing,      "people typing, summed over the rooms"),
	COUNTER("present_total",   told,        "frames about a room's people that were told"),
	COUNTER("answers_total",   answered,    "rooms that were asked for"),
	COUNTER("typing_total",    typing_told, "frames about typing that were told"),
	COUNTER("stray_total",     stray,       "frames about what is not known here"),
	COUNTER("no_memory_total", no_memory,   "frames that there was no memory for"),
	{ 0 },
};
/* clang-format on */

int
main(int argc, char **argv)
{
	static const struct daemon daemon = {
		.name = "presence",
		.summary = "knows who is online where, and who is typing",
		.party = PRESENCE,
		.connects = ROUTER,
		.binds = true,
		.options = options,
		.routes = routes,
		.metrics = metrics,
		.self = &presence,
		.start = start,
		.stop = stop,
		.turn = turn,
		.on_peer = on_peer,
	};

	return daemon_main(&daemon, argc, argv);
}
