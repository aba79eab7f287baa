/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/ask.c - the bus of a program that asks one thing at a time.
 *
 * The tool is a party of kind `tool`, connected like any daemon, so that
 * endpoints, keys, greeting and repeats are those of the bus.
 */
#include "tools/parleyctl/ask.h"

#include "proto/bus_setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct bus_link {
	struct loop *loop;
	struct bus *bus;
	unsigned connected; /* kinds, as bits */
	char name[32];
	char *curve_dir; /* absolute */
};

/* One question under way. */
struct question {
	struct call *call;
	const char *daemon;
	enum frame_kind wanted;
	hear_fn *hear;
	void *self;
	int status;
};

static void
receive(void *bus)
{
	bus_receive(bus);
}

static void
let_go(void *bus)
{
	bus_send(bus);
}

static const struct route no_routes[] = { { 0 } };

static int
open_bus(struct bus_link *link)
{
	struct timespec now;
	struct bus_config config = {
		.loop = link->loop,
		.party = TOOL,
		.name = link->name,
		.routes = no_routes,
		.curve_dir = link->curve_dir,
	};

	clock_gettime(CLOCK_REALTIME, &now);
	config.epoch =
	    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	/* Two of a name would end each other's links. */
	snprintf(link->name, sizeof link->name, "parleyctl.%ld",
		 (long)getpid());
	link->bus = bus_new(&config);
	return link->bus != NULL &&
		       loop_add_turn(link->loop, receive, link->bus) == 0 &&
		       loop_add_turn(link->loop, let_go, link->bus) == 0
		   ? 0
		   : -1;
}

/* Sockets are found from the folder where they are. */
static int
open_link(struct call *call)
{
	const struct settings *s = call->settings;
	struct bus_link *link = calloc(1, sizeof *link);

	call->link = link;
	if (link == NULL || (link->loop = loop_new()) == NULL)
		return fail(call, "%s", strerror(errno));
	if (*s->curve_dir != '\0' &&
	    (link->curve_dir = realpath(s->curve_dir, NULL)) == NULL)
		return fail(call, "%s: %s", s->curve_dir, strerror(errno));
	if (chdir(s->run) != 0)
		return fail(call, "%s: %s (set --run or --data)", s->run,
			    strerror(errno));
	return open_bus(link) == 0 ? 0 : fail(call, "cannot open the bus");
}

static const char *
endpoints_of(const struct settings *s, enum party kind)
{
	switch (kind) {
	case ROUTER:
		return s->router;
	case PRESENCE:
		return s->presence;
	case STORE:
		return s->store;
	default:
		return s->auth;
	}
}

static int
connect_to(struct call *call, enum party kind)
{
	int status = call->link == NULL ? open_link(call) : 0;

	if (status != 0 || (call->link->connected & kind) != 0)
		return status;
	if (bus_connect(call->link->bus, kind,
			endpoints_of(call->settings, kind)) != 0)
		return STATUS_FAILED;
	call->link->connected |= kind;
	return 0;
}

static int
tell_refused(const struct question *q, const struct frame_refused *refused)
{
	struct slice text = refused->text.n > 0 ? refused->text : refused->code;

	if (slice_is(refused->code, error_name(ERROR_unavailable)))
		return fail(q->call, "%s: %.*s (does it run, in %s?)",
			    q->daemon, (int)text.n, text.at,
			    q->call->settings->run);
	return fail(q->call, "%.*s", (int)text.n, text.at);
}

static void
on_answer(void *self, void *context, const struct frame *answer)
{
	struct question *q = context;

	(void)self;
	if (answer->kind == FRAME_refused)
		q->status = tell_refused(q, &answer->refused);
	else if (answer->kind != q->wanted)
		q->status =
		    fail(q->call, "%s answered '%s' instead of '%s'", q->daemon,
			 frame_name(answer->kind), frame_name(q->wanted));
	else
		q->status =
		    q->hear == NULL ? 0 : q->hear(q->call, q->self, answer);
	loop_stop(q->call->link->loop);
}

int
ask(struct call *call, enum party kind, struct frame *request,
    enum frame_kind wanted, hear_fn *hear, void *self)
{
	struct question q = {
		.call = call,
		.daemon = party_name(kind),
		.wanted = wanted,
		.hear = hear,
		.self = self,
	};
	unsigned long timeout_ms;
	struct peer *to;
	int status;

	if (!option_number(call->settings->timeout, 1, 600000, &timeout_ms))
		return wrong_usage(call, "--timeout cannot be '%s'",
				   call->settings->timeout);
	status = connect_to(call, kind);
	if (status != 0)
		return status;
	to = bus_next(call->link->bus, kind);
	if (to == NULL)
		return fail(call, "no endpoint of %s is set", q.daemon);
	if (bus_ask(to, request, (unsigned)timeout_ms, on_answer, NULL, &q) ==
	    0)
		return fail(call, "a word is too long, or out of memory");
	if (loop_run(call->link->loop) != 0)
		return fail(call, "%s", strerror(errno));
	return q.status;
}

void
ask_end(struct call *call)
{
	struct bus_link *link = call->link;

	if (link == NULL)
		return;
	bus_free(&link->bus);
	if (link->loop != NULL)
		loop_free(&link->loop);
	free(link->curve_dir);
	free(link);
	call->link = NULL;
}
