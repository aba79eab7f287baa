/* SPDX-License-Identifier: MIT */
/* gateway/figures.c - metrics.def as a table, and what is measured for it. */
#include "gateway/figures.h"

#include "gateway/connection.h"
#include "gateway/dialect.h"
#include "proto/clock.h"

_Static_assert(DIALECT_WORDS == DIALECTS_MAX, "a word for each dialect");

#define FIGURES struct gateway_figures
const struct metric_row gateway_metrics[] = {
#include "proto/metrics_rows.h"

#include "gateway/metrics.def"
	{ 0 },
};

/* --- Words of labels */

const char *
DIALECT_word(size_t i)
{
	return dialect_name(i);
}

/* Codes of RFC 6455 7.4.1 that we send, or send back, and our own. */
static const struct {
	unsigned code;
	const char *word;
} closes[CLOSE_WORDS] = {
	{ 0, "none" },
	{ WEBSOCKET_NORMAL, "1000" },
	{ WEBSOCKET_GOING_AWAY, "1001" },
	{ WEBSOCKET_PROTOCOL_ERROR, "1002" },
	{ 1003, "1003" },
	{ WEBSOCKET_NO_CODE, "1005" },
	{ WEBSOCKET_BAD_TEXT, "1007" },
	{ WEBSOCKET_POLICY, "1008" },
	{ WEBSOCKET_TOO_BIG, "1009" },
	{ WEBSOCKET_INTERNAL_ERROR, "1011" },
	{ 1012, "1012" },
	{ WEBSOCKET_TRY_LATER, "1013" },
	{ 4401, "4401" },
	{ UINT32_MAX, "other" },
};

const char *
CLOSE_word(size_t i)
{
	return closes[i].word;
}

size_t
close_place(unsigned code)
{
	size_t i = 0;

	while (i < CLOSE_WORDS - 1 && closes[i].code != code)
		i++;
	return i;
}

const char *
CLASS_word(size_t i)
{
	static const char *const words[CLASS_WORDS] = { "1xx", "2xx", "3xx",
							"4xx", "5xx" };

	return words[i];
}

const char *
SLOW_word(size_t i)
{
	return i == SLOW_full ? "full" : "stuck";
}

/* --- Measuring */

void
figures_measure(void *self)
{
	struct gateway *g = self;
	const struct connection *c;
	size_t cursor = 0;

	g->count.rooms = table_count(&g->rooms);
	g->count.users = table_count(&g->users);
	g->count.outbox = g->count.outbox_max = g->count.paused = 0;
	while ((c = table_next(&g->connections, &cursor)) != NULL) {
		size_t bytes = outbox_bytes(&c->outbox);

		g->count.outbox += bytes;
		if (bytes > g->count.outbox_max)
			g->count.outbox_max = bytes;
		g->count.paused += c->client != NULL && c->is_paused;
	}
}

void
figures_hear_answer(struct gateway *gateway, const struct frame *answer)
{
	if (answer->kind == FRAME_refused)
		gateway->count.refusals[error_find(answer->refused.code)]++;
	else if (answer->kind == FRAME_posted && answer->posted.since != 0)
		times_add(&gateway->count.post_ack,
			  clock_age_us(answer->posted.since));
}

void
figures_note_delivery(struct gateway *gateway, uint64_t since_us)
{
	if (since_us == 0)
		return;
	if (gateway->fresh_count == FRESH_MAX)
		figures_turn(gateway);
	gateway->fresh_us[gateway->fresh_count++] = since_us;
}

void
figures_turn(struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->fresh_count; i++)
		times_add(&gateway->count.delivery,
			  clock_age_us(gateway->fresh_us[i]));
	gateway->fresh_count = 0;
}
