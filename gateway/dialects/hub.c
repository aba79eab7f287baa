/* SPDX-License-Identifier: MIT */
/* gateway/dialects/hub.c - JSON objects with a `type`, answered by a `type` and
 * its `data`. Users are named by number and rooms by name.
 *
 * What a client says is taken one after the other: while a room is being
 * joined, opened or read, the rest waits. Errors never close the connection.
 */
#include "gateway/dialects/hub.h"

#include "gateway/directs.h"
#include "gateway/json_fault.h"
#include "gateway/posts.h"
#include "gateway/refusals.h"
#include "gateway/visits.h"
#include "proto/names.h"

#include <stdlib.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     500
#define NUMBER_MAX    ((UINT64_C(1) << 53) - 1) /* exact in every JSON reader */

struct hub_request {
	struct client *client;
	const char *type;
	const json_t *body;
};

struct hub *
hub_of(struct client *client)
{
	if (client->own == NULL)
		client->own = calloc(1, sizeof(struct hub));
	return client->own;
}

/* --- Errors */

void
hub_refuse(struct client *client, const char *type, struct slice words)
{
	char message[REFUSAL_TEXT_BYTES + 32];

	snprintf(message, sizeof message, "%s%s%.*s", type == NULL ? "" : type,
		 type == NULL ? "" : ": ", (int)words.n,
		 words.at == NULL ? "" : words.at);
	client_send_answer(client, hub_error(slice_of(message)));
}

/* Of some refusals the daemons know less than who reads them wants to. */
static struct slice
words_for(const struct frame_refused *why, char into[REFUSAL_TEXT_BYTES])
{
	switch (error_find(why->code)) {
	case ERROR_room_not_found:
		return slice_of("there is no such room");
	case ERROR_user_not_found:
		return slice_of("there is no such user");
	case ERROR_unavailable:
	case ERROR_lost:
		return slice_of("not possible at the moment; try again later");
	default:
		return why->text.n > 0 ? refusal_words(why, into)
				       : slice_of("not possible");
	}
}

void
hub_refuse_why(struct client *client, const char *type,
	       const struct frame_refused *why)
{
	char words[REFUSAL_TEXT_BYTES];

	hub_refuse(client, type, words_for(why, words));
}

static bool
refuse(const struct hub_request *request, const char *words)
{
	hub_refuse(request->client, request->type, slice_of(words));
	return false;
}

/* --- Fields: each is read with an error for the client if it is not as wanted
 */

static bool
read_text(const struct hub_request *request, const char *name,
	  struct slice *into)
{
	const json_t *value = json_object_get(request->body, name);
	char words[64];

	*into = (struct slice){ json_string_value(value),
				json_string_length(value) };
	if (into->at != NULL)
		return true;
	snprintf(words, sizeof words, "%s wants a string", name);
	return refuse(request, words);
}

static bool
read_room(const struct hub_request *request, struct slice *into)
{
	if (!read_text(request, "room", into))
		return false;
	if (name_is_valid(*into))
		return true;
	return refuse(request, "room wants 1 to 64 printable characters");
}

static bool
read_content(const struct hub_request *request, struct slice *into)
{
	const char *fault;

	if (!read_text(request, "content", into))
		return false;
	fault = posts_fault(client_gateway(request->client), *into);
	return fault == NULL || refuse(request, fault);
}

static bool
read_number(const struct hub_request *request, const char *name, uint64_t max,
	    uint64_t *into)
{
	const json_t *value = json_object_get(request->body, name);
	json_int_t number = json_integer_value(value);
	char words[80];

	if (json_is_integer(value) && number >= 1 && (uint64_t)number <= max) {
		*into = (uint64_t)number;
		return true;
	}
	snprintf(words, sizeof words, "%s wants a whole number from 1 to %ju",
		 name, (uintmax_t)max);
	return refuse(request, words);
}

/* The number of somebody else. */
static bool
read_peer(const struct hub_request *request, const char *name, uint64_t *into)
{
	if (!read_number(request, name, NUMBER_MAX, into))
		return false;
	if (*into != request->client->user->number)
		return true;
	return refuse(request, "that is yourself");
}

static bool
read_limit(const struct hub_request *request, uint64_t *into)
{
	const json_t *value = json_object_get(request->body, "limit");

	*into = LIMIT_DEFAULT;
	if (value == NULL || json_is_null(value))
		return true;
	return read_number(request, "limit", LIMIT_MAX, into);
}

static bool
may_speak(const struct hub_request *request)
{
	return client_may_speak(request->client) ||
	       refuse(request, "too many messages; slow down");
}

/* --- join */

static void
on_visit(struct client *client, struct seat *seat,
	 const struct frame_refused *why)
{
	if (seat != NULL)
		client_send_answer(client, hub_join_ack(seat->room->name));
	else
		hub_refuse_why(client, "join", why);
	client_release(client);
}

/* What is said right behind a join is said in the room. */
static void
join(const struct hub_request *request)
{
	struct visit_wish wish = { 0 };

	if (!read_room(request, &wish.name))
		return;
	client_hold(request->client);
	visits_begin(request->client, &wish, on_visit);
}

/* --- message */

/* What was said comes by the room, to its author too. */
static void
on_message_said(struct client *client, void *context,
		const struct frame *answer)
{
	(void)context;
	if (answer->kind == FRAME_refused)
		hub_refuse_why(client, "message", &answer->refused);
}

static void
message(const struct hub_request *request)
{
	struct client *client = request->client;
	const struct seat *seat;
	struct slice room, content;

	if (!read_room(request, &room) || !read_content(request, &content))
		return;
	seat = visits_find(client, room);
	if (seat == NULL) {
		refuse(request, "join the room first");
		return;
	}
	if (may_speak(request))
		posts_say(client, seat, content, WAIT_MS, on_message_said,
			  NULL);
}

/* --- dm */

struct hub_dm {
	uint64_t to;
	size_t n;
	char content[];
};

/* A room that is not heard here is opened again. */
const struct uuid *
hub_known_room(const struct client *client, uint64_t number)
{
	const struct hub *hub = client->own;

	for (size_t i = 0; hub != NULL && i < HUB_KNOWN; i++)
		if (hub->known[i].number == number &&
		    rooms_seat_of(client, &hub->known[i].room) != NULL)
			return &hub->known[i].room;
	return NULL;
}

static void
remember(struct client *client, uint64_t number, const struct uuid *room)
{
	struct hub *hub = client->own;

	if (hub_known_room(client, number) != NULL)
		return;
	hub->known[hub->next_known] = (struct hub_direct){ number, *room };
	hub->next_known = (hub->next_known + 1) % HUB_KNOWN;
}

static void
on_dm_said(struct client *client, void *context, const struct frame *answer)
{
	(void)context;
	if (answer->kind == FRAME_refused)
		hub_refuse_why(client, "dm", &answer->refused);
}

static void
say_directly(struct client *client, const struct uuid *room,
	     struct slice content)
{
	const struct post post = { .room = *room, .content = content };

	posts_send(client, &post, WAIT_MS, on_dm_said, NULL);
}

static void
on_open(struct client *client, void *context, const struct frame *answer)
{
	struct hub *hub = client->own;
	struct hub_dm *dm = hub->opening;

	(void)context;
	hub->opening = NULL;
	if (answer->kind == FRAME_direct) {
		remember(client, dm->to, &answer->direct.room);
		say_directly(client, &answer->direct.room,
			     (struct slice){ dm->content, dm->n });
	} else {
		hub_refuse_why(client, "dm", &answer->refused);
	}
	free(dm);
	client_release(client);
}

/* Nothing that the client says later overtakes this one. */
static void
open_and_say(struct client *client, uint64_t to, struct slice content)
{
	const struct user_wish wish = { .number = to };
	const struct frame refused = asks_unavailable();
	struct hub *hub = hub_of(client);
	struct hub_dm *dm = hub == NULL ? NULL : malloc(sizeof *dm + content.n);

	if (dm == NULL) {
		hub_refuse_why(client, "dm", &refused.refused);
		return;
	}
	dm->to = to;
	dm->n = content.n;
	memcpy(dm->content, content.at, content.n);
	hub->opening = dm;
	client_hold(client);
	directs_open(client, &wish, on_open, NULL);
}

static void
dm(const struct hub_request *request)
{
	const struct uuid *known;
	struct slice content;
	uint64_t to;

	if (!read_peer(request, "to", &to) ||
	    !read_content(request, &content) || !may_speak(request))
		return;
	known = hub_known_room(request->client, to);
	if (known != NULL)
		say_directly(request->client, known, content);
	else
		open_and_say(request->client, to, content);
}

/* --- room_history and dm_history */

static void
room_history(const struct hub_request *request)
{
	struct slice room;
	uint64_t limit;

	if (read_room(request, &room) && read_limit(request, &limit))
		hub_room_history(request->client, room, limit);
}

static void
dm_history(const struct hub_request *request)
{
	uint64_t with, limit;

	if (read_peer(request, "with", &with) && read_limit(request, &limit))
		hub_dm_history(request->client, with, limit);
}

/* --- The table */

static const struct {
	const char *type;
	void (*handle)(const struct hub_request *request);
} requests[] = {
	{ "join", join },
	{ "message", message },
	{ "dm", dm },
	{ "room_history", room_history },
	{ "dm_history", dm_history },
};

static void
dispatch(struct hub_request *request)
{
	const json_t *type = json_object_get(request->body, "type");
	const struct slice name = { json_string_value(type),
				    json_string_length(type) };

	if (name.at == NULL) {
		refuse(request, "type wants a string");
		return;
	}
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (slice_is(name, requests[i].type)) {
			request->type = requests[i].type;
			requests[i].handle(request);
			return;
		}
	refuse(request, "unknown type: it may be join, message, dm, "
			"room_history or dm_history");
}

static void
on_text(struct client *client, struct slice text)
{
	struct hub_request request = { .client = client };
	char fault[JSON_FAULT_BYTES];
	json_error_t error;
	json_t *body = json_loadb(
	    text.at, text.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	request.body = body;
	if (body == NULL)
		refuse(&request, json_fault_words(&error, fault));
	else if (!json_is_object(body))
		refuse(&request, "an object is wanted");
	else
		dispatch(&request);
	json_decref(body);
}

static void
on_binary(struct client *client, struct slice bytes)
{
	(void)bytes;
	hub_refuse(client, NULL, slice_of("text is wanted, not binary"));
}

/* Only the rooms that the connection joined itself, and what is said to its
 * user. */
static bool
hears(const struct client *client, const struct seat *seat)
{
	(void)client;
	return seat->is_visit || seat->room->kind == ROOM_DIRECT;
}

/* The reason may be long, and end anywhere. */
static void
on_removed(struct client *client, const struct removal *removal)
{
	const struct frame_moderated *moderated = removal->moderated;
	struct slice reason = { 0 };
	struct buffer words = { 0 };

	if (!removal->was_visit || removal->room_name == NULL)
		return;
	if (moderated != NULL)
		reason = moderated->reason;
	if (buffer_printf(&words, "%s: %s%s%.*s", removal->room_name,
			  removal->words, reason.n > 0 ? ": " : "",
			  (int)reason.n, reason.n > 0 ? reason.at : "") == 0)
		client_send_answer(
		    client, hub_error((struct slice){ (const char *)words.bytes,
						      words.n }));
	buffer_fini(&words);
}

static void
on_close(struct client *client)
{
	struct hub *hub = client->own;

	if (hub == NULL)
		return;
	free(hub->opening);
	free(hub);
	client->own = NULL;
}

const struct dialect dialect_hub = {
	.name = "hub",
	.hears = hears,
	.on_removed = on_removed,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_close = on_close,
	.encode = hub_encode,
};
