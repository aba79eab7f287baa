/* SPDX-License-Identifier: MIT */
/* proto/bus_setup.h - how the runtime sets up a daemon's bus. A daemon itself
 * needs bus.h only. */
#ifndef PARLEY_PROTO_BUS_SETUP_H
#define PARLEY_PROTO_BUS_SETUP_H

#include "proto/bus.h"
#include "proto/figures.h"
#include "proto/loop.h"
#include "proto/metrics_pages.h"

struct bus_config {
	struct loop *loop;
	enum party party;
	const char *name; /* kept */
	uint64_t epoch;
	const struct route *routes; /* ends with { 0 } */
	void *self;                 /* for the routes and on_peer */
	void (*on_peer)(void *self, struct peer *peer, enum peer_news news);
	const char *curve_dir;               /* empty: no tcp:// endpoints */
	const struct metric_source *metrics; /* for who asks; NULL: none */
	struct common_figures *figures;      /* to count in; NULL: nowhere */

	/* To a daemon that we connected to, something leaves at most so often,
	 * unless it is much. What comes after a pause leaves at once. To wake
	 * the other side costs as much as dozens of frames. 0: each turn. */
	unsigned pace_ms;
};

/* NULL after a log line. */
struct bus *bus_new(const struct bus_config *config);

/* Each 0, or -1 after a log line that names the endpoint. `endpoints` may be
 * several, separated by spaces. */
int bus_bind(struct bus *bus, const char *endpoint);
int bus_open_tap(struct bus *bus, const char *endpoint);
int bus_connect(struct bus *bus, enum party kind, const char *endpoints);

/* The two ends of a turn: hear what has come, and let go what is to go. What
 * was received is valid between the two. */
void bus_receive(struct bus *bus);
void bus_send(struct bus *bus);

/* For who does nothing of its own between the two: has both called in each turn
 * of the bus's loop, until the loop is freed. 0, or -1 with errno ENOMEM. */
int bus_add_turns(struct bus *bus);

/* Ends every waiting request with `refused`; no new one is taken after. */
void bus_cancel_requests(struct bus *bus);

/* Sets the figures of links and requests that are not counted as they change.
 */
void bus_measure(struct bus *bus);

/* Whether anything waits for an answer or to be sent. */
bool bus_is_idle(const struct bus *bus);

void bus_free(struct bus **bus);

#endif
