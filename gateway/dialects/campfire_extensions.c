/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_extensions.c - rooms, histories, direct rooms,
 * edits and searches. Each request is one question on the bus and one answer
 * (two for a direct room that is asked for by name).
 */
#include "gateway/dialects/campfire_extensions.h"

#include "gateway/directs.h"
#include "gateway/json_moderation.h"
#include "proto/names.h"

#include <stdlib.h>

#define LIMIT_DEFAULT 50
#define HISTORY_LIMIT 500
#define SEARCH_LIMIT  100
#define QUERY_MAX     1024
#define ANSWER_MAX    (4 * 1024 * 1024) /* of gathered pages */

static struct peer *
store_of(const struct client *client)
{
	return bus_next(client_gateway(client)->bus, STORE);
}

static void
send_gathered(struct client *client, struct campfire_ask *ask)
{
	json_close(&ask->gathered, ']');
	client_send_answer(client, campfire_end(&ask->gathered));
}

/* --- Pages of rooms: GetRooms, GetUnread */

static void
write_rooms(struct campfire_ask *ask, const frame_list *rooms,
	    void (*write)(struct json_writer *w,
			  const struct frame_room_info *room))
{
	const struct frame_room_info *infos = rooms->items;

	for (size_t i = 0; i < rooms->n; i++)
		write(&ask->gathered, &infos[i]);
}

/* Goes on with the next page, or sends what was gathered. */
static void
finish_page(struct client *client, struct campfire_ask *ask, uint64_t next)
{
	if (next != 0 && ask->gathered.buffer.n < ANSWER_MAX) {
		ask->again(client, ask, next);
		return;
	}
	send_gathered(client, ask);
	campfire_ask_free(ask);
}

static void
write_room(struct json_writer *w, const struct frame_room_info *room)
{
	json_room(w, NULL, room, false);
}

static void
write_room_and_peer(struct json_writer *w, const struct frame_room_info *room)
{
	json_room(w, NULL, room, true);
}

static void
write_room_details(struct json_writer *w, const struct frame_room_info *room)
{
	json_room_details(w, NULL, room, true);
}

static void (*writer_of(const struct campfire_ask *ask))(
    struct json_writer *w, const struct frame_room_info *room)
{
	if (ask->details)
		return write_room_details;
	return ask->flag ? write_room_and_peer : write_room;
}

static void
on_rooms(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client == NULL || answer->kind != FRAME_rooms) {
		campfire_ask_free(ask);
		return;
	}
	write_rooms(ask, &answer->rooms.rooms, writer_of(ask));
	finish_page(client, ask, answer->rooms.next);
}

static void
ask_rooms(struct client *client, struct campfire_ask *ask, uint64_t after)
{
	struct frame frame = { .kind = FRAME_get_rooms };

	frame.get_rooms.user = client->user->id;
	frame.get_rooms.after = after;
	campfire_ask_bus(client, store_of(client), &frame, on_rooms, ask);
}

static void
ask_archived(struct client *client, struct campfire_ask *ask, uint64_t after)
{
	struct frame frame = { .kind = FRAME_get_rooms };

	frame.get_rooms.user = client->user->id;
	frame.get_rooms.after = after;
	frame.get_rooms.archived = true;
	campfire_ask_bus(client, store_of(client), &frame, on_rooms, ask);
}

static bool
wants(const struct campfire_request *request, const char *name)
{
	return json_is_true(json_object_get(request->body, name));
}

static void
begin_pages(const struct campfire_request *request, const char *type,
	    void (*again)(struct client *, struct campfire_ask *, uint64_t))
{
	struct campfire_ask *ask = campfire_ask_new(request);

	if (ask == NULL)
		return;
	ask->again = again;
	ask->flag = wants(request, "peers");
	ask->details = wants(request, "details");
	campfire_begin(&ask->gathered, type, request->id);
	json_open(&ask->gathered, "rooms", '[');
	again(request->client, ask, 0);
}

void
campfire_get_rooms(const struct campfire_request *request)
{
	begin_pages(request, "Rooms",
		    wants(request, "archived") ? ask_archived : ask_rooms);
}

static void
write_unread(struct json_writer *w, const struct frame_room_info *room)
{
	json_open(w, NULL, '{');
	json_uuid(w, "room_id", &room->room);
	json_number(w, "count", room->unread);
	if (uuid_is_nil(&room->seen_message))
		json_nil(w, "last_seen");
	else
		json_uuid(w, "last_seen", &room->seen_message);
	json_close(w, '}');
}

static void
on_unread(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client == NULL || answer->kind != FRAME_rooms) {
		campfire_ask_free(ask);
		return;
	}
	write_rooms(ask, &answer->rooms.rooms, write_unread);
	finish_page(client, ask, answer->rooms.next);
}

static void
ask_unread(struct client *client, struct campfire_ask *ask, uint64_t after)
{
	struct frame frame = { .kind = FRAME_get_unread };

	frame.get_unread.user = client->user->id;
	frame.get_unread.after = after;
	campfire_ask_bus(client, store_of(client), &frame, on_unread, ask);
}

void
campfire_get_unread(const struct campfire_request *request)
{
	begin_pages(request, "Unread", ask_unread);
}

/* --- CreateRoom */

static void
on_created(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_rooms &&
	    answer->rooms.rooms.n == 1) {
		const struct frame_room_info *info = answer->rooms.rooms.items;
		const struct frame_verified who = {
			.user = client->user->id,
			.user_number = client->user->number,
			.user_name = slice_of(client->user->name),
		};
		struct json_writer w;

		campfire_begin(&w, "RoomCreated", campfire_ask_id(ask));
		json_room(&w, "room", info, false);
		client_send_answer(client, campfire_end(&w));
		users_seat(self, &who.user, &info->room, (unsigned)info->kind,
			   info->joined_seq, info->head_seq);
		rooms_announce(self, &who, &info->room);
	}
	campfire_ask_free(ask);
}

void
campfire_create_room(const struct campfire_request *request)
{
	struct client *client = request->client;
	struct frame frame = { .kind = FRAME_create_room };
	struct campfire_ask *ask;

	if (!campfire_read_text(request, "name", true, NAME_MAX_BYTES,
				&frame.create_room.name) ||
	    !campfire_read_text(request, "description", false, 1024,
				&frame.create_room.description))
		return;
	if (!name_is_valid(frame.create_room.name)) {
		campfire_refuse(request, "INVALID_FIELD",
				"name: wants 1 to 64 printable characters");
		return;
	}
	if ((ask = campfire_ask_new(request)) == NULL)
		return;
	uuid_make_v7(&frame.create_room.room,
		     loop_unix_ms(client_gateway(client)->loop));
	frame.create_room.kind = ROOM_PUBLIC;
	frame.create_room.user = client->user->id;
	frame.create_room.user_number = client->user->number;
	frame.create_room.user_name = slice_of(client->user->name);
	campfire_ask_bus(client, store_of(client), &frame, on_created, ask);
}

/* --- GetHistory and SearchMessages */

static void
on_history(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_history) {
		struct json_writer w;
		campfire_begin(&w, "History", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->history.room);
		json_messages(&w, "messages", &answer->history.messages);
		json_bool(&w, "has_more", answer->history.more);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_get_history(const struct campfire_request *request)
{
	struct client *client = request->client;
	struct frame frame = { .kind = FRAME_get_history };
	struct frame_get_history *get = &frame.get_history;
	struct campfire_ask *ask;

	get->limit = LIMIT_DEFAULT;
	get->forward = campfire_has(request, "after");
	if (!campfire_read_uuid(request, "room_id", &get->room) ||
	    !campfire_read_number(request, "before", 1, INT64_MAX,
				  &get->before) ||
	    !campfire_read_number(request, "after", 0, INT64_MAX,
				  &get->after) ||
	    !campfire_read_number(request, "limit", 1, HISTORY_LIMIT,
				  &get->limit))
		return;
	if (get->forward && get->before != 0) {
		campfire_refuse(request, "INVALID_FIELD",
				"before and after: only one of them");
		return;
	}
	if ((ask = campfire_ask_new(request)) == NULL)
		return;
	get->user = client->user->id;
	campfire_ask_bus(client, store_of(client), &frame, on_history, ask);
}

static void
on_found(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_found) {
		struct json_writer w;
		campfire_begin(&w, "SearchResults", campfire_ask_id(ask));
		json_messages(&w, "messages", &answer->found.messages);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_search_messages(const struct campfire_request *request)
{
	struct client *client = request->client;
	struct frame frame = { .kind = FRAME_search };
	struct frame_search *search = &frame.search;
	struct campfire_ask *ask;

	search->limit = LIMIT_DEFAULT;
	if (!campfire_read_text(request, "query", true, QUERY_MAX,
				&search->query) ||
	    (campfire_has(request, "room_id") &&
	     !campfire_read_uuid(request, "room_id", &search->room)) ||
	    !campfire_read_number(request, "limit", 1, SEARCH_LIMIT,
				  &search->limit) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	search->user = client->user->id;
	campfire_ask_bus(client, store_of(client), &frame, on_found, ask);
}

/* --- OpenDirect */

static void
on_direct(struct client *client, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct json_writer w;

	if (answer->kind == FRAME_direct) {
		campfire_begin(&w, "DirectOpened", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->direct.room);
		client_send_answer(client, campfire_end(&w));
	} else {
		campfire_pass_refusal(client, ask, &answer->refused);
	}
	campfire_ask_free(ask);
}

void
campfire_open_direct(const struct campfire_request *request)
{
	struct user_wish wish = { 0 };
	struct campfire_ask *ask;

	if (campfire_has(request, "user_id")) {
		if (!campfire_read_uuid(request, "user_id", &wish.id))
			return;
	} else if (!campfire_read_text(request, "username", true,
				       NAME_MAX_BYTES, &wish.name)) {
		return;
	}
	if ((ask = campfire_ask_new(request)) != NULL)
		directs_open(request->client, &wish, on_direct, ask);
}

/* --- EditMessage and DeleteMessage */

/* Everybody in the room hears the event; who asked with a request_id gets its
 * answer as well. */
static void
on_changed(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && ask->id_bytes > 0) {
		if (answer->kind == FRAME_edited) {
			campfire_begin(&w, "MessageEdited",
				       campfire_ask_id(ask));
			json_message(&w, "message",
				     answer->edited.messages.items, true);
			client_send_answer(client, campfire_end(&w));
		} else if (answer->kind == FRAME_erased) {
			campfire_begin(&w, "MessageDeleted",
				       campfire_ask_id(ask));
			json_uuid(&w, "room_id", &answer->erased.room);
			json_uuid(&w, "message_id", &answer->erased.message);
			client_send_answer(client, campfire_end(&w));
		}
	}
	campfire_ask_free(ask);
}

void
campfire_edit_message(const struct campfire_request *request)
{
	struct client *client = request->client;
	struct frame frame = { .kind = FRAME_edit };
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "message_id", &frame.edit.message) ||
	    !campfire_read_content(request, &frame.edit.text) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	frame.edit.user = client->user->id;
	campfire_ask_bus(
	    client,
	    bus_owner(client_gateway(client)->bus, ROUTER, &frame.edit.message),
	    &frame, on_changed, ask);
}

void
campfire_delete_message(const struct campfire_request *request)
{
	struct client *client = request->client;
	struct frame frame = { .kind = FRAME_erase };
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "message_id", &frame.erase.message) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	frame.erase.user = client->user->id;
	campfire_ask_bus(client,
			 bus_owner(client_gateway(client)->bus, ROUTER,
				   &frame.erase.message),
			 &frame, on_changed, ask);
}
