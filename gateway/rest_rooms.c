/* SPDX-License-Identifier: MIT */
/* gateway/rest_rooms.c - rooms and their messages over REST.
 *
 * Who may see, read and write what is decided by the store. A message goes to
 * the router, as one that came by WebSocket does, and is heard by all.
 */
#include "gateway/json_moderation.h"
#include "gateway/json_objects.h"
#include "gateway/moderation.h"
#include "gateway/posts.h"
#include "gateway/rate.h"
#include "gateway/reply.h"
#include "gateway/rest_internal.h"
#include "gateway/rooms.h"

#include <stdio.h>

#define DESCRIPTION_MAX 1024 /* bytes */
#define HISTORY_DEFAULT 50
#define HISTORY_MAX     500

/* --- Rooms */

static bool
is_asked(const struct connection *c, const char *name)
{
	return http_query_is(&c->http->request, name, "1");
}

static errand_step on_rooms;

static void
ask_rooms(struct errand *errand, struct connection *c, uint64_t after)
{
	struct frame request = {
		.kind = FRAME_get_rooms,
		.get_rooms.user = errand->user.user,
		.get_rooms.after = after,
		.get_rooms.archived = is_asked(c, "archived"),
	};

	errand_ask(errand, c, store_of(c), &request, FRAME_rooms, on_rooms);
}

/* One page of them; the store ends each at some 256 KiB. */
static void
on_rooms(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	const struct frame_rooms *page = &answer->rooms;
	const struct frame_room_info *rooms = page->rooms.items;
	bool peers = is_asked(c, "peers"), details = is_asked(c, "details");

	for (size_t i = 0; i < page->rooms.n; i++)
		if (details)
			json_room_details(&errand->page, NULL, &rooms[i], true);
		else
			json_room(&errand->page, NULL, &rooms[i], peers);
	if (page->next != 0 && page->rooms.n > 0 && !errand->page.failed) {
		ask_rooms(errand, c, page->next);
		return;
	}
	json_close(&errand->page, ']');
	json_close(&errand->page, '}');
	reply_json(c, 200, &errand->page, NULL);
}

void
serve_rooms(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	(void)answer;
	json_open(&errand->page, NULL, '{');
	json_open(&errand->page, "rooms", '[');
	ask_rooms(errand, c, 0);
}

static void
on_new_room(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	const struct frame_rooms *rooms = &answer->rooms;
	const struct frame_room_info *room = rooms->rooms.items;
	struct json_writer w = { 0 };

	if (rooms->rooms.n != 1) {
		reply_problem(c, 503, "the store did not say which room", NULL,
			      NULL);
		return;
	}
	rooms_announce(c->gateway, &errand->user, &room->room);
	json_room(&w, NULL, room, false);
	reply_json(c, 201, &w, NULL);
}

static bool
read_kind(const struct errand *errand, struct connection *c,
	  struct frame_create_room *wish)
{
	struct slice word;

	if (!errand_text(errand, c, "kind", 16, &word))
		return false;
	wish->kind = ROOM_PRIVATE;
	if (word.n == 0 || slice_is(word, "public"))
		wish->kind = ROOM_PUBLIC;
	else if (slice_is(word, "invite"))
		wish->visibility = VISIBLE_BY_INVITE;
	else if (!slice_is(word, "private")) {
		reply_wrong(c, "kind", "must be public, private or invite");
		return false;
	}
	return true;
}

static bool
read_new_room(const struct errand *errand, struct connection *c,
	      struct frame_create_room *wish)
{
	if (!errand_text(errand, c, "name", NAME_MAX_BYTES, &wish->name) ||
	    !errand_text(errand, c, "description", DESCRIPTION_MAX,
			 &wish->description) ||
	    !read_kind(errand, c, wish))
		return false;
	if (name_is_valid(wish->name))
		return true;
	reply_wrong(c, "name", "must have 1 to 64 printable characters");
	return false;
}

void
serve_new_room(struct errand *errand, struct connection *c,
	       const struct frame *answer)
{
	struct frame request = { .kind = FRAME_create_room };
	struct frame_create_room *wish = &request.create_room;

	(void)answer;
	if (!errand_read_body(errand, c) || !read_new_room(errand, c, wish))
		return;
	uuid_make_v7(&wish->room, loop_unix_ms(c->gateway->loop));
	wish->user = errand->user.user;
	wish->user_number = errand->user.user_number;
	wish->user_name = errand->user.user_name;
	errand_ask(errand, c, store_of(c), &request, FRAME_rooms, on_new_room);
}

/* --- Which room the path names */

static void
on_found_room(struct errand *errand, struct connection *c,
	      const struct frame *answer)
{
	const struct frame_room_info *room = answer->rooms.rooms.items;
	errand_step *then = errand->then;

	if (answer->rooms.rooms.n != 1) {
		reply_problem(c, 404, "no such room", NULL, NULL);
		return;
	}
	errand->room = room->room;
	then(errand, c, NULL);
}

/* Sets errand->room and goes on with `then`. What reads as a UUID is one, even
 * if a room has that for a name. */
void
with_room(struct errand *errand, struct connection *c, errand_step *then)
{
	struct frame request = { .kind = FRAME_get_room };
	char text[NAME_MAX_BYTES + 1];
	int n = http_path_segment(&c->http->request, 2, text, sizeof text);
	struct slice name = { text, n > 0 ? (size_t)n : 0 };

	if (uuid_parse(&errand->room, name)) {
		then(errand, c, NULL);
		return;
	}
	if (!name_is_valid(name)) {
		reply_problem(c, 404, "no such room", NULL, NULL);
		return;
	}
	errand->then = then;
	request.get_room.user = errand->user.user;
	request.get_room.name = name;
	errand_ask(errand, c, store_of(c), &request, FRAME_rooms,
		   on_found_room);
}

/* --- Messages */

static void
on_history(struct errand *errand, struct connection *c,
	   const struct frame *answer)
{
	const struct frame_history *page = &answer->history;
	struct json_writer w = { 0 };

	(void)errand;
	json_open(&w, NULL, '{');
	json_messages(&w, "messages", &page->messages);
	json_bool(&w, "has_more", page->more);
	json_close(&w, '}');
	reply_json(c, 200, &w, NULL);
}

static void
ask_history(struct errand *errand, struct connection *c,
	    const struct frame *answer)
{
	struct frame request = {
		.kind = FRAME_get_history,
		.get_history.room = errand->room,
		.get_history.user = errand->user.user,
		.get_history.limit = HISTORY_DEFAULT,
	};
	struct frame_get_history *wish = &request.get_history;

	(void)answer;
	if (!query_number(c, "limit", 1, HISTORY_MAX, &wish->limit) ||
	    !query_number(c, "before", 1, INT64_MAX, &wish->before))
		return;
	errand_ask(errand, c, store_of(c), &request, FRAME_history, on_history);
}

void
serve_messages(struct errand *errand, struct connection *c,
	       const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_history);
}

static void
reply_message(struct connection *c, const struct frame_message *message)
{
	struct json_writer w = { 0 };

	json_message(&w, NULL, message, true);
	reply_json(c, 201, &w, NULL);
}

/* The answer to a post names its place; what else there is to a message, we
 * said ourselves. */
static void
reply_posted(struct errand *errand, struct connection *c,
	     const struct frame_posted *posted)
{
	const json_t *content = json_object_get(errand->body, "content");
	const struct frame_message message = {
		.room = errand->room,
		.seq = posted->seq,
		.message = posted->message,
		.number = posted->number,
		.user = errand->user.user,
		.user_name = errand->user.user_name,
		.nonce = errand->nonce,
		.text = { json_string_value(content),
			  json_string_length(content) },
		.at = posted->at,
	};

	reply_message(c, &message);
}

static void
on_posted(struct errand *errand, struct connection *c,
	  const struct frame *answer)
{
	if (answer->kind == FRAME_posted)
		reply_posted(errand, c, &answer->posted);
	else if (answer->kind == FRAME_message)
		reply_message(c, &answer->message);
	else
		reply_problem(c, 503, "the router gave no fitting answer", NULL,
			      NULL);
}

static bool
read_nonce(struct errand *errand, struct connection *c)
{
	struct slice text;

	if (!errand_text(errand, c, "client_message_id", 64, &text))
		return false;
	if (text.n == 0 && !json_is_string(json_object_get(
			       errand->body, "client_message_id"))) {
		uuid_make_v7(&errand->nonce, loop_unix_ms(c->gateway->loop));
		return true;
	}
	if (uuid_parse(&errand->nonce, text) && !uuid_is_nil(&errand->nonce))
		return true;
	reply_wrong(c, "client_message_id", "must be a UUID");
	return false;
}

static bool
read_content(const struct errand *errand, struct connection *c,
	     struct slice *text)
{
	if (!errand_text(errand, c, "content", c->gateway->max_message, text))
		return false;
	if (text->n > 0)
		return true;
	reply_wrong(c, "content", "must have at least one byte");
	return false;
}

static void
ask_post(struct errand *errand, struct connection *c,
	 const struct frame *answer)
{
	struct gateway *g = c->gateway;
	struct frame request = { .kind = FRAME_post };
	struct frame_post *post = &request.post;

	(void)answer;
	if (!errand_read_body(errand, c) || !read_nonce(errand, c) ||
	    !read_content(errand, c, &post->text))
		return;
	if (!rate_allows(g, &errand->user.user)) {
		reply_problem(c, 429, "too many messages", NULL, NULL);
		return;
	}
	post->room = errand->room;
	post->user = errand->user.user;
	post->user_number = errand->user.user_number;
	post->user_name = errand->user.user_name;
	post->nonce = errand->nonce;
	posts_begin(g, post);
	errand_ask(errand, c, bus_owner(g->bus, ROUTER, &errand->room),
		   &request, FRAME_none, on_posted);
}

void
serve_new_message(struct errand *errand, struct connection *c,
		  const struct frame *answer)
{
	(void)answer;
	with_room(errand, c, ask_post);
}
