/* SPDX-License-Identifier: MIT */
/* tests/unit/store/moderation_fixture.h - a room with people of each role, and
 * one line for each thing that is done to them or to the room.
 */
#ifndef PARLEY_TESTS_UNIT_STORE_MODERATION_FIXTURE_H
#define PARLEY_TESTS_UNIT_STORE_MODERATION_FIXTURE_H

#include "store/moderation.h"
#include "store/roles.h"
#include "tests/unit/store/fixture.h"

/* People of room 1, by their ids and numbers. */
enum { ADMIN = 0, OWNER = 10, MODERATOR, MEMBER, OTHER, PEER, STRANGER };

static inline struct frame
deed_frame(unsigned room, unsigned actor, enum deed deed, unsigned user)
{
	struct frame f = { .kind = FRAME_moderate };

	f.moderate.room = id_of(room);
	if (actor != ADMIN)
		f.moderate.actor = id_of(actor);
	f.moderate.action = deed;
	f.moderate.user = id_of(user);
	f.moderate.user_number = user;
	f.moderate.user_name = slice_of("somebody");
	return f;
}

static inline const char *
does(unsigned room, unsigned actor, enum deed deed, unsigned user)
{
	struct frame f = deed_frame(room, actor, deed, user);

	return act(moderation_moderate, &f);
}

static inline const char *
gives(unsigned room, unsigned actor, unsigned user, enum role role)
{
	struct frame f = deed_frame(room, actor, DEED_ROLE, user);

	f.moderate.role = role;
	return act(moderation_moderate, &f);
}

static inline const char *
does_until(unsigned actor, enum deed deed, unsigned user, uint64_t until)
{
	struct frame f = deed_frame(1, actor, deed, user);

	f.moderate.until = until;
	f.moderate.reason = slice_of("because");
	return act(moderation_moderate, &f);
}

static inline struct frame
change_frame(unsigned room, unsigned actor, unsigned what)
{
	struct frame f = { .kind = FRAME_change_room };

	f.change_room.room = id_of(room);
	if (actor != ADMIN)
		f.change_room.actor = id_of(actor);
	f.change_room.what = what;
	return f;
}

static inline const char *
renames(unsigned actor, const char *name)
{
	struct frame f = change_frame(1, actor, 1);

	f.change_room.name = slice_of(name);
	return act(moderation_change_room, &f);
}

static inline const char *
visits(unsigned user, unsigned nonce)
{
	struct frame f = post_frame(1, user, nonce, "from a visitor");

	f.post.visit = true;
	return act(messages_post, &f);
}

static inline void
set_up_room(void)
{
	set_up();
	make_room(1, ROOM_PUBLIC, "general", OWNER);
	for (unsigned user = MODERATOR; user <= PEER; user++)
		join(1, user);
	CHECK_STR(gives(1, OWNER, MODERATOR, ROLE_MODERATOR), "");
	CHECK_STR(gives(1, OWNER, PEER, ROLE_MODERATOR), "");
}

#endif
