/* SPDX-License-Identifier: MIT */
/* hooks/main.c - tells addresses outside what happens in rooms.
 *
 * Owns:   nothing that must be kept: the store knows all hooks, and how far
 * each of them is; the room's history is its queue. Hears:  from the store
 * which hooks there are; from the router that something happened in their
 * rooms; from receivers that they took it. Tells:  receivers what happened,
 * signed, in order; the store how far that is. Not:    who may have a hook. No
 * other daemon reaches outside.
 */
#include "hooks/catalog.h"
#include "hooks/hook.h"
#include "hooks/report.h"
#include "hooks/rooms.h"
#include "hooks/work.h"

#define SWEEP_MS 1000

static struct hooks hooks;

/* --- Frames */

static void
on_event(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	rooms_hear(self, frame);
}

static void
on_subscribe_again(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	(void)frame;
	rooms_subscribe_all(self);
}

static void
on_hook(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	catalog_hear(self, frame);
}

/* What was missed while a link was down, its peer knows. */
static void
on_peer(void *self, struct peer *peer, enum peer_news news)
{
	if (news != PEER_UP)
		return;
	if (peer_kind(peer) == STORE)
		catalog_read(self);
	else if (peer_kind(peer) == ROUTER)
		rooms_subscribe_all(self);
}

/* --- Time */

static void
on_sweep(void *self)
{
	struct hooks *h = self;

	if (h->must_read_all) {
		h->must_read_all = false;
		catalog_read(h);
	}
	if (h->must_subscribe_all) {
		h->must_subscribe_all = false;
		rooms_subscribe_all(h);
	}
	report_again(h);
}

void
hooks_try_again(struct hooks *h)
{
	if (h->sweep.place == 0)
		(void)loop_timer_set(h->loop, &h->sweep, SWEEP_MS);
}

static void
turn(void *self)
{
	work_turn(self);
	rooms_turn(self);
}

static bool
drain(void *self)
{
	return work_drain(self);
}

static void
measure(void *self)
{
	struct hooks *h = self;
	const struct hook *hook;

	memset(h->count.states, 0, sizeof h->count.states);
	h->count.behind = 0;
	h->count.rooms = HASH_COUNT(h->rooms);
	for (hook = h->by_id; hook != NULL; hook = hook->hh.next) {
		h->count.states[hook->state]++;
		if (hook->room->seq > hook->delivered.seq)
			h->count.behind +=
			    hook->room->seq - hook->delivered.seq;
	}
}

/* --- Start and stop */

static int
refuse_setting(const char *name, struct slice value, const char *wanted)
{
	log_error("bad_setting", KT("name", name), KS("value", value),
		  KT("wanted", wanted));
	return -1;
}

static int
read_settings(struct hooks *h, unsigned long *timeout_s)
{
	struct slice wrong;
	unsigned long give_up_s;

	if (!addresses_read(&h->addresses, h->options.allow, &wrong))
		return refuse_setting("hooks-allow", wrong,
				      "addresses, or prefixes like 10.0.0.0/8");
	if (!option_number(h->options.timeout, 1, 300, timeout_s))
		return refuse_setting("hooks-timeout",
				      slice_of(h->options.timeout),
				      "seconds from 1 to 300");
	if (!option_number(h->options.give_up, 0, 31536000, &give_up_s))
		return refuse_setting("hooks-give-up",
				      slice_of(h->options.give_up),
				      "seconds, at most a year");
	h->give_up_ms = give_up_s * UINT64_C(1000);
	return 0;
}

static int
start(void *self, struct runtime *runtime)
{
	struct hooks *h = self;
	struct sender_config config = { .loop = runtime->loop,
					.addresses = &h->addresses,
					.ca_file = h->options.ca };

	h->loop = runtime->loop;
	h->bus = runtime->bus;
	h->sweep.on_due = on_sweep;
	h->sweep.self = h;
	if (read_settings(h, &config.timeout_s) != 0)
		return -1;
	h->sender = sender_new(&config);
	return h->sender == NULL ? -1 : 0;
}

static void
stop(void *self)
{
	struct hooks *h = self;

	hook_remove_all(h);
	sender_free(&h->sender);
	loop_timer_clear(h->loop, &h->sweep);
}

/* clang-format off */
static const struct route routes[] = {
	{ on_event,           FRAME_message         },
	{ on_event,           FRAME_edited          },
	{ on_event,           FRAME_erased          },
	{ on_event,           FRAME_joined          },
	{ on_event,           FRAME_left            },
	{ on_event,           FRAME_moderated       },
	{ on_event,           FRAME_room_changed    },
	{ on_subscribe_again, FRAME_subscribe_again },
	{ on_hook,            FRAME_hook_changed    },
	{ on_hook,            FRAME_hook_removed    },
	{ 0 },
};

static const struct option_row options[] = {
	{ "hooks-allow", &hooks.options.allow, "",
	  "addresses and prefixes that receivers may have besides public ones" },
	{ "hooks-ca", &hooks.options.ca, "/etc/ssl/certs/ca-certificates.crt",
	  "file of the authorities that receivers' certificates are from" },
	{ "hooks-timeout", &hooks.options.timeout, "10",
	  "seconds that a receiver has to answer" },
	{ "hooks-give-up", &hooks.options.give_up, "259200",
	  "seconds of failures after which a hook is paused; 0: never" },
	{ 0 },
};

static const struct sandbox_row needs[] = {
	{ SANDBOX_OUTSIDE, NULL,              NULL },
	{ SANDBOX_FILE,    &hooks.options.ca, NULL },
	{ 0 },
};

#define FIGURES struct hooks_figures
static const struct metric_row metrics[] = {
#include "proto/metrics_rows.h"

#include "hooks/metrics.def"
	{ 0 },
};
/* clang-format on */

int
main(int argc, char **argv)
{
	static const struct daemon daemon = {
		.name = "hooks",
		.summary = "tells addresses outside what happens in rooms",
		.party = HOOKS,
		.connects = ROUTER | STORE,
		.options = options,
		.routes = routes,
		.metrics = { metrics, &hooks.count },
		.measure = measure,
		.needs = needs,
		.self = &hooks,
		.start = start,
		.stop = stop,
		.turn = turn,
		.on_peer = on_peer,
		.drain = drain,
	};

	return daemon_main(&daemon, argc, argv);
}
