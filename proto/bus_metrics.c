/* SPDX-License-Identifier: MIT */
/* proto/bus_metrics.c - answers get_metrics: for ourselves, or for a gateway or
 * hooks that are connected to us. Gateways know no other way to them.
 */
#include "proto/bus_internal.h"

#include <stdlib.h>
#include <utlist.h>

#define RELAY_MS     300
#define GATEWAYS_MAX 1000

/* Who else is shown by whom a gateway asks. */
#define SHOWN (GATEWAY | HOOKS)

static void
measure_peer(struct common_figures *figures, const struct peer *peer)
{
	size_t place = party_place(peer->kind);

	figures->peers[place] += peer->state == PEER_LIVING;
	figures->outgoing[place] += peer->outgoing.n;
	figures->in_flight[place] += peer->requests.count;
}

void
bus_measure(struct bus *bus)
{
	struct common_figures *figures = bus->figures;
	const struct peer *peer;

	memset(figures->peers, 0, sizeof figures->peers);
	memset(figures->outgoing, 0, sizeof figures->outgoing);
	memset(figures->in_flight, 0, sizeof figures->in_flight);
	LL_FOREACH (bus->links, peer)
		measure_peer(figures, peer);
	for (peer = bus->accepted; peer != NULL; peer = peer->hh.next)
		measure_peer(figures, peer);
}

/* --- For ourselves */

static void
add_gateways(struct bus *bus, struct frame_metrics *metrics)
{
	struct frame_instance *names;
	const struct peer *peer;
	size_t n = 0;

	names = arena_array(&bus->arena, GATEWAYS_MAX, sizeof *names);
	if (names == NULL)
		return;
	for (peer = bus->accepted; peer != NULL; peer = peer->hh.next)
		if ((peer->kind & SHOWN) != 0 && n < GATEWAYS_MAX)
			names[n++].name = slice_of(peer->name);
	metrics->gateways = (frame_list){ names, n };
}

static void
answer_for_us(struct peer *from, const struct frame *frame)
{
	struct bus *bus = from->bus;
	const struct metric_source *source = bus->config.metrics;
	struct frame answer;

	if (source == NULL || metrics_page(source, frame->get_metrics.after,
					   &bus->arena, &answer) != 0) {
		bus_refuse(from, frame->id, ERROR_unavailable, "no metrics");
		return;
	}
	if (frame->get_metrics.after == 0)
		add_gateways(bus, &answer.metrics);
	bus_answer(from, frame->id, &answer);
}

/* --- For a gateway */

/* Who asked may be gone when the answer comes. */
struct relay {
	char asker[33];
	uint64_t epoch;
	uint64_t id;
};

static struct peer *
find_accepted(struct bus *bus, struct slice name)
{
	struct peer *peer = bus->accepted;

	while (peer != NULL && !slice_is(name, peer->name))
		peer = peer->hh.next;
	return peer;
}

static void
on_relayed(void *self, void *context, const struct frame *answer)
{
	struct bus *bus = self;
	struct relay *relay = context;
	struct peer *asker = find_accepted(bus, slice_of(relay->asker));
	struct frame copy = *answer;

	copy.event = 0;
	if (asker != NULL && asker->epoch == relay->epoch)
		bus_answer(asker, relay->id, &copy);
	free(relay);
}

static void
relay_to(struct peer *gateway, struct peer *from, const struct frame *frame)
{
	struct frame request = { .kind = FRAME_get_metrics };
	struct relay *relay = calloc(1, sizeof *relay);

	request.get_metrics.after = frame->get_metrics.after;
	if (relay != NULL) {
		memcpy(relay->asker, from->name, sizeof relay->asker);
		relay->epoch = from->epoch;
		relay->id = frame->id;
		if (bus_has_room(gateway) &&
		    bus_ask(gateway, &request, RELAY_MS, on_relayed, from->bus,
			    relay) != 0)
			return;
		free(relay);
	}
	bus_refuse(from, frame->id, ERROR_unavailable, "cannot be asked now");
}

void
bus_hear_get_metrics(struct peer *from, const struct frame *frame)
{
	const struct slice name = frame->get_metrics.daemon;
	struct peer *gateway;

	if (name.n == 0) {
		answer_for_us(from, frame);
		return;
	}
	gateway = find_accepted(from->bus, name);
	if (gateway == NULL || (gateway->kind & SHOWN) == 0)
		bus_refuse(from, frame->id, ERROR_unavailable,
			   "no such gateway here");
	else
		relay_to(gateway, from, frame);
}
