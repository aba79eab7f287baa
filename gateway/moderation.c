/* SPDX-License-Identifier: MIT */
/* gateway/moderation.c - see moderation.h. */
#include "gateway/moderation.h"

#include "gateway/changes.h"
#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/refusals.h"
#include "gateway/typing.h"
#include "gateway/users.h"
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

/* The visits of a user, where it is no member. */
static void
expel_visits_of(struct gateway *gateway, const struct uuid *user,
		const struct uuid *room, const struct removal *removal)
{
	struct user *u = users_find(gateway, user);
	struct client *client, *next;
	struct seat *seat;

	if (u == NULL)
		return;
	LL_FOREACH_SAFE (u->clients, client, next) {
		seat = rooms_seat_of(client, room);
		if (seat != NULL && !seat->is_member)
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

/* What began after the kick or ban stays: the event may be late, or come twice.
 * Whether a membership went along that is to stay. */
static bool
strike(struct seat *seat, const struct removal *removal)
{
	uint64_t change = removal->moderated->change;
	bool is_over = seat->is_visit && seat->visit->entered < change;
	bool was_ended = seat->is_member && seat->joined < change;

	if (is_over || (was_ended && !seat->is_visit)) {
		bool takes_member = seat->is_member && !was_ended;
		expel(seat, *removal);
		return takes_member;
	}
	if (was_ended)
		rooms_leave(seat, SEAT_AS_MEMBER);
	return false;
}

static void
expel_user(struct gateway *gateway, const struct frame_moderated *moderated)
{
	const struct removal removal = removal_for(moderated);
	struct user *user = users_find(gateway, &moderated->user);
	struct client *client, *next;
	struct seat *seat;
	bool is_member = false;

	if (user == NULL)
		return;
	users_read_again(gateway, &moderated->user);
	LL_FOREACH_SAFE (user->clients, client, next) {
		seat = rooms_seat_of(client, &moderated->room);
		if (seat != NULL)
			is_member |= strike(seat, &removal);
	}
	if (is_member)
		users_load_again(gateway, user);
}

/* What others are shown of their typing ends: also where it is on its way. */
static void
mute(struct room *room, const struct frame_moderated *moderated)
{
	struct user *user = users_find(room->gateway, &moderated->user);
	struct client *client;
	struct seat *seat;

	(void)typing_end(room, &moderated->user);
	if (user == NULL)
		return;
	LL_FOREACH (user->clients, client) {
		seat = rooms_seat_of(client, &room->id);
		if (seat != NULL)
			rooms_mute(seat, moderated->until == 0
					     ? MUTED_FOR_EVER
					     : moderated->until);
	}
	typing_tell(user->clients, room, false);
}

static void
unmute(struct room *room, const struct frame_moderated *moderated)
{
	struct user *user = users_find(room->gateway, &moderated->user);
	struct client *client;
	struct seat *seat;

	if (user == NULL)
		return;
	LL_FOREACH (user->clients, client) {
		seat = rooms_seat_of(client, &room->id);
		if (seat != NULL)
			rooms_mute(seat, 0);
	}
}

/* The room may be gone after this. */
static void
take_effect(struct room *room, const struct frame_moderated *moderated)
{
	switch (moderated->action) {
	case DEED_KICK:
	case DEED_BAN:
		expel_user(room->gateway, moderated);
		break;
	case DEED_MUTE:
		mute(room, moderated);
		break;
	case DEED_UNMUTE:
		unmute(room, moderated);
		break;
	default:
		break;
	}
}

/* The one it is about learns why. Who was removed has been told already. */
static void
tell_user(struct room *room, const struct frame_moderated *moderated)
{
	const struct event event = { .kind = EVENT_MODERATED,
				     .room = room,
				     .moderated = moderated };
	struct user *user = users_find(room->gateway, &moderated->user);
	struct client *client, *next;

	if (user == NULL || moderated->action == DEED_KICK ||
	    moderated->action == DEED_BAN)
		return;
	LL_FOREACH_SAFE (user->clients, client, next)
		if (!client->is_closing &&
		    rooms_seat_of(client, &room->id) != NULL)
			client_send_event(client, &event);
}

/* The others do not. */
static void
tell_others(struct room *room, const struct frame_moderated *moderated)
{
	const struct frame_person person = { .user = moderated->user };
	struct frame_moderated told = *moderated;
	struct event event = { .kind = EVENT_MODERATED,
			       .room = room,
			       .moderated = &told };

	told.reason = (struct slice){ 0 };
	rooms_tell(room, &event, users_find(room->gateway, &moderated->user));
	event.kind = EVENT_LEFT;
	event.person = &person;
	if (moderated->ended && roster_count(&room->roster) <= ROSTER_SMALL)
		rooms_tell(room, &event, NULL);
}

void
moderation_hear_late(struct room *room, const struct frame_moderated *moderated)
{
	struct gateway *g = room->gateway;

	take_effect(room, moderated);
	room = rooms_find(g, &moderated->room);
	if (room == NULL)
		return;
	tell_user(room, moderated);
	tell_others(room, moderated);
}

/* It takes effect at once, though some that was missed be told before it. An
 * old one of a mute says nothing of now. */
void
moderation_hear(struct gateway *gateway,
		const struct frame_moderated *moderated)
{
	struct room *room = rooms_find(gateway, &moderated->room);
	struct user *user = users_find(gateway, &moderated->user);
	bool is_removal =
	    moderated->action == DEED_KICK || moderated->action == DEED_BAN;

	if (room == NULL)
		return;
	if (is_removal || moderated->change > room->change)
		take_effect(room, moderated);
	else if (user != NULL)
		users_load_again(gateway, user);
	room = rooms_find(gateway, &moderated->room);
	if (room == NULL || !changes_note(room, moderated->change))
		return;
	tell_user(room, moderated);
	tell_others(room, moderated);
}

/* --- Rooms */

static void
tell_room(struct room *room, const struct frame_room_info *info)
{
	const struct event event = { .kind = EVENT_ROOM,
				     .room = room,
				     .info = info };

	rooms_tell(room, &event, NULL);
}

void
moderation_hear_room(struct gateway *gateway,
		     const struct frame_room_changed *changed)
{
	struct room *room = rooms_find(gateway, &changed->room);
	const struct frame_room_info *info = changed->rooms.items;

	if (room == NULL || changed->rooms.n == 0 ||
	    changed->change <= room->change)
		return;
	rooms_set_facts(room, (unsigned)info->kind, info->name,
			changed->change);
	if (changes_note(room, changed->change))
		tell_room(room, info);
	if (info->kind == ROOM_PRIVATE)
		expel_visitors(gateway, &changed->room);
}

void
moderation_hear_room_late(struct room *room, const struct frame_room_info *info,
			  uint64_t change)
{
	struct gateway *g = room->gateway;

	rooms_set_facts(room, (unsigned)info->kind, info->name, change);
	tell_room(room, info);
	if (info->kind == ROOM_PRIVATE)
		expel_visitors(g, &info->room);
}

static void
on_facts(void *self, void *context, const struct frame *answer)
{
	const struct frame_room_info *info = answer->rooms.rooms.items;
	struct room *room;

	(void)context;
	if (answer->kind != FRAME_rooms || answer->rooms.rooms.n != 1)
		return;
	room = rooms_find(self, &info->room);
	if (room != NULL)
		rooms_set_facts(room, (unsigned)info->kind, info->name,
				info->change);
}

void
moderation_check_facts(struct room *room)
{
	struct gateway *g = room->gateway;
	struct frame frame = { .kind = FRAME_get_room };

	if (room->name == NULL || room->kind == ROOM_SEALED ||
	    room->known >= room->change || room->seat_count == 0)
		return;
	frame.get_room.user = room->seats[0]->client->user->id;
	frame.get_room.room = room->id;
	if (bus_ask(bus_next(g->bus, STORE), &frame, 0, on_facts, g, NULL) == 0)
		rooms_ask_again(g);
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
		expel_visits_of(self, &over->users.at[i], &over->room,
				over->closed ? &closed : &banned);
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

		if (!seat->is_visit || seat->visit->admitted >= change)
			continue;
		if (users == NULL)
			users = arena_array(bus_arena(room->gateway->bus),
					    IDS_PER_FRAME, sizeof *users);
		if (users == NULL) {
			rooms_ask_again(room->gateway);
			return;
		}
		seat->visit->admitted = change;
		users[n++] = seat->client->user->id;
		if (n == IDS_PER_FRAME) {
			ask(room, users, n);
			n = 0;
		}
	}
	ask(room, users, n);
}
