/* SPDX-License-Identifier: MIT */
/* presence/main.c - who is online where, and who is typing.
 *
 * Owns:   the gateways' connections, the rooms that each is in, the names that
 *         guests bind there, typing, and the timers of all that (soft: rebuilt
 *         from the gateways).
 * Hears:  opened, closed, entered, exited, bind, find_bound, typing,
 *         get_present from gateways.
 * Tells:  present and typing to the router; unbound to gateways; present, done
 *         and users in answer to them.
 * Not:    who may be in a room; what online means in a dialect's words.
 */
#include "proto/daemon.h"

#include "presence/presence.h"
#include "presence/tell.h"

#include <errno.h>

/* After a start the gateways tell all anew: until then who is missing may just
 * not have been told yet. */
#define QUIET_MS 3500

/* Memory is given back when fewer than so many came or went in that time: what
 * there is cannot be made again, only the heap's free pages go. */
#define COMINGS_MS  10000
#define COMINGS_FEW 100

static struct presence presence;

/* --- What is heard */

static void
note_no_memory(struct presence *p)
{
	p->figures.no_memory++;
	log_error("no_memory");
}

static void
note_result(struct presence *p, int rc)
{
	if (rc == 0)
		return;
	if (errno == ENOMEM)
		note_no_memory(p);
	else
		p->figures.stray++;
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

/* And its gateway. NULL if it is not known, or known no more. */
static struct connection *
find_connection(struct presence *p, const struct peer *from, uint64_t number,
		struct gateway **gateway)
{
	struct connection *connection;

	*gateway = find_gateway(p, from);
	if (*gateway == NULL)
		return NULL;
	connection = connections_find(*gateway, number);
	if (connection == NULL)
		p->figures.stray++;
	return connection;
}

static void
on_opened(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct gateway *gateway = find_gateway(p, from);

	p->figures.opened++;
	quiet_stir(&p->comings);
	if (gateway != NULL)
		note_result(p, connections_open(p->connections, gateway,
						&frame->opened,
						loop_now_ms(p->loop)));
}

static void
on_closed(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct gateway *gateway;
	struct connection *connection =
	    find_connection(p, from, frame->closed.connection, &gateway);

	quiet_stir(&p->comings);
	if (connection != NULL)
		connections_close(p->connections, gateway, connection,
				  loop_now_ms(p->loop));
}

static void
on_entered(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct gateway *gateway;
	struct connection *connection =
	    find_connection(p, from, frame->entered.connection, &gateway);

	if (connection != NULL)
		note_result(p, connections_enter(p->connections, connection,
						 &frame->entered.room,
						 frame->entered.visit));
}

static void
on_exited(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct gateway *gateway;
	struct connection *connection =
	    find_connection(p, from, frame->exited.connection, &gateway);

	if (connection != NULL)
		connections_exit(p->connections, connection,
				 &frame->exited.room, loop_now_ms(p->loop));
}

static void
refuse_bind(struct presence *p, struct peer *from, uint64_t id,
	    enum claims_verdict verdict)
{
	static const struct {
		enum error_code code;
		const char *text;
	} reasons[] = {
		[CLAIMS_TAKEN] = { ERROR_taken, "the name is in use there" },
		[CLAIMS_INVALID] = { ERROR_invalid, "it is no name" },
		[CLAIMS_TOO_MANY] = { ERROR_too_many,
				      "names in too many rooms" },
		[CLAIMS_NO_MEMORY] = { ERROR_unavailable, "no memory" },
	};

	p->figures.names_refused++;
	if (verdict == CLAIMS_NO_MEMORY)
		note_no_memory(p);
	bus_refuse(from, id, reasons[verdict].code, reasons[verdict].text);
}

static void
on_bind(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct gateway *gateway;
	struct connection *connection =
	    find_connection(p, from, frame->bind.connection, &gateway);
	struct frame done = { .kind = FRAME_done };
	enum claims_verdict verdict;

	if (connection == NULL) {
		bus_refuse(from, frame->id, ERROR_invalid,
			   "no such connection");
		return;
	}
	verdict = connections_bind(p->connections, gateway, connection,
				   &frame->bind, loop_unix_ms(p->loop));
	if (verdict == CLAIMS_GRANTED)
		bus_answer(from, frame->id, &done);
	else
		refuse_bind(p, from, frame->id, verdict);
}

static void
on_find_bound(void *self, struct peer *from, const struct frame *frame)
{
	struct presence *p = self;
	struct frame_person who;
	struct frame users = { .kind = FRAME_users };

	users.users.users.items = &who;
	users.users.users.n = claims_find(p->claims, &frame->find_bound.room,
					  frame->find_bound.name, &who);
	bus_answer(from, frame->id, &users);
}

static void
on_typing(void *self, struct peer *from, const struct frame *frame)
{
	const struct frame_typing *typing = &frame->typing;
	struct presence *p = self;
	struct gateway *gateway;
	struct connection *connection;

	/* After a message the gateway ends it by the user alone. */
	if (!typing->on) {
		typing_end(p->typing, &typing->room, &typing->user,
			   loop_now_ms(p->loop));
		return;
	}
	connection = find_connection(p, from, typing->connection, &gateway);
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

	p->figures.answered++;
	answer_get_present(p, from, frame->id, &frame->get_present.room);
}

/* --- Peers */

static void
on_gateway(struct presence *p, struct peer *peer, enum peer_news news)
{
	uint64_t now_ms = loop_now_ms(p->loop);

	quiet_stir(&p->comings);
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
measure(void *self)
{
	struct presence *p = self;

	p->figures.gateways = connections_gateways(p->connections);
	p->figures.connections = connections_count(p->connections);
	p->figures.held = grace_count(p->grace);
	p->figures.people = people_count(&p->people);
	p->figures.rooms = rooms_count(p->rooms);
	p->figures.online = rooms_online(p->rooms);
	p->figures.names = claims_count(p->claims);
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
	p->comings = (struct quiet){ .loop = p->loop,
				     .after_ms = COMINGS_MS,
				     .few = COMINGS_FEW };
	people_init(&p->people);
	p->rooms = rooms_new(&p->people, true, tell_present, p);
	p->claims = claims_new();
	p->grace = grace_new(
	    &(struct grace_parts){ &p->people, p->rooms, p->claims }, GRACE_MS);
	p->typing = typing_new(tell_typing, p);
	p->connections = connections_new(&(struct connections_parts){
	    &p->people, p->rooms, p->claims, p->grace, p->typing, tell_unbound,
	    p });
	if (p->rooms != NULL && p->claims != NULL && p->grace != NULL &&
	    p->typing != NULL && p->connections != NULL)
		return 0;
	log_error("no_memory");
	return -1;
}

static void
stop(void *self)
{
	struct presence *p = self;

	quiet_stop(&p->comings);
	loop_timer_clear(p->loop, &p->timer);
	connections_free(&p->connections, loop_now_ms(p->loop));
	typing_free(&p->typing);
	grace_free(&p->grace);
	claims_free(&p->claims);
	rooms_free(&p->rooms);
}

/* clang-format off */
static const struct route routes[] = {
	{ on_opened,      FRAME_opened      },
	{ on_closed,      FRAME_closed      },
	{ on_entered,     FRAME_entered     },
	{ on_exited,      FRAME_exited      },
	{ on_bind,        FRAME_bind        },
	{ on_find_bound,  FRAME_find_bound  },
	{ on_typing,      FRAME_typing      },
	{ on_get_present, FRAME_get_present },
	{ 0 },
};

static const struct option_row options[] = {
	{ 0 },
};

#define FIGURES struct presence_figures
static const struct metric_row metrics[] = {
#include "proto/metrics_rows.h"

#include "presence/metrics.def"
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
		.metrics = { metrics, &presence.figures },
		.measure = measure,
		.self = &presence,
		.start = start,
		.stop = stop,
		.turn = turn,
		.on_peer = on_peer,
	};

	return daemon_main(&daemon, argc, argv);
}
