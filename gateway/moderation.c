/* SPDX-License-Identifier: MIT */
/* gateway/moderation.c - see moderation.h. */
#include "gateway/moderation.h"

#include "gateway/changes.h"
#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/refusals.h"
#include "gateway/visits.h"

#include <utlist.h>

#define IDS_PER_FRAME 1000

/* --- Taking seats away */

/* The room may be gone after this. */
static void
expel(struct seat *seat, struct removal removal)
{
	struct client *client = seat->client;
	const struct frame_refused why =
	    refusal_of(removal.code, removal.words);
	const struct uuid room = seat->room->id;
	char name[NAME_MAX_BYTES + 1];

	if (client->is_closing)
		return;
	removal.room = &room;
	if (seat->room->name != NULL) {
		snprintf(name, sizeof name, "%s", seat->room->name);
		removal.room_name = name;
	}
	removal.was_visit = seat->is_visit;
	visits_expel(seat, &why);
	if (client->dialect->on_removed != NULL)
		client->dialect->on_removed(client, &removal);
}

/* From all connections of a user; or only where it is no member. */
static void
expel_user(struct gateway *gateway, const struct uuid *user,
	   const struct uuid *room, const struct removal *removal,
	   bool visits_only)
{
	struct user *u = users_find(gateway, user);
	struct client *client, *next;
	struct seat *seat;

	if (u == NULL)
		return;
	DL_FOREACH_SAFE (u->clients, client, next) {
		seat = rooms_seat_of(client, room);
		if (seat != NULL && !(visits_only && seat->is_member))
			expel(seat, *removal);
	}
}

/* From the last seat to the first: where one goes, one that was looked at
 * already takes its place. */
static void
expel_visitors(struct gateway *gateway, const struct uuid *id)
{
	static const struct removal removal = {
		.code = ERROR_room_not_found,
		.words = "the room is for members now",
	};
	struct room *room = rooms_find(gateway, id);

	for (uint32_t i = room == NULL ? 0 : room->seat_count; i-- > 0;) {
		room = rooms_find(gateway, id);
		if (room == NULL)
			return;
		if (i < room->seat_count && !room->seats[i]->is_member)
			expel(room->seats[i], removal);
	}
}

/* --- Users */

static struct removal
removal_for(const struct frame_moderated *moderated)
{
	bool is_ban = moderated->action == DEED_BAN;

	return (struct removal){
		.code = is_ban ? ERROR_banned : ERROR_not_allowed,
		.words = is_ban ? "you were banned from the room"
				: "you were removed from the room",
		.moderated = moderated,
	};
}

/* The one it is about learns why, the others do not. */
static void
tell_user(struct gateway *gateway, const struct event *event)
{
	const struct frame_moderated *moderated = event->moderated;
	struct user *user = users_find(gateway, &moderated->user);
	struct client *client, *next;

	if (user == NULL)
		return;
	DL_FOREACH_SAFE (user->clients, client, next)
		if (!client->is_closing &&
		    rooms_seat_of(client, &moderated->room) != NULL)
			client_send_event(client, event);
}

static void
tell_others(struct gateway *gateway, const struct frame_moderated *moderated)
{
	const struct frame_person person = { .user = moderated->user };
	struct room *room = rooms_find(gateway, &moderated->room);
	struct frame_moderated told = *moderated;
	struct event event = { .kind = EVENT_MODERATED,
			       .room = room,
			       .moderated = &told };

	if (room == NULL || !changes_note(room, moderated->change))
		return;
	told.reason = (struct slice){ 0 };
	rooms_tell(room, &event, users_find(gateway, &moderated->user));
	event.kind = EVENT_LEFT;
	event.person = &person;
	if (moderated->ended && roster_count(&room->roster) <= ROSTER_SMALL)
		rooms_tell(room, &event, NULL);
}

void
moderation_hear(struct gateway *gateway,
		const struct frame_moderated *moderated)
{
	const struct event event = { .kind = EVENT_MODERATED,
				     .moderated = moderated };
	const struct removal removal = removal_for(moderated);

	if (moderated->action == DEED_KICK || moderated->action == DEED_BAN) {
		users_read_again(gateway, &moderated->user);
		expel_user(gateway, &moderated->user, &moderated->room,
			   &removal, false);
	} else {
		tell_user(gateway, &event);
	}
	tell_others(gateway, moderated);
}

/* --- Rooms */

void
moderation_hear_room(struct gateway *gateway,
		     const struct frame_room_changed *changed)
{
	struct room *room = rooms_find(gateway, &changed->room);
	const struct frame_room_info *info = changed->rooms.items;
	const struct event event = { .kind = EVENT_ROOM,
				     .room = room,
				     .info = info };

	if (room == NULL || changed->rooms.n == 0 ||
	    changed->change <= room->change)
		return;
	room->kind = (unsigned)info->kind;
	rooms_set_name(room, info->name);
	if (changes_note(room, changed->change))
		rooms_tell(room, &event, NULL);
	if (info->kind == ROOM_PRIVATE)
		expel_visitors(gateway, &changed->room);
}

/* --- Visits that may be out of date */

static void
on_visits_over(void *self, void *context, const struct frame *answer)
{
	static const struct removal banned = {
		.code = ERROR_banned,
		.words = "you were banned from the room",
	};
	static const struct removal closed = {
		.code = ERROR_room_not_found,
		.words = "the room is for members now",
	};
	const struct frame_visits_over *over = &answer->visits_over;

	(void)context;
	if (answer->kind != FRAME_visits_over)
		return;
	for (size_t i = 0; i < over->users.n; i++)
		expel_user(self, &over->users.at[i], &over->room,
			   over->closed ? &closed : &banned, true);
}

static void
ask(struct room *room, const struct uuid *users, size_t n)
{
	struct gateway *g = room->gateway;
	struct frame frame = { .kind = FRAME_check_visits };

	frame.check_visits.room = room->id;
	frame.check_visits.users = (frame_UUIDS){ users, n };
	if (n > 0 && bus_ask(bus_next(g->bus, STORE), &frame, 0, on_visits_over,
			     g, NULL) == 0)
		rooms_ask_again(g);
}

void
moderation_check_visits(struct room *room, uint64_t change)
{
	struct uuid *users = NULL;
	size_t n = 0;

	if (room->kind == ROOM_SEALED)
		return;
	for (uint32_t i = 0; i < room->seat_count; i++) {
		struct seat *seat = room->seats[i];

		if (!seat->is_visit || seat->admitted >= change)
			continue;
		if (users == NULL)
			users = arena_array(bus_arena(room->gateway->bus),
					    IDS_PER_FRAME, sizeof *users);
		if (users == NULL) {
			rooms_ask_again(room->gateway);
			return;
		}
		seat->admitted = change;
		users[n++] = seat->client->user->id;
		if (n == IDS_PER_FRAME) {
			ask(room, users, n);
			n = 0;
		}
	}
	ask(room, users, n);
}
