/* SPDX-License-Identifier: MIT */
/* router/relay.c - requests of gateways that the store answers.
 *
 * The bus keeps a request until its answer comes and repeats it, in the first
 * order, to a store that was away. A deadline ends the waiting only: an answer
 * that comes later is published all the same (main.c).
 */
#include "router/router.h"

#include <stdlib.h>
#include <utlist.h>

/* What a request waits at most for a store that is away, as at the gateway. */
#define WAIT_MS 2000

struct relayed {
	struct router *router;
	struct peer *origin; /* NULL: gone in the meantime */
	uint64_t origin_id;
	struct relayed *prev;
	struct relayed *next;
};

static struct relayed *
relayed_new(struct router *router, struct peer *origin, uint64_t origin_id)
{
	struct relayed *relayed = malloc(sizeof *relayed);

	if (relayed == NULL)
		return NULL;
	*relayed = (struct relayed){ router, origin, origin_id, NULL, NULL };
	DL_APPEND(router->relayed, relayed);
	return relayed;
}

static void
relayed_free(struct relayed *relayed)
{
	DL_DELETE(relayed->router->relayed, relayed);
	free(relayed);
}

/* The author knows its own text: a message that is new is answered by its
 * place alone, one that was there before as a whole. */
static void
answer_post(struct peer *origin, uint64_t id, const struct frame *stored)
{
	const struct frame_message *m = &stored->message;
	struct frame answer = *stored;

	if (!m->duplicate)
		answer = (struct frame){
			.kind = FRAME_posted,
			.posted = { .room = m->room,
				    .seq = m->seq,
				    .message = m->message,
				    .number = m->number,
				    .at = m->at,
				    .since = m->since },
		};
	answer.event = 0;
	answer.message.repeated = stored->repeated;
	bus_answer(origin, id, &answer);
}

static void
answer_origin(const struct relayed *relayed, const struct frame *outcome)
{
	struct frame answer = *outcome;

	if (relayed->origin == NULL)
		return;
	if (outcome->kind == FRAME_message)
		answer_post(relayed->origin, relayed->origin_id, outcome);
	else
		bus_answer(relayed->origin, relayed->origin_id, &answer);
}

static void
on_outcome(void *self, void *context, const struct frame *outcome)
{
	struct router *router = self;
	struct relayed *relayed = context;

	if (outcome->kind == FRAME_refused)
		router->count.refused++;
	publish_outcome(router, outcome);
	answer_origin(relayed, outcome);
	relayed_free(relayed);
}

static void
on_heads(void *self, void *context, const struct frame *outcome)
{
	struct relayed *relayed = context;
	struct frame subscribed = { .kind = FRAME_subscribed };

	(void)self;
	if (relayed->origin != NULL && outcome->kind == FRAME_heads) {
		subscribed.subscribed.rooms = outcome->heads.rooms;
		bus_answer(relayed->origin, relayed->origin_id, &subscribed);
	}
	relayed_free(relayed);
}

static void
ask_store(struct router *router, struct peer *from, uint64_t origin_id,
	  struct frame *request, unsigned wait_ms, answer_handler *on_answer)
{
	struct peer *store = bus_next(router->bus, STORE);
	struct relayed *relayed = NULL;

	if (store != NULL && bus_can_relay(store))
		relayed = relayed_new(router, from, origin_id);
	if (relayed == NULL) {
		bus_refuse(from, origin_id, ERROR_unavailable, "store is busy");
		return;
	}
	if (bus_ask(store, request, wait_ms, on_answer, router, relayed) == 0) {
		relayed_free(relayed);
		bus_refuse(from, origin_id, ERROR_unavailable, "no memory");
	}
}

void
relay_to_store(struct router *router, struct peer *from,
	       const struct frame *request)
{
	struct frame passed_on = *request;
	unsigned wait_ms = WAIT_MS;

	if (request->kind == FRAME_post && request->post.wait_ms > 0)
		wait_ms = (unsigned)request->post.wait_ms;
	router->count.relayed++;
	ask_store(router, from, request->id, &passed_on, wait_ms, on_outcome);
}

/* A gateway that waits for heads has nothing better to do than to wait on. */
void
relay_heads(struct router *router, struct peer *from,
	    const struct frame *subscribe)
{
	struct frame get = { .kind = FRAME_get_heads };

	get.get_heads.rooms = subscribe->subscribe.rooms;
	ask_store(router, from, subscribe->id, &get, 0, on_heads);
}

uint64_t
relay_count(const struct router *router)
{
	const struct relayed *relayed;
	uint64_t n;

	DL_COUNT(router->relayed, relayed, n);
	return n;
}

void
relay_forget(struct router *router, const struct peer *gateway)
{
	struct relayed *relayed;

	DL_FOREACH (router->relayed, relayed)
		if (relayed->origin == gateway)
			relayed->origin = NULL;
}
