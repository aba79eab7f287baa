/* SPDX-License-Identifier: MIT */
/* gateway/changes.h - what happens in a room besides messages, and is kept:
 * edits, messages taken back, memberships begun and ended, what moderators do.
 *
 * A room numbers them without holes: the next one is told, an older one is
 * known, and a gap is read from the store before anything newer is told.
 */
#ifndef PARLEY_GATEWAY_CHANGES_H
#define PARLEY_GATEWAY_CHANGES_H

#include "gateway/rooms.h"

/* A change of this number has come. Whether it is the next one, which the
 * caller tells then. If some are missing before it, they are read from the
 * store, and this one with them. */
bool changes_note(struct room *room, uint64_t number);

/* The room is known to have got as far as this change. */
void changes_note_head(struct room *room, uint64_t number);

/* Whether changes are known to exist that were not told yet. */
bool changes_are_missing(const struct room *room);

/* Tell everybody who is due to hear it. `except` may be NULL. */
void changes_tell_edited(struct room *room,
			 const struct frame_message *message);
void changes_tell_erased(struct room *room, const struct uuid *message,
			 uint64_t seq);
void changes_tell_joined(struct room *room, const struct frame_person *person,
			 const struct user *except);
void changes_tell_left(struct room *room, const struct frame_person *person,
		       const struct user *except);

#endif
