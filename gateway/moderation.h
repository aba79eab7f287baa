/* SPDX-License-Identifier: MIT */
/* gateway/moderation.h - what is done to users and rooms takes effect on the
 * connections that are here.
 *
 * Whoever was let into a room for a visit was judged by the store then. If the
 * room has changed since without this gateway hearing how, the store is asked
 * again.
 */
#ifndef PARLEY_GATEWAY_MODERATION_H
#define PARLEY_GATEWAY_MODERATION_H

#include "gateway/rooms.h"
#include "proto/frame_values.h"

#define CLOSE_KICKED 4501 /* removed from the room */
#define CLOSE_BANNED 4502 /* and not to come again */

/* A client's seat was taken away by somebody else. */
struct removal {
	const struct uuid *room;
	const char *room_name; /* or NULL */
	bool was_visit;
	enum error_code code; /* banned, not_allowed: kicked, room_not_found:
			       * the room is for members now */
	const char *words;
	const struct frame_moderated *moderated; /* NULL: it was not that user
						  * in particular */
};

/* The events. */
void moderation_hear(struct gateway *gateway,
		     const struct frame_moderated *moderated);
void moderation_hear_room(struct gateway *gateway,
			  const struct frame_room_changed *changed);

/* The same of what was missed, in its order. The room may be gone after this.
 */
void moderation_hear_late(struct room *room,
			  const struct frame_moderated *moderated);
void moderation_hear_room_late(struct room *room,
			       const struct frame_room_info *info,
			       uint64_t change);

/* What the room is called was learned before it got where it is now: asks the
 * store, if that can matter. */
void moderation_check_facts(struct room *room);

/* The room stands at `change`; visitors who were let in before that are judged
 * again. */
void moderation_check_visits(struct room *room, uint64_t change);

#endif
