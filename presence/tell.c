/* SPDX-License-Identifier: MIT */
/* presence/tell.c - frames for the routers and the gateways. */
#include "presence/tell.h"

#include <string.h>

static void
tell_router(struct presence *p, const struct uuid *room, struct frame *frame)
{
	struct peer *router = bus_owner(p->bus, ROUTER, room);

	if (router != NULL)
		bus_tell(router, frame);
}

void
tell_present(void *self, const struct frame_present *present)
{
	struct presence *p = self;
	struct frame frame = { .kind = FRAME_present, .present = *present };

	frame.present.epoch = p->epoch;
	p->figures.told++;
	tell_router(p, &present->room, &frame);
}

void
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

static struct peer *
find_up(struct presence *p, const char *name, uint64_t epoch)
{
	struct peer *peer = NULL;

	while ((peer = bus_each(p->bus, GATEWAY, peer)) != NULL)
		if (peer_epoch(peer) == epoch &&
		    strcmp(peer_name(peer), name) == 0)
			break;
	return peer;
}

void
tell_unbound(void *self, const char *gateway, uint64_t epoch, uint64_t number,
	     const struct uuid *room)
{
	struct presence *p = self;
	struct peer *peer = find_up(p, gateway, epoch);
	struct frame frame = {
		.kind = FRAME_unbound,
		.unbound = { .connection = number, .room = *room },
	};

	p->figures.names_lost++;
	if (peer != NULL)
		bus_tell(peer, &frame);
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

void
answer_get_present(struct presence *presence, struct peer *to, uint64_t id,
		   const struct uuid *room)
{
	struct question question = { presence, to, id };

	rooms_answer(presence->rooms, room, answer_present, &question);
	typing_answer(presence->typing, room, answer_typing, &question);
}
