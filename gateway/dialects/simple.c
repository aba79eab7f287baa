/* SPDX-License-Identifier: MIT */
/* gateway/dialects/simple.c - one room for each connection, named in the query;
 * what comes in is said there.
 *
 * A text frame is a message as it stands, unless it is a JSON object with a
 * string `message`. Whatever the server itself has to say is a line that begins
 * with `system:` and has no author. So nothing but the answer to the upgrade
 * can tell a client that it hears the room: it is given once that is so.
 */
#include "gateway/announce.h"
#include "gateway/connection.h"
#include "gateway/credentials.h"
#include "gateway/dialect.h"
#include "gateway/json_objects.h"
#include "gateway/posts.h"
#include "gateway/refusals.h"
#include "gateway/visits.h"
#include "proto/names.h"

#include <jansson.h>
#include <stdlib.h>

#define ROOM_DEFAULT "general"

/* How long an upgrade may wait for its room, in seconds. */
#define UPGRADE_WAIT_S 3

/* client->own */
struct simple {
	struct uuid room;
	bool is_asking; /* for the room */
	bool is_there;
	uint8_t age_s;
	char name[NAME_MAX_BYTES + 1]; /* of the room */
};

/* --- What is sent */

/* `system: SUBJECT TEXT`; the subject may be empty. */
static struct parcel *
system_line(struct gateway *gateway, struct slice subject, const char *text)
{
	struct json_writer w = { 0 };
	struct buffer line = { 0 };
	struct parcel *parcel = NULL;

	if (buffer_printf(&line, "system: %.*s%s%s", (int)subject.n,
			  subject.n == 0 ? "" : subject.at,
			  subject.n == 0 ? "" : " ", text) == 0) {
		json_open(&w, NULL, '{');
		json_text(&w, "message",
			  (struct slice){ (const char *)line.bytes, line.n });
		json_number(&w, "timestamp",
			    loop_unix_ms(gateway->loop) / 1000);
		json_close(&w, '}');
		parcel = json_frame(&w);
	}
	buffer_fini(&line);
	return parcel;
}

static void
refuse(struct client *client, const char *why)
{
	client_send_answer(client, system_line(client_gateway(client),
					       (struct slice){ 0 }, why));
}

static struct parcel *
encode_message(const struct frame_message *message)
{
	struct json_writer w = { 0 };

	json_open(&w, NULL, '{');
	json_uuid(&w, "user_id", &message->user);
	json_text(&w, "username", message->user_name);
	json_text(&w, "message", message->text);
	json_number(&w, "timestamp", message->at / 1000);
	json_close(&w, '}');
	return json_frame(&w);
}

static struct parcel *
encode(const struct event *event, unsigned variant)
{
	(void)variant;
	switch (event->kind) {
	case EVENT_MESSAGE:
		return encode_message(event->message);
	case EVENT_CAME:
		return system_line(event->room->gateway,
				   event->person->user_name, "joined");
	case EVENT_WENT:
		return system_line(event->room->gateway,
				   event->person->user_name, "left");
	default:
		return NULL;
	}
}

/* --- The room */

/* A daemon that is away may come back. */
static void
turn_away(struct client *client, enum error_code code)
{
	const char *words = "this room is not for everybody";

	if (code == ERROR_unavailable)
		return;
	if (code == ERROR_banned)
		words = "you are banned from this room";
	if (code == ERROR_archived)
		words = "the room is archived";
	refuse(client, words);
	connection_close(client->connection,
			 code == ERROR_banned ? CLOSE_BANNED : WEBSOCKET_POLICY,
			 words);
}

static void
on_removed(struct client *client, const struct removal *removal)
{
	if (!removal->was_visit)
		return;
	refuse(client, removal->words);
	connection_close(client->connection,
			 removal->code == ERROR_banned ? CLOSE_BANNED
						       : CLOSE_KICKED,
			 removal->words);
}

static void
on_visit(struct client *client, struct seat *seat,
	 const struct frame_refused *why)
{
	struct simple *simple = client->own;

	simple->is_asking = false;
	connection_uncork(client->connection);
	if (!client->is_announced)
		announce_opened(client);
	if (seat != NULL) {
		simple->is_there = true;
		simple->room = seat->room->id;
	} else {
		turn_away(client, error_find(why->code));
	}
	client_release(client);
}

/* What it says meanwhile waits. */
static void
begin_visit(struct client *client)
{
	struct simple *simple = client->own;
	const struct visit_wish wish = { .name = slice_of(simple->name),
					 .makes_room = true,
					 .waits_until_told = true };

	simple->is_asking = true;
	client_hold(client);
	visits_begin(client, &wish, on_visit);
}

/* A daemon that was away may be back. */
static void
on_second(struct client *client)
{
	struct simple *simple = client->own;

	if (simple->age_s < UPGRADE_WAIT_S && ++simple->age_s == UPGRADE_WAIT_S)
		connection_uncork(client->connection);
	if (client->is_ready && !simple->is_there && !simple->is_asking)
		begin_visit(client);
}

static bool
hears(const struct client *client, const struct seat *seat)
{
	(void)client;
	return seat->is_visit;
}

/* --- What comes */

static void
on_posted(struct client *client, void *context, const struct frame *answer)
{
	char why[REFUSAL_TEXT_BYTES];

	(void)context;
	if (answer->kind != FRAME_refused)
		return;
	refusal_words(&answer->refused, why);
	refuse(client, why);
}

static void
say(struct client *client, struct slice content)
{
	const struct simple *simple = client->own;
	const struct seat *seat = rooms_seat_of(client, &simple->room);
	const char *fault = posts_fault(client_gateway(client), content);

	if (fault != NULL)
		refuse(client, fault);
	else if (!simple->is_there || seat == NULL)
		refuse(client, "the room is not available; try again later");
	else if (!client_may_speak(client))
		refuse(client, "too many messages; slow down");
	else
		posts_say(client, seat, content, WAIT_MS, on_posted, NULL);
}

static void
on_text(struct client *client, struct slice text)
{
	json_error_t error;
	/* Whatever else the object holds is not read: no number is too big. */
	json_t *body = json_loadb(
	    text.at, text.n, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	const json_t *message =
	    json_is_object(body) ? json_object_get(body, "message") : NULL;

	if (json_is_string(message))
		say(client, (struct slice){ json_string_value(message),
					    json_string_length(message) });
	else
		say(client, text);
	json_decref(body);
}

static void
on_binary(struct client *client, struct slice bytes)
{
	(void)bytes;
	refuse(client, "wants text, not binary");
}

/* --- The connection */

static enum admission
admission(const struct gateway *gateway, const struct http_request *request)
{
	(void)gateway;
	return credentials_are_in_query(request) ? ADMIT_USERS : ADMIT_NOBODY;
}

static const char *
on_request(struct client *client, const struct http_request *request)
{
	struct simple *simple = calloc(1, sizeof *simple);
	int n;

	if (simple == NULL)
		return "out of memory";
	client->own = simple;
	client->comes_late = true;
	n = http_query(request, "room", simple->name, sizeof simple->name);
	if (n == HTTP_ABSENT || n == 0)
		n = snprintf(simple->name, sizeof simple->name, "%s",
			     ROOM_DEFAULT);
	if (n < 0 || !name_is_valid((struct slice){ simple->name, (size_t)n }))
		return "room: wants 1 to 64 printable characters";
	return NULL;
}

static void
on_open(struct client *client)
{
	connection_cork(client->connection);
}

static void
on_close(struct client *client)
{
	free(client->own);
}

const struct dialect dialect_simple = {
	.name = "simple",
	.tells_own_coming = true,
	.admission = admission,
	.on_request = on_request,
	.on_open = on_open,
	.on_ready = begin_visit,
	.on_second = on_second,
	.hears = hears,
	.on_removed = on_removed,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_close = on_close,
	.encode = encode,
};
