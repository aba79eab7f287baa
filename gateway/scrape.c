/* SPDX-License-Identifier: MIT */
/* gateway/scrape.c - asks, waits, and replies. What the answers are put
 * together to is in scrape_page.c.
 */
#include "gateway/scrape.h"

#include "gateway/reply.h"
#include "gateway/scrape_page.h"
#include "proto/bus.h"

#include <stdlib.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct scrape {
	struct gateway *gateway;
	struct loop_timer deadline;
	struct scrape_page page;
	struct buffer waiting; /* ids of connections */
	size_t asked;          /* questions without an answer as yet */
	bool is_over;
};

/* One question: whom it is about, and by which link it goes. */
struct question {
	struct scrape *scrape;
	struct scrape_part *part;
	struct peer *via;
	bool is_relayed; /* to a gateway */
};

static const enum party kinds[] = { ROUTER, PRESENCE, STORE, AUTH };

/* --- The end */

/* Who was asked may still answer: the questions point to it. */
static void
let_go(struct scrape *scrape)
{
	if (!scrape->is_over || scrape->asked > 0)
		return;
	buffer_fini(&scrape->waiting);
	scrape_page_fini(&scrape->page);
	free(scrape);
}

static void
reply_with(struct connection *c, const struct buffer *text)
{
	if (text == NULL)
		reply_problem(c, 503, "out of memory", NULL, NULL);
	else
		reply(c, 200, METRICS_TYPE, text->bytes, text->n, NULL);
}

static void
reply_all(struct scrape *scrape)
{
	const uint64_t *ids = (const uint64_t *)scrape->waiting.bytes;
	struct buffer text = { 0 };
	bool is_whole = scrape_page_print(&scrape->page, &text) == 0;

	for (size_t i = 0; i < scrape->waiting.n / sizeof *ids; i++) {
		struct connection *c = connection_find(scrape->gateway, ids[i]);

		if (c != NULL)
			reply_with(c, is_whole ? &text : NULL);
	}
	buffer_fini(&text);
}

static void
finish(struct scrape *scrape)
{
	if (scrape->is_over)
		return;
	scrape->is_over = true;
	scrape->gateway->scrape = NULL;
	loop_timer_clear(scrape->gateway->loop, &scrape->deadline);
	reply_all(scrape);
}

static void
on_deadline(void *self)
{
	struct scrape *scrape = self;

	finish(scrape);
	let_go(scrape);
}

/* --- Asking */

static void ask(struct scrape *scrape, struct scrape_part *part,
		struct peer *via, bool is_relayed, uint64_t after);

/* Other gateways, as the daemons tell of them. */
static void
ask_gateways(struct scrape *scrape, struct peer *via, const frame_list *list)
{
	const struct frame_instance *names = list->items;

	for (size_t i = 0; i < list->n; i++) {
		struct scrape_part *part =
		    scrape_page_part(&scrape->page, names[i].name);

		if (part != NULL && !part->is_asked)
			ask(scrape, part, via, true, 0);
	}
}

static void
hear(struct scrape *scrape, const struct question *question,
     const struct frame *answer)
{
	struct scrape_part *part = question->part;
	const struct frame_metrics *metrics = &answer->metrics;
	bool is_last = metrics->next == 0;

	/* A page with nothing on it would have no end of successors. */
	if (answer->kind != FRAME_metrics ||
	    (metrics->families.n == 0 && !is_last) ||
	    scrape_part_add(part, &metrics->families) != 0) {
		scrape_part_drop(part);
		return;
	}
	if (!question->is_relayed)
		ask_gateways(scrape, question->via, &metrics->gateways);
	if (is_last)
		part->is_whole = true;
	else
		ask(scrape, part, question->via, question->is_relayed,
		    metrics->next);
}

static void
on_answer(void *self, void *context, const struct frame *answer)
{
	struct question *question = context;
	struct scrape *scrape = question->scrape;

	(void)self;
	if (!scrape->is_over)
		hear(scrape, question, answer);
	free(question);
	if (--scrape->asked == 0)
		finish(scrape);
	let_go(scrape);
}

static void
ask(struct scrape *scrape, struct scrape_part *part, struct peer *via,
    bool is_relayed, uint64_t after)
{
	struct frame request = { .kind = FRAME_get_metrics };
	struct question *question = malloc(sizeof *question);

	if (question == NULL)
		return;
	*question = (struct question){ scrape, part, via, is_relayed };
	part->is_asked = true;
	request.get_metrics.after = after;
	if (is_relayed)
		request.get_metrics.daemon = slice_of(part->name);
	if (bus_has_room(via) && bus_ask(via, &request, SCRAPE_MS, on_answer,
					 scrape->gateway, question) != 0)
		scrape->asked++;
	else
		free(question);
}

/* --- Beginning */

/* Ours come without asking. */
static int
add_own(struct scrape *scrape)
{
	const struct metric_source *source = scrape->gateway->runtime->metrics;
	struct scrape_part *part =
	    scrape_page_part(&scrape->page, slice_of(source->daemon));
	struct arena *arena = bus_arena(scrape->gateway->bus);
	struct frame answer;
	uint64_t after = 0;

	if (part == NULL)
		return -1;
	part->is_asked = true;
	do {
		if (metrics_page(source, after, arena, &answer) != 0 ||
		    scrape_part_add(part, &answer.metrics.families) != 0)
			return -1;
		after = answer.metrics.next;
	} while (after != 0);
	part->is_whole = true;
	return 0;
}

static int
ask_daemons(struct scrape *scrape)
{
	struct bus *bus = scrape->gateway->bus;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct peer *peer = NULL;

		while ((peer = bus_each(bus, kinds[i], peer)) != NULL) {
			struct scrape_part *part = scrape_page_part(
			    &scrape->page, slice_of(peer_name(peer)));

			if (part == NULL)
				return -1;
			if (peer_is_up(peer))
				ask(scrape, part, peer, false, 0);
		}
	}
	return 0;
}

/* Those that share our addresses are missed, too, if nobody tells of them. */
static int
expect_gateways(struct scrape *scrape)
{
	char name[33] = "gateway";

	for (unsigned long i = 1; i <= scrape->gateway->gateways; i++) {
		if (i > 1)
			snprintf(name, sizeof name, "gateway.%lu", i);
		if (scrape_page_part(&scrape->page, slice_of(name)) == NULL)
			return -1;
	}
	return 0;
}

static struct scrape *
begin(struct gateway *gateway)
{
	struct scrape *scrape = calloc(1, sizeof *scrape);

	if (scrape == NULL)
		return NULL;
	scrape->gateway = gateway;
	scrape->deadline.on_due = on_deadline;
	scrape->deadline.self = scrape;
	gateway->scrape = scrape;
	if (add_own(scrape) == 0 && expect_gateways(scrape) == 0 &&
	    ask_daemons(scrape) == 0 &&
	    loop_timer_set(gateway->loop, &scrape->deadline, SCRAPE_MS) == 0)
		return scrape;
	finish(scrape);
	let_go(scrape);
	return NULL;
}

void
scrape_serve(struct connection *connection)
{
	struct gateway *g = connection->gateway;
	struct scrape *scrape = g->scrape != NULL ? g->scrape : begin(g);

	if (scrape == NULL || buffer_append(&scrape->waiting, &connection->id,
					    sizeof connection->id) != 0) {
		reply_with(connection, NULL);
		return;
	}
	if (scrape->asked > 0)
		return;
	finish(scrape);
	let_go(scrape);
}
