/* SPDX-License-Identifier: MIT */
/* hooks/rooms.c - see rooms.h. */
#include "hooks/rooms.h"

#include "hooks/hook.h"
#include "hooks/work.h"

#include <stdlib.h>

#define IDS_PER_FRAME 1000

static struct room *
find(struct hooks *hooks, const struct uuid *id)
{
	struct room *room;

	HASH_FIND(hh, hooks->rooms, id, sizeof *id, room);
	return room;
}

static void
wait_for_turn(struct room *room)
{
	if (room->is_waiting)
		return;
	room->is_waiting = true;
	DL_APPEND(room->hooks_of->to_subscribe, room);
}

struct room *
rooms_add(struct hooks *hooks, const struct uuid *id)
{
	struct room *room = find(hooks, id);

	if (room != NULL)
		return room;
	room = calloc(1, sizeof *room);
	if (room == NULL)
		return NULL;
	room->hooks_of = hooks;
	room->id = *id;
	HASH_ADD(hh, hooks->rooms, id, sizeof room->id, room);
	if (room->hh.tbl == NULL) {
		free(room);
		return NULL;
	}
	wait_for_turn(room);
	return room;
}

void
rooms_let_go(struct room *room)
{
	struct hooks *hooks = room->hooks_of;
	struct frame frame = { .kind = FRAME_unsubscribe };
	struct peer *router;

	if (room->hooks != NULL)
		return;
	frame.unsubscribe.rooms = (frame_UUIDS){ &room->id, 1 };
	router = bus_owner(hooks->bus, ROUTER, &room->id);
	if (router != NULL)
		bus_tell(router, &frame);
	if (room->is_waiting)
		DL_DELETE(hooks->to_subscribe, room);
	HASH_DELETE(hh, hooks->rooms, room);
	free(room);
}

void
rooms_name(struct room *room, struct slice name)
{
	room->name_bytes = name_keep(name, room->name).n;
}

/* --- What happens */

static void
note(struct room *room, uint64_t seq, uint64_t change)
{
	struct hook *hook;

	if (seq <= room->seq && change <= room->change)
		return;
	if (seq > room->seq)
		room->seq = seq;
	if (change > room->change)
		room->change = change;
	DL_FOREACH2 (room->hooks, hook, next_of_room)
		work_look(hook);
}

void
rooms_note(struct hooks *hooks, const struct uuid *id, uint64_t seq,
	   uint64_t change)
{
	struct room *room = find(hooks, id);

	if (room != NULL)
		note(room, seq, change);
}

static void
hear_room_changed(struct hooks *hooks, const struct frame_room_changed *changed)
{
	const struct frame_room_info *info = changed->rooms.items;
	struct room *room = find(hooks, &changed->room);

	if (room == NULL)
		return;
	if (changed->rooms.n > 0)
		rooms_name(room, info->name);
	note(room, 0, changed->change);
}

void
rooms_hear(struct hooks *hooks, const struct frame *f)
{
	switch (f->kind) {
	case FRAME_message:
		rooms_note(hooks, &f->message.room, f->message.seq, 0);
		break;
	case FRAME_edited:
		rooms_note(hooks, &f->edited.room, 0, f->edited.change);
		break;
	case FRAME_erased:
		rooms_note(hooks, &f->erased.room, 0, f->erased.change);
		break;
	case FRAME_joined:
		rooms_note(hooks, &f->joined.room, 0, f->joined.change);
		break;
	case FRAME_left:
		rooms_note(hooks, &f->left.room, 0, f->left.change);
		break;
	case FRAME_moderated:
		rooms_note(hooks, &f->moderated.room, 0, f->moderated.change);
		break;
	case FRAME_room_changed:
		hear_room_changed(hooks, &f->room_changed);
		break;
	default:
		break;
	}
}

/* --- Subscriptions */

void
rooms_subscribe_all(struct hooks *hooks)
{
	struct room *room, *next;

	HASH_ITER (hh, hooks->rooms, room, next)
		wait_for_turn(room);
}

static void
subscribe_later(struct hooks *hooks)
{
	hooks->must_subscribe_all = true;
	hooks_try_again(hooks);
}

static void
on_subscribed(void *self, void *context, const struct frame *answer)
{
	const struct frame_position *heads = answer->subscribed.rooms.items;
	struct hooks *hooks = self;

	(void)context;
	if (answer->kind != FRAME_subscribed) {
		subscribe_later(hooks);
		return;
	}
	for (size_t i = 0; i < answer->subscribed.rooms.n; i++)
		rooms_note(hooks, &heads[i].room, heads[i].seq,
			   heads[i].change);
}

static void
send_batch(struct hooks *hooks, struct peer *router, struct uuid *ids, size_t n)
{
	struct frame frame = { .kind = FRAME_subscribe };

	frame.subscribe.rooms = (frame_UUIDS){ ids, n };
	if (bus_ask(router, &frame, 0, on_subscribed, hooks, NULL) == 0)
		subscribe_later(hooks);
}

void
rooms_turn(struct hooks *hooks)
{
	struct peer *router = NULL, *owner;
	struct uuid *ids;
	size_t n = 0;

	if (hooks->to_subscribe == NULL)
		return;
	ids = arena_array(bus_arena(hooks->bus), IDS_PER_FRAME, sizeof *ids);
	while (ids != NULL && hooks->to_subscribe != NULL) {
		struct room *room = hooks->to_subscribe;
		owner = bus_owner(hooks->bus, ROUTER, &room->id);
		if (n == IDS_PER_FRAME || (n > 0 && owner != router)) {
			send_batch(hooks, router, ids, n);
			n = 0;
		}
		router = owner;
		ids[n++] = room->id;
		room->is_waiting = false;
		DL_DELETE(hooks->to_subscribe, room);
	}
	if (n > 0)
		send_batch(hooks, router, ids, n);
}
