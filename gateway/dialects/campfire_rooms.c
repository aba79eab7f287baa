/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_rooms.c - what a room is, who is in it, who is kept
 * out, and who is let in. Each request is one question and one answer.
 */
#include "gateway/dialects/campfire_moderation.h"

#include "gateway/json_moderation.h"

static struct peer *
store_of(const struct campfire_request *request)
{
	return bus_next(client_gateway(request->client)->bus, STORE);
}

/* --- GetRoom and UpdateRoom */

static void
on_room(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && answer->kind == FRAME_rooms &&
	    answer->rooms.rooms.n == 1) {
		campfire_begin(&w, "Room", campfire_ask_id(ask));
		json_room_details(&w, "room", answer->rooms.rooms.items, true);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_get_room(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_get_room };
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "room_id", &frame.get_room.room) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	frame.get_room.user = request->client->user->id;
	campfire_ask_bus(request->client, store_of(request), &frame, on_room,
			 ask);
}

/* Everybody in the room hears the event; who asked with a request_id gets its
 * answer as well. */
static void
on_changed(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);

	if (client != NULL && answer->kind == FRAME_room_changed &&
	    answer->room_changed.rooms.n == 1 && ask->id_bytes > 0)
		client_send_answer(client, campfire_room_updated(
					       answer->room_changed.rooms.items,
					       campfire_ask_id(ask)));
	campfire_ask_free(ask);
}

void
campfire_update_room(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_change_room };
	struct frame_change_room *wish = &frame.change_room;
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "room_id", &wish->room) ||
	    !campfire_accept(request, wish_read_changes(request->body, wish)) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	wish->actor = request->client->user->id;
	campfire_ask_bus(request->client,
			 bus_owner(client_gateway(request->client)->bus, ROUTER,
				   &wish->room),
			 &frame, on_changed, ask);
}

/* --- GetMembers, GetBans and GetMutes */

static bool
read_page(const struct campfire_request *request, struct uuid *room,
	  uint64_t *after, uint64_t *limit)
{
	*limit = PAGE_NORMAL;
	return campfire_read_uuid(request, "room_id", room) &&
	       campfire_read_number(request, "after", 0, INT64_MAX, after) &&
	       campfire_read_number(request, "limit", 1, PAGE_MAX, limit);
}

static void
on_members(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && answer->kind == FRAME_members) {
		campfire_begin(&w, "Members", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->members.room);
		json_members(&w, &answer->members);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_get_members(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_get_members };
	struct frame_get_members *wish = &frame.get_members;
	struct campfire_ask *ask;

	if (!read_page(request, &wish->room, &wish->after, &wish->limit) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	wish->user = request->client->user->id;
	campfire_ask_bus(request->client, store_of(request), &frame, on_members,
			 ask);
}

static void
on_bans(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && answer->kind == FRAME_bans) {
		campfire_begin(&w, ask->flag ? "Mutes" : "Bans",
			       campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->bans.room);
		json_bans(&w, ask->flag ? "mutes" : "bans", &answer->bans);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

static void
ask_bans(const struct campfire_request *request, bool mutes)
{
	struct frame frame = { .kind = FRAME_get_bans };
	struct frame_get_bans *wish = &frame.get_bans;
	struct campfire_ask *ask;

	if (!read_page(request, &wish->room, &wish->after, &wish->limit) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	ask->flag = mutes;
	wish->mutes = mutes;
	wish->user = request->client->user->id;
	campfire_ask_bus(request->client, store_of(request), &frame, on_bans,
			 ask);
}

void
campfire_get_bans(const struct campfire_request *request)
{
	ask_bans(request, false);
}

void
campfire_get_mutes(const struct campfire_request *request)
{
	ask_bans(request, true);
}

/* --- Invites */

static void
on_invited(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && answer->kind == FRAME_invited) {
		campfire_begin(&w, "InviteCreated", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->invited.room);
		json_invite(&w, "invite", &answer->invited);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_create_invite(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_invite };
	struct frame_invite *wish = &frame.invite;
	uint64_t now_ms = loop_unix_ms(client_gateway(request->client)->loop);
	char code[INVITE_CODE_CHARS + 1];
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "room_id", &wish->room) ||
	    !campfire_accept(request, wish_read_period(request->body, now_ms,
						       &wish->until)) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	invite_make_code(code);
	uuid_make_v7(&wish->invite, now_ms);
	wish->code = slice_of(code);
	wish->actor = request->client->user->id;
	campfire_ask_bus(request->client, store_of(request), &frame, on_invited,
			 ask);
}

static void
on_invites(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && answer->kind == FRAME_invites) {
		campfire_begin(&w, "Invites", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &answer->invites.room);
		json_invites(&w, &answer->invites);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_get_invites(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_get_invites };
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "room_id", &frame.get_invites.room) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	frame.get_invites.user = request->client->user->id;
	campfire_ask_bus(request->client, store_of(request), &frame, on_invites,
			 ask);
}

static void
on_revoked(void *self, void *context, const struct frame *answer)
{
	struct campfire_ask *ask = context;
	struct client *client = campfire_asker(self, ask, answer);
	struct json_writer w;

	if (client != NULL && answer->kind == FRAME_done) {
		campfire_begin(&w, "InviteRevoked", campfire_ask_id(ask));
		json_uuid(&w, "room_id", &ask->room);
		json_uuid(&w, "invite_id", &ask->message);
		client_send_answer(client, campfire_end(&w));
	}
	campfire_ask_free(ask);
}

void
campfire_revoke_invite(const struct campfire_request *request)
{
	struct frame frame = { .kind = FRAME_revoke_invite };
	struct frame_revoke_invite *wish = &frame.revoke_invite;
	struct campfire_ask *ask;

	if (!campfire_read_uuid(request, "room_id", &wish->room) ||
	    !campfire_read_uuid(request, "invite_id", &wish->invite) ||
	    (ask = campfire_ask_new(request)) == NULL)
		return;
	ask->room = wish->room;
	ask->message = wish->invite;
	wish->actor = request->client->user->id;
	campfire_ask_bus(request->client, store_of(request), &frame, on_revoked,
			 ask);
}
