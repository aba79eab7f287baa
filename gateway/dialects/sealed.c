/* SPDX-License-Identifier: MIT */
/* gateway/dialects/sealed.c - encrypted rooms that are joined by a key: JSON
 * objects whose one key is what they are about.
 *
 * No account is needed: who creates or joins a room becomes a guest with a name
 * for as long as it stays. Errors never close the connection.
 */
#include "gateway/dialects/sealed.h"

#include "gateway/connection.h"
#include "gateway/gather.h"
#include "gateway/posts.h"

#include <stdlib.h>

void
sealed_tell_error(struct client *client, const char *message)
{
	client_send_answer(client, sealed_error(message));
}

struct seat *
sealed_seat_of(const struct client *client)
{
	const struct sealed_state *state = client->own;

	return state->room == NULL ? NULL
				   : rooms_seat_of(client, &state->room->id);
}

/* --- Who is there */

struct listing {
	const struct uuid *self;
	struct json_writer names;
	bool has_self;
};

static void
list_person(void *context, const struct frame_person *person)
{
	struct listing *listing = context;

	listing->has_self |= uuid_equal(&person->user, listing->self);
	json_text(&listing->names, NULL, person->user_name);
}

/* The client is there, whether presence has told so or not. Returns how many
 * there are. */
static size_t
list_participants(const struct client *client, const struct seat *seat,
		  struct listing *listing)
{
	const struct roster *roster = &seat->room->roster;

	*listing = (struct listing){ .self = &client->user->id };
	roster_each(roster, SIZE_MAX, list_person, listing);
	if (!listing->has_self)
		json_text(&listing->names, NULL, slice_of(client->user->name));
	return roster_count(roster) + !listing->has_self;
}

void
sealed_tell_joined(struct client *client, const struct seat *seat)
{
	const struct sealed_state *state = client->own;
	struct listing listing;
	size_t n = list_participants(client, seat, &listing);
	const struct buffer *b = &listing.names.buffer;

	if (listing.names.failed)
		sealed_tell_error(client, SEALED_UNAVAILABLE);
	else
		client_send_answer(
		    client, sealed_joined(state->room, n,
					  (struct slice){
					      (const char *)b->bytes, b->n }));
	json_fini(&listing.names);
}

void
sealed_tell_created(struct client *client, const struct seat *seat)
{
	const struct sealed_state *state = client->own;
	struct listing listing;
	size_t n = list_participants(client, seat, &listing);

	client_send_answer(client, sealed_created(state->room, n));
	json_fini(&listing.names);
}

/* --- Requests */

/* What was said comes by the room. */
static void
on_posted(struct client *client, void *context, const struct frame *answer)
{
	(void)context;
	if (answer->kind == FRAME_refused)
		sealed_tell_error(client, "the message was not confirmed; try "
					  "again later");
}

static void
say(struct client *client, struct sealed_request *request)
{
	const struct seat *seat = sealed_seat_of(client);
	const char *wrong =
	    posts_fault(client_gateway(client), request->content);

	if (seat == NULL)
		wrong = SEALED_NOWHERE;
	else if (wrong == NULL && !client_may_speak(client))
		wrong = "too many messages; slow down";
	if (wrong != NULL)
		sealed_tell_error(client, wrong);
	else
		posts_say(client, seat, request->content, WAIT_MS, on_posted,
			  NULL);
}

static void
get_members(struct client *client, struct sealed_request *request)
{
	const struct seat *seat = sealed_seat_of(client);

	(void)request;
	if (seat == NULL)
		sealed_tell_error(client, SEALED_NOWHERE);
	else
		sealed_tell_joined(client, seat);
}

static void
on_gathered(struct client *client, struct slice messages,
	    const struct frame_refused *why)
{
	if (why == NULL)
		client_send_answer(client, sealed_history(messages));
	else
		sealed_tell_error(client, SEALED_UNAVAILABLE);
}

static void
get_history(struct client *client, struct sealed_request *request)
{
	const struct seat *seat = sealed_seat_of(client);
	struct gather_wish wish = { .limit = request->limit,
				    .write = sealed_write_message };

	if (seat == NULL) {
		sealed_tell_error(client, SEALED_NOWHERE);
		return;
	}
	wish.room = seat->room->id;
	gather_newest(client, &wish, on_gathered);
}

/* clang-format off */
static void (*const handlers[SEALED_KINDS])(struct client *client,
					    struct sealed_request *request) = {
	[SEALED_CREATE_ROOM]  = sealed_room_enter,
	[SEALED_JOIN_ROOM]    = sealed_room_enter,
	[SEALED_CHAT_MESSAGE] = say,
	[SEALED_GET_MEMBERS]  = get_members,
	[SEALED_GET_HISTORY]  = get_history,
};
/* clang-format on */

/* --- The connection */

static void
on_text(struct client *client, struct slice text)
{
	struct sealed_request request;

	if (sealed_request_read(&request, text,
				client->variant == SEALED_EXTENDED))
		handlers[request.kind](client, &request);
	else
		sealed_tell_error(client, request.fault);
	sealed_request_fini(&request);
}

static void
on_binary(struct client *client, struct slice bytes)
{
	(void)bytes;
	sealed_tell_error(client, "wants text, not binary");
}

static enum admission
admit(const struct gateway *gateway, const struct http_request *request)
{
	(void)gateway;
	(void)request;
	return ADMIT_GUESTS;
}

static const char *
on_request(struct client *client, const struct http_request *request)
{
	struct sealed_state *state = calloc(1, sizeof *state);

	if (state == NULL)
		return "out of memory";
	memcpy(state->address, client->connection->http->address,
	       sizeof state->address);
	client->own = state;
	if (http_query_is(request, "v", "2"))
		client->variant = SEALED_EXTENDED;
	return NULL;
}

static void
on_close(struct client *client)
{
	struct sealed_state *state = client->own;

	client->own = NULL;
	if (state == NULL)
		return;
	sealed_attempt_free(state->attempt);
	sealed_room_free(state->room);
	free(state);
}

const struct dialect dialect_sealed = {
	.name = "sealed",
	.admission = admit,
	.on_request = on_request,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_close = on_close,
	.encode = sealed_encode,
};
