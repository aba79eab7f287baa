/* SPDX-License-Identifier: MIT */
/* gateway/bus_events.c - events of the bus become events of rooms and users. */
#include "gateway/bus_events.h"

#include "gateway/announce.h"
#include "gateway/bound_names.h"
#include "gateway/changes.h"
#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/directs.h"
#include "gateway/moderation.h"
#include "gateway/rooms.h"
#include "gateway/sessions.h"
#include "gateway/typing.h"
#include "gateway/users.h"

#include <utlist.h>

static void
on_message(void *self, struct peer *from, const struct frame *frame)
{
	struct room *room = rooms_find(self, &frame->message.room);

	(void)from;
	if (room != NULL)
		rooms_hear_message(room, &frame->message);
}

static void
on_edited(void *self, struct peer *from, const struct frame *frame)
{
	struct room *room = rooms_find(self, &frame->edited.room);

	(void)from;
	if (room != NULL && frame->edited.messages.n != 0 &&
	    changes_note(room, frame->edited.change))
		changes_tell_edited(room, frame->edited.messages.items);
}

static void
on_erased(void *self, struct peer *from, const struct frame *frame)
{
	struct room *room = rooms_find(self, &frame->erased.room);

	(void)from;
	if (room != NULL && changes_note(room, frame->erased.change))
		changes_tell_erased(room, &frame->erased.message,
				    frame->erased.seq);
}

/* The others hear of it first; whoever joined learns it from the answer. */
static void
on_joined(void *self, struct peer *from, const struct frame *frame)
{
	struct gateway *g = self;
	const struct frame_joined *joined = &frame->joined;
	struct room *room = rooms_find(g, &joined->room);
	const struct frame_person person = { .user = joined->user,
					     .user_number = joined->user_number,
					     .user_name = joined->user_name };

	(void)from;
	if (room != NULL && changes_note(room, joined->change))
		changes_tell_joined(room, &person,
				    users_find(g, &joined->user));
	users_join(g, joined);
}

static void
on_left(void *self, struct peer *from, const struct frame *frame)
{
	struct gateway *g = self;
	const struct frame_left *left = &frame->left;
	const struct frame_person person = { .user = left->user };
	struct room *room;

	(void)from;
	users_unseat(g, &left->user, &left->room);
	room = rooms_find(g, &left->room);
	if (room != NULL && changes_note(room, left->change))
		changes_tell_left(room, &person, NULL);
}

static void
on_moderated(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	moderation_hear(self, &frame->moderated);
}

static void
on_room_changed(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	moderation_hear_room(self, &frame->room_changed);
}

static void
on_direct(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	directs_seat(self, &frame->direct);
}

static void
on_subscribe_again(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	(void)frame;
	rooms_subscribe_all(self);
}

static void
on_present(void *self, struct peer *from, const struct frame *frame)
{
	struct room *room = rooms_find(self, &frame->present.room);

	(void)from;
	if (room != NULL)
		roster_hear(room, &frame->present);
}

static void
on_typing(void *self, struct peer *from, const struct frame *frame)
{
	struct room *room = rooms_find(self, &frame->typing.room);

	(void)from;
	if (room != NULL)
		typing_hear(room, &frame->typing);
}

/* The guest whose name it was must go. */
static void
on_unbound(void *self, struct peer *from, const struct frame *frame)
{
	const struct frame_unbound *unbound = &frame->unbound;
	struct client *client = client_find(self, unbound->connection);
	struct uuid bound;

	(void)from;
	if (client == NULL || client->is_closing)
		return;
	bound = client_bound_room(client);
	if (uuid_equal(&bound, &unbound->room))
		bound_names_yield(client);
}

static void
on_whisper(void *self, struct peer *from, const struct frame *frame)
{
	const struct frame_whisper *whisper = &frame->whisper;
	struct user *user = users_find(self, &whisper->to);
	struct client *client, *next;

	(void)from;
	if (user == NULL)
		return;
	LL_FOREACH_SAFE (user->clients, client, next)
		if (client->dialect->on_whisper != NULL)
			client->dialect->on_whisper(client, whisper);
}

static void
on_revoked(void *self, struct peer *from, const struct frame *frame)
{
	(void)from;
	sessions_revoke(self, &frame->revoked);
}

const struct route bus_event_routes[] = {
	{ on_message, FRAME_message },
	{ on_edited, FRAME_edited },
	{ on_erased, FRAME_erased },
	{ on_joined, FRAME_joined },
	{ on_left, FRAME_left },
	{ on_direct, FRAME_direct },
	{ on_present, FRAME_present },
	{ on_typing, FRAME_typing },
	{ on_subscribe_again, FRAME_subscribe_again },
	{ on_unbound, FRAME_unbound },
	{ on_whisper, FRAME_whisper },
	{ on_revoked, FRAME_revoked },
	{ on_moderated, FRAME_moderated },
	{ on_room_changed, FRAME_room_changed },
	{ 0 },
};

/* Whoever comes back is told all that it must know of us. */
void
bus_event_peer(void *self, struct peer *peer, enum peer_news news)
{
	struct gateway *g = self;

	if (peer_kind(peer) == PRESENCE && news == PEER_DOWN)
		typing_end_all(g);
	if (news != PEER_UP)
		return;
	switch (peer_kind(peer)) {
	case ROUTER:
		rooms_subscribe_all(g);
		users_announce_all(g);
		break;
	case PRESENCE:
		announce_all(g);
		break;
	case AUTH:
		sessions_check(g, peer);
		break;
	default:
		break;
	}
}
