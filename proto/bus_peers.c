/* SPDX-License-Identifier: MIT */
/* proto/bus_peers.c - which of several peers of a kind a frame goes to. */
#include "proto/bus_internal.h"

static struct peer *
first_of_kind(struct peer *peer, enum party kind)
{
	while (peer != NULL && peer->kind != kind)
		peer = peer->next;
	return peer;
}

struct peer *
bus_next(struct bus *bus, enum party kind)
{
	struct peer *fallback = first_of_kind(bus->links, kind);
	struct peer *chosen = NULL;

	for (struct peer *p = fallback; p != NULL;
	     p = first_of_kind(p->next, kind))
		if (peer_is_up(p) &&
		    (chosen == NULL ||
		     p->requests.count < chosen->requests.count))
			chosen = p;
	return chosen == NULL ? fallback : chosen;
}

/* Rendezvous hashing: each endpoint's score for the key, the highest wins; so
 * one endpoint more moves only the keys that it gets. FNV-1a of both. */
static uint64_t
score(const struct peer *peer, const struct uuid *key)
{
	uint64_t hash = 14695981039346656037u;

	for (const char *c = peer->endpoint; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 1099511628211u;
	for (size_t i = 0; i < sizeof key->bytes; i++)
		hash = (hash ^ key->bytes[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

struct peer *
bus_owner(struct bus *bus, enum party kind, const struct uuid *key)
{
	struct peer *chosen = first_of_kind(bus->links, kind);
	struct peer *p = chosen;

	while (p != NULL && (p = first_of_kind(p->next, kind)) != NULL)
		if (score(p, key) > score(chosen, key))
			chosen = p;
	return chosen;
}

static struct peer *
next_accepted(struct peer *peer, enum party kind)
{
	while (peer != NULL && peer->kind != kind)
		peer = peer->hh.next;
	return peer;
}

/* Those that we connected to first, then those that connected to us. */
struct peer *
bus_each(struct bus *bus, enum party kind, struct peer *after)
{
	struct peer *peer = NULL;

	if (after == NULL)
		peer = first_of_kind(bus->links, kind);
	else if (after->is_link)
		peer = first_of_kind(after->next, kind);
	else
		return next_accepted(after->hh.next, kind);
	return peer != NULL ? peer : next_accepted(bus->accepted, kind);
}

struct arena *
bus_arena(struct bus *bus)
{
	return &bus->arena;
}
