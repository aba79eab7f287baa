/* SPDX-License-Identifier: MIT */
/* gateway/dialects/hub_history.c - the newest messages of a room, as one frame.
 *
 * The store answers in pages of a bounded size, newest first among pages; they
 * are kept as JSON, each before the one that came before it, until there are
 * enough or the room has no more. The client says nothing meanwhile.
 */
#include "gateway/asks.h"
#include "gateway/dialects/hub.h"
#include "gateway/directs.h"

#include <stdlib.h>
#include <utlist.h>

#define CONTENT_MAX ((size_t)1024 * 1024)
#define PAGE_LIMIT  500 /* messages that are asked for at once */

/* Elements of the answer, oldest first, with commas between them. */
struct page {
	struct json_writer json;
	struct page *next;
};

struct hub_history {
	const char *type; /* of the request, and of its answer */
	struct uuid room;
	struct page *pages;   /* oldest first */
	uint64_t wanted;      /* messages that may still be taken */
	uint64_t before;      /* the oldest one read; 0: none yet */
	size_t content_bytes; /* of those that were taken */
};

void
hub_history_free(struct hub_history *history)
{
	struct page *page, *next;

	if (history == NULL)
		return;
	LL_FOREACH_SAFE (history->pages, page, next) {
		json_fini(&page->json);
		free(page);
	}
	free(history);
}

static struct hub_history *
history_of(const struct client *client)
{
	const struct hub *hub = client->own;

	return hub->history;
}

/* The client is heard again. */
static void
finish(struct client *client)
{
	struct hub *hub = client->own;

	hub_history_free(hub->history);
	hub->history = NULL;
	client_release(client);
}

static void
refuse(struct client *client, const struct frame_refused *why)
{
	hub_refuse_why(client, history_of(client)->type, why);
	finish(client);
}

static void
refuse_unavailable(struct client *client)
{
	const struct frame refused = asks_unavailable();

	refuse(client, &refused.refused);
}

static void
send_gathered(struct client *client)
{
	const struct hub_history *history = history_of(client);
	const struct page *page;
	struct json_writer w;
	struct parcel *parcel;

	hub_begin(&w, history->type, '[');
	LL_FOREACH (history->pages, page)
		json_raw(&w, NULL,
			 (struct slice){ (char *)page->json.buffer.bytes,
					 page->json.buffer.n });
	parcel = hub_end(&w, ']');
	if (parcel == NULL) {
		refuse_unavailable(client);
		return;
	}
	client_send_answer(client, parcel);
	finish(client);
}

/* --- Pages of messages */

/* Takes the newest of a page as far as they are wanted and fit; says which is
 * the first of them. Nothing older is wanted once one did not fit. */
static size_t
take_newest(struct hub_history *history, const struct frame_message *messages,
	    size_t n)
{
	while (n > 0 && history->wanted > 0) {
		const struct frame_message *message = &messages[n - 1];

		if (!message->deleted) {
			size_t bytes = history->content_bytes + message->text.n;
			if (bytes > CONTENT_MAX) {
				history->wanted = 0;
				break;
			}
			history->content_bytes = bytes;
			history->wanted--;
		}
		n--;
	}
	return n;
}

/* 0, or -1 without memory. */
static int
keep_page(struct hub_history *history, const frame_list *list)
{
	const struct frame_message *messages = list->items;
	size_t i = take_newest(history, messages, list->n);
	struct page *page = calloc(1, sizeof *page);

	if (page == NULL)
		return -1;
	for (; i < list->n; i++)
		if (!messages[i].deleted)
			hub_write_message(&page->json, &messages[i]);
	if (page->json.failed || page->json.buffer.n == 0) {
		int rc = page->json.failed ? -1 : 0;
		json_fini(&page->json);
		free(page);
		return rc;
	}
	LL_PREPEND(history->pages, page);
	return 0;
}

static void ask_page(struct client *client);

static void
on_page(struct client *client, void *context, const struct frame *answer)
{
	struct hub_history *history = history_of(client);
	const struct frame_message *messages;

	(void)context;
	if (answer->kind != FRAME_history) {
		refuse(client, &answer->refused);
		return;
	}
	messages = answer->history.messages.items;
	if (keep_page(history, &answer->history.messages) != 0) {
		refuse_unavailable(client);
	} else if (history->wanted > 0 && answer->history.more &&
		   answer->history.messages.n > 0) {
		history->before = messages[0].seq;
		ask_page(client);
	} else {
		send_gathered(client);
	}
}

/* Behind the first page lie large messages or many that were taken back: the
 * store itself bounds how much comes. */
static void
ask_page(struct client *client)
{
	const struct hub_history *history = history_of(client);
	struct frame frame = { .kind = FRAME_get_history };

	frame.get_history.room = history->room;
	frame.get_history.before = history->before;
	frame.get_history.limit =
	    history->before == 0 ? history->wanted : PAGE_LIMIT;
	asks_send(client, bus_next(client->gateway->bus, STORE), &frame,
		  WAIT_MS, on_page, NULL);
}

static void
read_room(struct client *client, const struct uuid *room)
{
	history_of(client)->room = *room;
	ask_page(client);
}

/* --- Which room */

/* Holds the client and notes what it wants. NULL, with an error sent, without
 * memory. */
static struct hub_history *
begin(struct client *client, const char *type, uint64_t limit)
{
	struct hub *hub = hub_of(client);
	struct hub_history *history =
	    hub == NULL ? NULL : calloc(1, sizeof *history);

	if (history == NULL) {
		const struct frame refused = asks_unavailable();
		hub_refuse_why(client, type, &refused.refused);
		return NULL;
	}
	history->type = type;
	history->wanted = limit;
	hub->history = history;
	client_hold(client);
	return history;
}

static void
ask_room(struct client *client, struct frame *frame, ask_handler *on_answer)
{
	frame->kind = FRAME_get_room;
	frame->get_room.user = client->user->id;
	asks_send(client, bus_next(client->gateway->bus, STORE), frame, WAIT_MS,
		  on_answer, NULL);
}

/* Of a room that the user may not read one learns no more than of one that does
 * not exist. */
static bool
may_read(const struct frame_room_info *room)
{
	return room->kind == ROOM_PUBLIC ||
	       (room->kind == ROOM_PRIVATE && room->member);
}

static void
on_room(struct client *client, void *context, const struct frame *answer)
{
	static const struct frame_refused no_room = {
		.code = { "room_not_found", sizeof "room_not_found" - 1 }
	};
	const struct frame_room_info *info = NULL;

	(void)context;
	if (answer->kind == FRAME_rooms && answer->rooms.rooms.n == 1)
		info = answer->rooms.rooms.items;
	if (info != NULL && may_read(info))
		read_room(client, &info->room);
	else if (answer->kind == FRAME_refused)
		refuse(client, &answer->refused);
	else
		refuse(client, &no_room);
}

void
hub_room_history(struct client *client, struct slice room, uint64_t limit)
{
	struct frame frame = { 0 };

	if (begin(client, "room_history", limit) == NULL)
		return;
	frame.get_room.name = room;
	ask_room(client, &frame, on_room);
}

/* Two who never wrote to each other have an empty history. */
static void
on_direct_room(struct client *client, void *context, const struct frame *answer)
{
	const struct frame_room_info *info;

	(void)context;
	if (answer->kind == FRAME_refused &&
	    error_find(answer->refused.code) != ERROR_room_not_found) {
		refuse(client, &answer->refused);
		return;
	}
	if (answer->kind != FRAME_rooms || answer->rooms.rooms.n != 1) {
		send_gathered(client);
		return;
	}
	info = answer->rooms.rooms.items;
	read_room(client, &info->room);
}

static void
on_peer(struct client *client, void *context, const struct frame *answer)
{
	static const struct frame_refused no_user = {
		.code = { "user_not_found", sizeof "user_not_found" - 1 }
	};
	struct frame frame = { 0 };
	const struct frame_person *peer;

	(void)context;
	if (answer->kind == FRAME_refused) {
		refuse(client, &answer->refused);
	} else if (answer->kind != FRAME_users || answer->users.users.n != 1) {
		refuse(client, &no_user);
	} else {
		peer = answer->users.users.items;
		frame.get_room.peer = peer->user;
		ask_room(client, &frame, on_direct_room);
	}
}

void
hub_dm_history(struct client *client, uint64_t with, uint64_t limit)
{
	const struct uuid *known = hub_known_room(client, with);
	const struct user_wish wish = { .number = with };

	if (begin(client, "dm_history", limit) == NULL)
		return;
	if (known != NULL)
		read_room(client, known);
	else
		directs_find_user(client, &wish, on_peer, NULL);
}
