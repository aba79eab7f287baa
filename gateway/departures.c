/* SPDX-License-Identifier: MIT */
/* gateway/departures.c - counts what is still to be answered. */
#include "gateway/departures.h"

#include "gateway/announce.h"
#include "gateway/connection.h"

#include <stdlib.h>
#include <utlist.h>

#define WAIT_FOR_WORDS_MS 1000

struct departure {
	uint64_t connection;
	struct uuid user;
	uint64_t began_ms;
	unsigned asks;
	struct departure *prev, *next; /* gateway->departures, oldest first */
};

static void
finish(struct gateway *gateway, struct departure *departure)
{
	announce_gone(gateway, departure->connection, &departure->user);
	DL_DELETE(gateway->departures, departure);
	free(departure);
}

void
departures_begin(struct client *client)
{
	struct gateway *g = client_gateway(client);
	struct departure *departure = NULL;

	if (client->is_announced && client_is_guest(client) && client->asks > 0)
		departure = malloc(sizeof *departure);
	if (departure == NULL) {
		announce_closed(client);
		return;
	}
	*departure = (struct departure){
		.connection = client_id(client),
		.user = client->user->id,
		.began_ms = loop_now_ms(g->loop),
		.asks = client->asks,
	};
	DL_APPEND(g->departures, departure);
}

void
departures_answered(struct gateway *gateway, uint64_t connection)
{
	struct departure *departure;

	DL_FOREACH (gateway->departures, departure)
		if (departure->connection == connection) {
			if (--departure->asks == 0)
				finish(gateway, departure);
			return;
		}
}

void
departures_sweep(struct gateway *gateway)
{
	uint64_t now_ms = loop_now_ms(gateway->loop);

	while (gateway->departures != NULL &&
	       now_ms - gateway->departures->began_ms >= WAIT_FOR_WORDS_MS)
		finish(gateway, gateway->departures);
}

void
departures_free(struct gateway *gateway)
{
	while (gateway->departures != NULL)
		finish(gateway, gateway->departures);
}
