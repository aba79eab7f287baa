/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_typing.c - StartTyping and StopTyping. */
#include "gateway/dialects/campfire_typing.h"

#include "gateway/rooms.h"
#include "gateway/typing.h"

/* Only the store knows why there is no seat: no such room, no membership, or
 * one that is not yet known here. */
static void
on_typing_room(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	const struct frame_room_info *info;

	if (client != NULL && answer->kind == FRAME_rooms &&
	    answer->rooms.rooms.n == 1) {
		info = answer->rooms.rooms.items;
		if (!info->member)
			campfire_refuse_non_member(client, ask);
		else if (rooms_seat_of(client, &ask->room) != NULL)
			typing_tell(client,
				    rooms_seat_of(client, &ask->room)->room,
				    ask->flag);
	}
	campfire_ask_free(ask);
}

static void
ask_about_room(const struct campfire_request *request, const struct uuid *room,
	       bool on)
{
	struct frame frame = { .kind = FRAME_get_room };
	struct campfire_ask *ask = campfire_ask_new(request);
	struct bus *bus = client_gateway(request->client)->bus;

	if (ask == NULL)
		return;
	ask->room = *room;
	ask->flag = on;
	frame.get_room.user = request->client->user->id;
	frame.get_room.room = *room;
	campfire_ask_bus(request->client, bus_next(bus, STORE), &frame,
			 on_typing_room, ask);
}

/* Until the rooms of a new connection are known, its latest typing waits, as
 * far as there is memory. */
static void
let_wait(struct client *client, const struct uuid *room, bool on)
{
	struct particulars *particulars = client_particulars(client);

	if (particulars == NULL)
		return;
	particulars->typing_waits = true;
	particulars->typing_room = *room;
	particulars->typing_on = on;
}

static void
type_in_room(const struct campfire_request *request, bool on)
{
	struct client *client = request->client;
	const struct seat *seat;
	struct uuid room;

	if (!campfire_read_uuid(request, "room_id", &room))
		return;
	seat = rooms_seat_of(client, &room);
	if (!client->is_ready) {
		let_wait(client, &room, on);
	} else if (seat != NULL && seat->is_member) {
		typing_tell(client, seat->room, on);
	} else {
		ask_about_room(request, &room, on);
	}
}

void
campfire_typing_ready(struct client *client)
{
	const struct campfire_request request = { .client = client };
	struct particulars *particulars = client->particulars;
	const struct seat *seat;

	if (particulars == NULL || !particulars->typing_waits)
		return;
	particulars->typing_waits = false;
	seat = rooms_seat_of(client, &particulars->typing_room);
	if (seat != NULL)
		typing_tell(client, seat->room, particulars->typing_on);
	else
		ask_about_room(&request, &particulars->typing_room,
			       particulars->typing_on);
}

void
campfire_start_typing(const struct campfire_request *request)
{
	type_in_room(request, true);
}

void
campfire_stop_typing(const struct campfire_request *request)
{
	type_in_room(request, false);
}
