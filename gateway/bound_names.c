/* SPDX-License-Identifier: MIT */
/* gateway/bound_names.c - claims names at presence, and gives way to older
 * claims.
 */
#include "gateway/bound_names.h"

#include "gateway/connection.h"

#include <stdlib.h>

static struct frame
make_bind(const struct client *client, const struct uuid *room, uint64_t since)
{
	struct frame frame = { .kind = FRAME_bind };

	frame.bind.connection = client_id(client);
	frame.bind.room = *room;
	frame.bind.name = slice_of(client->user->name);
	frame.bind.since = since;
	return frame;
}

struct claim {
	struct uuid room;
	bool is_repeated;
	struct uuid user; /* the guest that wanted it */
	struct ask_inner *inner;
};

static void
free_claim(void *context)
{
	struct claim *claim = context;

	asks_inner_free(claim->inner);
	free(claim);
}

static void ask(struct client *client, struct claim *claim);

static void
on_answer(struct client *client, void *context, const struct frame *answer)
{
	struct claim *claim = context;

	/* Asked again on a new link, it came before presence was told anew of
	 * the connection. */
	if (answer->kind == FRAME_refused && !claim->is_repeated &&
	    error_find(answer->refused.code) == ERROR_invalid) {
		claim->is_repeated = true;
		ask(client, claim);
		return;
	}
	if (answer->kind == FRAME_done &&
	    uuid_equal(&claim->user, &client->user->id)) {
		client->particulars->bound_room = claim->room;
		client->particulars->bound_since_ms =
		    loop_unix_ms(client_gateway(client)->loop);
	}
	asks_inner_answer(client, claim->inner, answer);
	free(claim);
}

static void
ask(struct client *client, struct claim *claim)
{
	struct frame frame = make_bind(client, &claim->room, 0);

	asks_send_for(client, client_presence(client), &frame, WAIT_MS,
		      on_answer, claim, free_claim);
}

void
bound_names_claim(struct client *client, const struct uuid *room,
		  ask_handler *on_claimed, void *context)
{
	const struct frame refused = asks_unavailable();
	struct ask_inner *inner = asks_inner(client, on_claimed, context);
	struct claim *claim;

	if (inner == NULL)
		return;
	claim = malloc(sizeof *claim);
	if (claim == NULL || client_particulars(client) == NULL) {
		free(claim);
		asks_inner_answer(client, inner, &refused);
		return;
	}
	*claim = (struct claim){ .room = *room,
				 .user = client->user->id,
				 .inner = inner };
	ask(client, claim);
}

void
bound_names_yield(struct client *client)
{
	connection_close(client->connection, WEBSOCKET_TRY_LATER,
			 "the name belongs to somebody who had it before");
}

static void
on_retold(struct client *client, void *context, const struct frame *answer)
{
	free(context);
	if (answer->kind == FRAME_refused &&
	    error_find(answer->refused.code) == ERROR_taken)
		bound_names_yield(client);
}

void
bound_names_retell(struct client *client)
{
	const struct uuid bound = client_bound_room(client);
	struct frame frame;

	if (uuid_is_nil(&bound))
		return;
	frame = make_bind(client, &bound, client->particulars->bound_since_ms);
	asks_send(client, client_presence(client), &frame, WAIT_MS, on_retold,
		  NULL);
}

void
bound_names_forget(struct client *client, const struct uuid *room)
{
	const struct uuid bound = client_bound_room(client);

	if (client->particulars != NULL && uuid_equal(&bound, room))
		client->particulars->bound_room = (struct uuid){ 0 };
}

void
bound_names_find(struct client *client, const struct uuid *room,
		 struct slice name, ask_handler *on_found, void *context)
{
	struct frame frame = { .kind = FRAME_find_bound };

	frame.find_bound.room = *room;
	frame.find_bound.name = name;
	asks_send(client, client_presence(client), &frame, WAIT_MS, on_found,
		  context);
}
