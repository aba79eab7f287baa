/* SPDX-License-Identifier: MIT */
/* gateway/dialects/hub_history.c - the newest messages of a room, as one frame:
 * which room it is, whether the user may read it, and then what was said there.
 */
#include "gateway/asks.h"
#include "gateway/dialects/hub.h"
#include "gateway/directs.h"
#include "gateway/gather.h"
#include "gateway/refusals.h"

static void
finish(struct client *client)
{
	struct hub *hub = client->own;

	hub->answering = NULL;
	client_release(client);
}

static void
refuse(struct client *client, const struct frame_refused *why)
{
	const struct hub *hub = client->own;

	hub_refuse_why(client, hub->answering, why);
	finish(client);
}

static void
on_gathered(struct client *client, struct slice elements,
	    const struct frame_refused *why)
{
	const struct hub *hub = client->own;
	struct json_writer w;

	if (why != NULL) {
		refuse(client, why);
		return;
	}
	hub_begin(&w, hub->answering, '[');
	json_raw(&w, NULL, elements);
	client_send_answer(client, hub_end(&w, ']'));
	finish(client);
}

static void
read_room(struct client *client, const struct uuid *room)
{
	const struct hub *hub = client->own;
	const struct gather_wish wish = { .room = *room,
					  .limit = hub->limit,
					  .write = hub_write_message };

	gather_newest(client, &wish, on_gathered);
}

/* --- Which room */

/* Holds the client and notes what it wants; false, with an error sent, without
 * memory. */
static bool
begin(struct client *client, const char *type, uint64_t limit)
{
	struct hub *hub = hub_of(client);

	if (hub == NULL) {
		const struct frame refused = asks_unavailable();
		hub_refuse_why(client, type, &refused.refused);
		return false;
	}
	hub->answering = type;
	hub->limit = limit;
	client_hold(client);
	return true;
}

static void
ask_room(struct client *client, struct frame *frame, ask_handler *on_answer)
{
	frame->kind = FRAME_get_room;
	frame->get_room.user = client->user->id;
	asks_send(client, bus_next(client_gateway(client)->bus, STORE), frame,
		  WAIT_MS, on_answer, NULL);
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
	const struct frame_refused banned =
	    refusal_of(ERROR_banned, "you are banned from this room");
	const struct frame_room_info *info = NULL;

	(void)context;
	if (answer->kind == FRAME_rooms && answer->rooms.rooms.n == 1)
		info = answer->rooms.rooms.items;
	if (info != NULL && may_read(info) && info->banned)
		refuse(client, &banned);
	else if (info != NULL && may_read(info))
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

	if (!begin(client, "room_history", limit))
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
		on_gathered(client, (struct slice){ 0 }, NULL);
		return;
	}
	info = answer->rooms.rooms.items;
	read_room(client, &info->room);
}

static void
on_peer(struct client *client, void *context, const struct frame *answer)
{
	struct frame frame = { 0 };
	const struct frame_person *peer;

	(void)context;
	if (answer->kind == FRAME_refused) {
		refuse(client, &answer->refused);
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

	if (!begin(client, "dm_history", limit))
		return;
	if (known != NULL)
		read_room(client, known);
	else
		directs_find_user(client, &wish, on_peer, NULL);
}
