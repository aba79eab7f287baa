/* SPDX-License-Identifier: MIT */
/* gateway/changes.c - see changes.h. */
#include "gateway/changes.h"

#include "gateway/dialect.h"
#include "gateway/moderation.h"
#include "gateway/users.h"

#include <stdlib.h>

#define PAGE_CHANGES 1000

struct page {
	struct uuid room;
	uint64_t after; /* from where it was asked */
};

/* --- Telling */

void
changes_tell_edited(struct room *room, const struct frame_message *message)
{
	const struct event event = { .kind = EVENT_EDITED,
				     .room = room,
				     .message = message,
				     .seq = message->seq };

	rooms_hear_change(room, &event);
}

void
changes_tell_erased(struct room *room, const struct uuid *message, uint64_t seq)
{
	const struct event event = { .kind = EVENT_ERASED,
				     .room = room,
				     .message_id = message,
				     .seq = seq };

	rooms_hear_change(room, &event);
}

/* Of a large room nobody keeps a list of members. */
static void
tell_person(struct room *room, enum event_kind kind,
	    const struct frame_person *person, const struct user *except)
{
	const struct event event = { .kind = kind,
				     .room = room,
				     .person = person };

	if (roster_count(&room->roster) <= ROSTER_SMALL)
		rooms_tell(room, &event, except);
}

void
changes_tell_joined(struct room *room, const struct frame_person *person,
		    const struct user *except)
{
	tell_person(room, EVENT_JOINED, person, except);
}

void
changes_tell_left(struct room *room, const struct frame_person *person,
		  const struct user *except)
{
	tell_person(room, EVENT_LEFT, person, except);
}

/* --- Gaps */

/* What it says of a membership may be over by now: so it is told, but where the
 * user has a seat is read from the store. */
static void
tell_member(struct room *room, const struct frame_change *change)
{
	struct gateway *g = room->gateway;
	struct user *user = users_find(g, &change->user);
	const struct frame_person person = { .user = change->user,
					     .user_number = change->user_number,
					     .user_name = change->user_name };

	if (change->kind == CHANGE_JOIN)
		changes_tell_joined(room, &person, user);
	else
		changes_tell_left(room, &person, user);
	if (user != NULL)
		users_load_again(g, user);
}

static void
tell_deed(struct room *room, const struct frame_change *change)
{
	const struct frame_moderated deed = {
		.room = room->id,
		.change = change->change,
		.actor = change->actor,
		.action = change->action,
		.user = change->user,
		.user_number = change->user_number,
		.user_name = change->user_name,
		.role = change->role,
		.until = change->until,
		.reason = change->reason,
		.ended = change->ended,
	};

	moderation_hear_late(room, &deed);
}

/* The next message that was edited: they are in the order of their changes. */
static void
tell_next_edited(struct room *room, const struct frame_change *change,
		 frame_list *messages)
{
	const struct frame_message *message = messages->items;

	if (messages->n == 0 ||
	    !uuid_equal(&message->message, &change->message))
		return;
	*messages = (frame_list){ message + 1, messages->n - 1 };
	changes_tell_edited(room, message);
}

/* The room may be gone after this. What is not told as it was is left to the
 * store to judge. */
static void
tell_one(struct room *room, const struct frame_change *change,
	 frame_list *messages, const frame_list *rooms)
{
	switch (change->kind) {
	case CHANGE_EDIT:
		tell_next_edited(room, change, messages);
		break;
	case CHANGE_ERASE:
		changes_tell_erased(room, &change->message, change->seq);
		break;
	case CHANGE_ROOM:
		if (rooms->n > 0)
			moderation_hear_room_late(room, rooms->items,
						  change->change);
		else
			moderation_check_visits(room, change->change);
		break;
	case CHANGE_LEAVE:
	case CHANGE_STANDING:
		if (change->action != 0)
			tell_deed(room, change);
		else if (change->kind == CHANGE_LEAVE)
			tell_member(room, change);
		else
			moderation_check_visits(room, change->change);
		break;
	default:
		tell_member(room, change);
	}
}

static void ask_page(struct room *room);

/* What is told may take the last seat away, and the room with it. */
static void
tell_page(struct room *room, const struct frame_changes *page)
{
	const struct frame_change *changes = page->changes.items;
	frame_list messages = page->messages;
	struct gateway *g = room->gateway;
	const struct uuid id = room->id;

	for (size_t i = 0; room != NULL && i < page->changes.n; i++) {
		tell_one(room, &changes[i], &messages, &page->rooms);
		room = rooms_find(g, &id);
	}
	if (room == NULL)
		return;
	if (page->upto > room->change)
		room->change = page->upto;
	else
		room->change = room->change_to; /* nothing after all */
	ask_page(room);
	if (!changes_are_missing(room))
		rooms_drop_stale(room);
}

static void
on_changes(void *self, void *context, const struct frame *answer)
{
	struct gateway *g = self;
	struct page *page = context;
	struct room *room = rooms_find(g, &page->room);
	uint64_t after = page->after;

	free(page);
	/* A room that was forgotten in between has begun anew. */
	if (room == NULL || !room->is_reading_changes || room->change != after)
		return;
	room->is_reading_changes = false;
	if (answer->kind == FRAME_changes)
		tell_page(room, &answer->changes);
	else
		rooms_ask_again(g);
}

/* Reads what lies between what was told and what is known to exist. */
static void
ask_page(struct room *room)
{
	struct gateway *g = room->gateway;
	struct frame frame = { .kind = FRAME_get_changes };
	struct page *page;

	if (room->is_reading_changes || room->change_to <= room->change)
		return;
	page = malloc(sizeof *page);
	if (page == NULL) {
		rooms_ask_again(g);
		return;
	}
	*page = (struct page){ room->id, room->change };
	g->count.gaps++;
	frame.get_changes.room = room->id;
	frame.get_changes.after = room->change;
	frame.get_changes.limit = PAGE_CHANGES;
	if (bus_ask(bus_next(g->bus, STORE), &frame, 0, on_changes, g, page) ==
	    0) {
		free(page);
		rooms_ask_again(g);
	} else {
		room->is_reading_changes = true;
	}
}

bool
changes_are_missing(const struct room *room)
{
	return room->is_reading_changes || room->change_to > room->change;
}

bool
changes_note(struct room *room, uint64_t number)
{
	if (number <= room->change)
		return false;
	if (room->was_synced &&
	    (room->is_reading_changes || number != room->change + 1)) {
		changes_note_head(room, number);
		return false;
	}
	room->change = number;
	return true;
}

void
changes_note_head(struct room *room, uint64_t number)
{
	if (number > room->change_to)
		room->change_to = number;
	ask_page(room);
}
