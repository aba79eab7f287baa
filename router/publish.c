/* SPDX-License-Identifier: MIT */
/* router/publish.c - events go to all who asked to hear them: gateways, hooks.
 *
 * The order in which the store's answers come is the order of the room, and
 * each listener's events are numbered in it. A listener drops what it already
 * has, so telling too much is harmless, and telling too little is not.
 */
#include "router/router.h"

/* Who is there and who types is for gateways alone, which subscribe the same
 * rooms as hooks does. */
static void
tell(struct router *router, struct peer *listener, struct frame *event)
{
	if ((frame_to(event->kind) & peer_kind(listener)) == 0)
		return;
	event->id = 0;
	bus_tell_numbered(listener, event);
	router->count.events++;
}

/* `except` are those who have it already. */
static void
tell_all(struct router *router, const struct audience *audience,
	 const struct uuid *id, struct peer *const *except, size_t except_n,
	 struct frame *event)
{
	size_t n;
	struct peer *const *listeners = audience_of(audience, id, &n);

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < except_n && except[k] != listeners[i])
			k++;
		if (k == except_n)
			tell(router, listeners[i], event);
	}
}

void
publish_to_room(struct router *router, const struct uuid *room,
		struct frame *event)
{
	tell_all(router, &router->rooms, room, NULL, 0, event);
}

void
publish_to_user(struct router *router, const struct uuid *user,
		struct frame *event)
{
	tell_all(router, &router->users, user, NULL, 0, event);
}

void
publish_to_room_and_user(struct router *router, const struct uuid *room,
			 const struct uuid *user, struct frame *event)
{
	size_t n;
	struct peer *const *hearing = audience_of(&router->rooms, room, &n);

	publish_to_room(router, room, event);
	tell_all(router, &router->users, user, hearing, n, event);
}

static void
publish_direct(struct router *router, struct frame *event)
{
	size_t n;
	struct peer *const *first =
	    audience_of(&router->users, &event->direct.user, &n);

	publish_to_user(router, &event->direct.user, event);
	tell_all(router, &router->users, &event->direct.peer, first, n, event);
}

static void
count_audience(struct router *router, const struct uuid *room)
{
	size_t n;

	(void)audience_of(&router->rooms, room, &n);
	sizes_add(&router->count.audience, n);
}

void
publish_outcome(struct router *router, const struct frame *outcome)
{
	struct frame event = *outcome;

	switch (event.kind) {
	case FRAME_message:
		event.message.duplicate = false;
		count_audience(router, &event.message.room);
		publish_to_room(router, &event.message.room, &event);
		break;
	case FRAME_edited:
		publish_to_room(router, &event.edited.room, &event);
		break;
	case FRAME_erased:
		publish_to_room(router, &event.erased.room, &event);
		break;
	case FRAME_joined:
		publish_to_room_and_user(router, &event.joined.room,
					 &event.joined.user, &event);
		break;
	case FRAME_left:
		publish_to_room_and_user(router, &event.left.room,
					 &event.left.user, &event);
		break;
	case FRAME_moderated:
		publish_to_room_and_user(router, &event.moderated.room,
					 &event.moderated.user, &event);
		break;
	case FRAME_room_changed:
		publish_to_room(router, &event.room_changed.room, &event);
		break;
	case FRAME_direct:
		publish_direct(router, &event);
		break;
	default:
		break;
	}
}
