/* SPDX-License-Identifier: MIT */
/* tools/client/asker.c - see asker.h. */
#include "tools/client/asker.h"

#include "proto/bus_setup.h"
#include "proto/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WRONG_BYTES 400
#define CODE_BYTES  33

struct asker {
	const char *program;
	const char *run;
	const char *curve_dir;
	struct loop *loop;
	struct bus *bus;
	unsigned connected; /* kinds, as bits */
	char name[32];
	char *keys; /* curve_dir, absolute */
	loop_fn *hear_peers;
	void *hears_peers;
	char wrong[WRONG_BYTES];
	char refused[CODE_BYTES]; /* what the last question was refused with */
};

/* One question under way. */
struct question {
	struct asker *asker;
	enum party kind;
	enum frame_kind wanted;
	asker_hear_fn *hear;
	void *self;
	int rc;
};

struct asker *
asker_new(const char *program, const char *run, const char *curve_dir)
{
	struct asker *asker = calloc(1, sizeof *asker);

	if (asker == NULL)
		return NULL;
	asker->program = program;
	asker->run = run;
	asker->curve_dir = curve_dir;
	return asker;
}

const char *
asker_wrong(const struct asker *asker)
{
	return asker->wrong;
}

bool
asker_was_refused(const struct asker *asker, enum error_code code)
{
	return strcmp(asker->refused, error_name(code)) == 0;
}

__attribute__((format(printf, 2, 3))) static int
fail(struct asker *asker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(asker->wrong, sizeof asker->wrong, format, args);
	va_end(args);
	return -1;
}

static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct asker *asker = self;

	(void)peer;
	(void)news;
	if (asker->hear_peers != NULL)
		asker->hear_peers(asker->hears_peers);
}

static const struct route no_routes[] = { { 0 } };

static int
open_bus(struct asker *asker)
{
	const struct bus_config config = {
		.loop = asker->loop,
		.party = TOOL,
		.name = asker->name,
		.epoch = clock_unix_us(),
		.routes = no_routes,
		.self = asker,
		.on_peer = on_peer,
		.curve_dir = asker->keys,
	};

	/* Two of a name would end each other's links. */
	snprintf(asker->name, sizeof asker->name, "%s.%ld", asker->program,
		 (long)getpid());
	asker->bus = bus_new(&config);
	if (asker->bus != NULL && bus_add_turns(asker->bus) == 0)
		return 0;
	return fail(asker, "cannot open the bus");
}

/* Sockets are found from the folder where they are. */
static int
open_all(struct asker *asker)
{
	if (asker->loop == NULL && (asker->loop = loop_new()) == NULL)
		return fail(asker, "%s", strerror(errno));
	if (asker->keys == NULL && *asker->curve_dir != '\0' &&
	    (asker->keys = realpath(asker->curve_dir, NULL)) == NULL)
		return fail(asker, "%s: %s", asker->curve_dir, strerror(errno));
	if (chdir(asker->run) != 0)
		return fail(asker, "%s: %s (set --run or --data)", asker->run,
			    strerror(errno));
	return open_bus(asker);
}

int
asker_connect(struct asker *asker, enum party kind, const char *endpoints)
{
	if (asker->bus == NULL && open_all(asker) != 0)
		return -1;
	if ((asker->connected & kind) != 0)
		return 0;
	if (bus_connect(asker->bus, kind, endpoints) != 0)
		return fail(asker, "cannot connect to %s", endpoints);
	asker->connected |= kind;
	return 0;
}

struct bus *
asker_bus(const struct asker *asker)
{
	return asker->bus;
}

struct loop *
asker_loop(const struct asker *asker)
{
	return asker->loop;
}

void
asker_hear_peers(struct asker *asker, loop_fn *hear, void *self)
{
	asker->hear_peers = hear;
	asker->hears_peers = self;
}

static int
note_refused(const struct question *q, const struct frame_refused *refused)
{
	struct slice text = refused->text.n > 0 ? refused->text : refused->code;

	snprintf(q->asker->refused, sizeof q->asker->refused, "%.*s",
		 (int)refused->code.n, refused->code.at);
	if (slice_is(refused->code, error_name(ERROR_unavailable)))
		return fail(q->asker, "%s: %.*s (does it run, in %s?)",
			    party_name(q->kind), (int)text.n, text.at,
			    q->asker->run);
	return fail(q->asker, "%.*s", (int)text.n, text.at);
}

static void
on_answer(void *self, void *context, const struct frame *answer)
{
	struct question *q = context;

	(void)self;
	if (answer->kind == FRAME_refused)
		q->rc = note_refused(q, &answer->refused);
	else if (answer->kind != q->wanted)
		q->rc = fail(q->asker, "%s answered '%s' instead of '%s'",
			     party_name(q->kind), frame_name(answer->kind),
			     frame_name(q->wanted));
	else if (q->hear != NULL)
		q->hear(q->self, answer);
	loop_stop(q->asker->loop);
}

int
asker_ask(struct asker *asker, enum party kind, const char *endpoints,
	  unsigned timeout_ms, struct frame *request, enum frame_kind wanted,
	  asker_hear_fn *hear, void *self)
{
	struct question q = { asker, kind, wanted, hear, self, 0 };
	struct peer *to;

	asker->wrong[0] = asker->refused[0] = '\0';
	if (asker_connect(asker, kind, endpoints) != 0)
		return -1;
	to = bus_next(asker->bus, kind);
	if (to == NULL)
		return fail(asker, "no endpoint of %s is set",
			    party_name(kind));
	if (bus_ask(to, request, timeout_ms, on_answer, NULL, &q) == 0)
		return fail(asker, "a word is too long, or out of memory");
	/* The request waits for the end of a turn. */
	loop_again(asker->loop);
	if (loop_run(asker->loop) != 0)
		return fail(asker, "%s", strerror(errno));
	return q.rc;
}

void
asker_free(struct asker **handle)
{
	struct asker *asker = *handle;

	if (asker == NULL)
		return;
	bus_free(&asker->bus);
	if (asker->loop != NULL)
		loop_free(&asker->loop);
	free(asker->keys);
	free(asker);
	*handle = NULL;
}
