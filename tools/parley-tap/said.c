/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/said.c - see said.h.
 *
 * The order over several links is kept by asking, before the link is changed,
 * for something that is answered at once: what was said before it has come.
 */
#include "tools/parley-tap/said.h"

#include "proto/bus_setup.h"
#include "proto/clock.h"
#include "proto/hash.h"
#include "tools/client/stop.h"
#include "tools/parley-tap/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Unanswered requests at most. */
#define WINDOW 512

/* A page of metrics behind the last is empty, and soon put together. */
#define NO_METRICS 100000

struct asked {
	uint64_t id;
	unsigned said;
	unsigned answered;
	unsigned taken; /* of the answers, by whoever counts them */
	UT_hash_handle hh;
};

struct link {
	struct said *said;
	enum party kind;
	char peer[DAEMON_BYTES_MAX];
	char name[33];
	struct bus *bus;
	bool is_up;
	struct asked *asked;
};

struct said {
	enum party kind;
	const char *endpoint;
	const char *curve_dir;
	unsigned timeout_ms;
	said_hear_fn *hear;
	void *self;
	struct loop *loop;
	struct loop_timer timer;
	struct link *links[LINKS_MAX];
	size_t n;
	struct link *last; /* that something was said on */
	size_t unanswered;
	bool is_late;
	bool has_failed;
	/* What is waited for: */
	bool (*is_done)(const struct said *said);
	const struct link *wanted_link;
	uint64_t wanted_id;
	unsigned wanted_answers;
	bool is_met; /* the daemon has come to what was asked last */
};

/* --- Waiting */

static void
on_late(void *self)
{
	struct said *said = self;

	said->is_late = true;
	loop_stop(said->loop);
}

static void
look(void *self)
{
	struct said *said = self;

	if (said->has_failed || stop_wanted() || said->is_done(said))
		loop_stop(said->loop);
}

/* 0: done; 1: late; -1: failed, told, or a signal came. */
static int
wait_for(struct said *said, bool (*is_done)(const struct said *said),
	 uint64_t wait_ms)
{
	said->is_done = is_done;
	said->is_late = false;
	if (wait_ms != 0 &&
	    loop_timer_set(said->loop, &said->timer, wait_ms) != 0) {
		complain("%s", strerror(errno));
		return -1;
	}
	/* What was said just now is still here. */
	loop_again(said->loop);
	if (loop_run(said->loop) != 0) {
		complain("%s", strerror(errno));
		said->has_failed = true;
	}
	loop_timer_clear(said->loop, &said->timer);
	if (said->has_failed || stop_wanted())
		return -1;
	return said->is_late && !is_done(said);
}

/* As wait_for() for what must come. */
static int
wait_in_time(struct said *said, bool (*is_done)(const struct said *said),
	     const char *what)
{
	int rc = wait_for(said, is_done, said->timeout_ms);

	if (rc > 0)
		complain("%s: %s in %u ms", party_name(said->kind), what,
			 said->timeout_ms);
	return rc == 0 ? 0 : -1;
}

/* --- What comes */

static struct asked *
find_asked(const struct link *link, uint64_t id)
{
	struct asked *asked;

	HASH_FIND(hh, link->asked, &id, sizeof id, asked);
	return asked;
}

static void
on_frame(void *self, struct peer *from, const struct frame *frame)
{
	struct link *link = self;
	struct asked *asked = find_asked(link, frame->id);

	(void)from;
	if (asked != NULL) {
		asked->answered++;
		if (asked->answered == asked->said)
			link->said->unanswered--;
	}
	if (link->said->hear(link->said->self, link, frame) != 0)
		link->said->has_failed = true;
}

static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct link *link = self;

	(void)peer;
	if (link->is_up && news == PEER_DOWN) {
		complain("%s went away", party_name(link->said->kind));
		link->said->has_failed = true;
	}
	link->is_up = news == PEER_UP;
}

/* --- Links */

/* Every frame is heard, whatever it is. */
static const struct route *
all_routes(void)
{
	static struct route routes[FRAME_KINDS];

	for (int kind = FRAME_none + 1; kind < FRAME_KINDS; kind++)
		routes[kind - 1] =
		    (struct route){ on_frame, (enum frame_kind)kind };
	return routes;
}

static int
open_bus(struct link *link)
{
	struct said *said = link->said;
	struct bus_config config = {
		.loop = said->loop,
		.party = link->kind,
		.name = link->name,
		.epoch = clock_unix_us(),
		.routes = all_routes(),
		.self = link,
		.on_peer = on_peer,
		.curve_dir = said->curve_dir,
	};

	link->bus = bus_new(&config);
	if (link->bus == NULL || bus_add_turns(link->bus) != 0 ||
	    bus_connect(link->bus, said->kind, said->endpoint) != 0)
		return -1;
	return bus_next(link->bus, said->kind) != NULL ? 0 : -1;
}

struct link *
said_find(struct said *said, struct slice peer)
{
	for (size_t i = 0; i < said->n; i++)
		if (slice_is(peer, said->links[i]->peer))
			return said->links[i];
	return NULL;
}

struct link *
said_link(struct said *said, struct slice peer, enum party kind)
{
	struct link *link = said_find(said, peer);

	if (link != NULL)
		return link;
	if (said->n == LINKS_MAX || peer.n >= sizeof link->peer ||
	    (link = calloc(1, sizeof *link)) == NULL) {
		complain("it has too many parties");
		return NULL;
	}
	link->said = said;
	link->kind = kind;
	memcpy(link->peer, peer.at, peer.n);
	snprintf(link->name, sizeof link->name, LINK_NAME "%ld.%zu",
		 (long)getpid(), said->n + 1);
	said->links[said->n++] = link;
	if (open_bus(link) == 0)
		return link;
	complain("cannot connect to %s", said->endpoint);
	return NULL;
}

const char *
link_peer(const struct link *link)
{
	return link->peer;
}

unsigned
link_take(const struct link *link, uint64_t id)
{
	struct asked *asked = find_asked(link, id);

	return asked == NULL ? 0 : ++asked->taken;
}

static unsigned
answers_of(const struct link *link, uint64_t id)
{
	const struct asked *asked = find_asked(link, id);

	return asked == NULL ? 0 : asked->answered;
}

static bool
are_greeted(const struct said *said)
{
	for (size_t i = 0; i < said->n; i++)
		if (!said->links[i]->is_up)
			return false;
	return true;
}

/* Whoever looks whether it is enough must come behind those who receive. */
int
said_greet(struct said *said)
{
	if (loop_add_turn(said->loop, look, said) != 0) {
		complain("%s", strerror(errno));
		return -1;
	}
	return wait_in_time(said, are_greeted, "did not greet us");
}

/* --- What is said */

static bool
has_window(const struct said *said)
{
	return said->unanswered < WINDOW;
}

static bool
is_met(const struct said *said)
{
	return said->is_met;
}

static void
on_met(void *self, void *context, const struct frame *answer)
{
	struct said *said = context;

	(void)self;
	(void)answer;
	said->is_met = true;
}

static int
change_link(struct said *said, struct link *link)
{
	struct frame nothing = { .kind = FRAME_get_metrics };
	struct peer *to;

	if (said->last == link)
		return 0;
	if (said->last != NULL) {
		nothing.get_metrics.after = NO_METRICS;
		said->is_met = false;
		to = bus_next(said->last->bus, said->kind);
		if (bus_ask(to, &nothing, said->timeout_ms, on_met, NULL,
			    said) == 0) {
			complain("out of memory");
			return -1;
		}
		if (wait_in_time(said, is_met, "said nothing") != 0)
			return -1;
	}
	said->last = link;
	return 0;
}

static int
note_asked(struct link *link, uint64_t id)
{
	struct asked *asked = find_asked(link, id);

	if (asked == NULL) {
		asked = calloc(1, sizeof *asked);
		if (asked == NULL)
			goto no_memory;
		asked->id = id;
		HASH_ADD(hh, link->asked, id, sizeof asked->id, asked);
		if (asked->hh.tbl == NULL)
			goto no_memory;
	}
	if (asked->said++ == asked->answered)
		link->said->unanswered++;
	return 0;
no_memory:
	free(asked);
	complain("out of memory");
	return -1;
}

int
said_say(struct said *said, struct link *link, struct frame *frame)
{
	if (change_link(said, link) != 0)
		return -1;
	if (!has_window(said) &&
	    wait_in_time(said, has_window, "does not answer") != 0)
		return -1;
	if (frame->id != 0 && note_asked(link, frame->id) != 0)
		return -1;
	bus_tell(bus_next(link->bus, said->kind), frame);
	return 0;
}

static bool
is_answered(const struct said *said)
{
	if (said->wanted_link == NULL)
		return said->unanswered == 0;
	return answers_of(said->wanted_link, said->wanted_id) >=
	       said->wanted_answers;
}

int
said_wait(struct said *said, struct link *link, uint64_t id, unsigned answers)
{
	said->wanted_link = link;
	said->wanted_id = id;
	said->wanted_answers = answers;
	if (is_answered(said))
		return 0;
	return wait_in_time(said, is_answered, "does not answer");
}

static bool
never(const struct said *said)
{
	(void)said;
	return false;
}

int
said_pause(struct said *said, uint64_t until_us)
{
	uint64_t now_us = clock_us();

	if (until_us <= now_us + 1000)
		return 0;
	return wait_for(said, never, (until_us - now_us) / 1000) < 0 ? -1 : 0;
}

/* --- Begin and end */

struct said *
said_new(enum party kind, const char *endpoint, const char *curve_dir,
	 unsigned timeout_ms, said_hear_fn *hear, void *self)
{
	struct said *said = calloc(1, sizeof *said);

	if (said == NULL)
		return NULL;
	*said = (struct said){ .kind = kind,
			       .endpoint = endpoint,
			       .curve_dir = curve_dir,
			       .timeout_ms = timeout_ms,
			       .hear = hear,
			       .self = self };
	said->timer.on_due = on_late;
	said->timer.self = said;
	said->loop = loop_new();
	if (said->loop != NULL)
		return said;
	said_free(&said);
	return NULL;
}

static void
link_free(struct link *link)
{
	struct asked *asked, *next;

	bus_free(&link->bus);
	HASH_ITER (hh, link->asked, asked, next) {
		HASH_DEL(link->asked, asked);
		free(asked);
	}
	free(link);
}

void
said_free(struct said **handle)
{
	struct said *said = *handle;

	if (said == NULL)
		return;
	for (size_t i = 0; i < said->n; i++)
		link_free(said->links[i]);
	if (said->loop != NULL)
		loop_free(&said->loop);
	free(said);
	*handle = NULL;
}
