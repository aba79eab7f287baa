/* SPDX-License-Identifier: MIT */
/* gateway/asks.c - sends questions, finds the client again for the answer. */
#include "gateway/asks.h"

#include "gateway/connection.h"
#include "gateway/departures.h"

#include <stdlib.h>

struct ask {
	uint64_t client; /* the connection's id */
	ask_handler *on_answer;
	void *context;
	void (*free_context)(void *context);
};

struct ask_inner {
	ask_handler *on_answer;
	void *context;
};

struct frame
asks_unavailable(void)
{
	return (struct frame){
		.kind = FRAME_refused,
		.refused.code = slice_of(error_name(ERROR_unavailable)),
		.refused.text = slice_of("try again later"),
	};
}

/* The handler may end the client. */
static void
on_answered(void *self, void *context, const struct frame *answer)
{
	struct ask *ask = context;
	struct client *client = client_find(self, ask->client);

	figures_hear_answer(self, answer);
	if (client == NULL)
		departures_answered(self, ask->client);
	if (client == NULL || client->is_closing)
		ask->free_context(ask->context);
	else
		ask->on_answer(client, ask->context, answer);
	client = client_find(self, ask->client);
	if (client != NULL)
		client_ask_end(client);
	free(ask);
}

void
asks_send_for(struct client *client, struct peer *peer, struct frame *question,
	      unsigned wait_ms, ask_handler *on_answer, void *context,
	      void (*free_context)(void *context))
{
	struct ask *ask = malloc(sizeof *ask);
	const struct frame refused = asks_unavailable();

	question->trace = connection_trace(client->connection);
	if (ask != NULL) {
		*ask = (struct ask){ client_id(client), on_answer, context,
				     free_context };
		if (peer != NULL &&
		    bus_ask(peer, question, wait_ms, on_answered,
			    client_gateway(client), ask) != 0) {
			client_ask_begin(client, peer);
			return;
		}
		free(ask);
	}
	on_answer(client, context, &refused);
}

void
asks_send(struct client *client, struct peer *peer, struct frame *question,
	  unsigned wait_ms, ask_handler *on_answer, void *context)
{
	asks_send_for(client, peer, question, wait_ms, on_answer, context,
		      free);
}

struct ask_inner *
asks_inner(struct client *client, ask_handler *on_answer, void *context)
{
	const struct frame refused = asks_unavailable();
	struct ask_inner *inner = malloc(sizeof *inner);

	if (inner == NULL)
		on_answer(client, context, &refused);
	else
		*inner = (struct ask_inner){ on_answer, context };
	return inner;
}

void
asks_inner_answer(struct client *client, struct ask_inner *inner,
		  const struct frame *answer)
{
	inner->on_answer(client, inner->context, answer);
	free(inner);
}

void
asks_inner_free(void *inner)
{
	struct ask_inner *one = inner;

	free(one->context);
	free(one);
}
