/* SPDX-License-Identifier: MIT */
/* tests/unit/store/fixture.h - a store in a folder of its own, and one line for
 * each thing that a test asks of it.
 */
#ifndef PARLEY_TESTS_UNIT_STORE_FIXTURE_H
#define PARLEY_TESTS_UNIT_STORE_FIXTURE_H

#include "proto/log.h"
#include "store/changes.h"
#include "store/group.h"
#include "store/listings.h"
#include "store/members.h"
#include "store/messages.h"
#include "store/rooms.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/parley-store-XXXXXX";
static struct store store;
static struct frame answer;

/* Ids that can be told apart: the same small number, the same id. */
static inline struct uuid
id_of(unsigned n)
{
	struct uuid id = { { 0 } };

	id.bytes[0] = 0x11;
	id.bytes[14] = (uint8_t)(n >> 8);
	id.bytes[15] = (uint8_t)n;
	return id;
}

static inline void
remove_files(void)
{
	static const char *const names[] = { "chat.db",       "chat.db-wal",
					     "chat.db-shm",   "search.db",
					     "search.db-wal", "search.db-shm" };
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
}

static inline void
open_store(void)
{
	if (store_open(&store, "sqlite:chat.db", folder) != 0)
		exit(1);
	store.now_ms = 1000000;
}

/* A new, empty store. */
static inline void
set_up(void)
{
	remove_files();
	open_store();
}

static inline void
tear_down(void)
{
	store_close(&store);
	remove_files();
}

static inline int
run_in_folder(void (*tests)(void))
{
	log_setup("test", LOG_ERROR, false);
	if (mkdtemp(folder) == NULL)
		return 1;
	tests();
	rmdir(folder);
	return check_done();
}

/* Carries out one act; the code of a refusal, or "" . */
static inline const char *
act(store_act *what, const struct frame *request)
{
	static char code[64];

	answer = (struct frame){ 0 };
	what(&store, request, &answer);
	CHECK_INT(store.db.trouble, 0);
	if (answer.kind != FRAME_refused)
		return "";
	snprintf(code, sizeof code, "%.*s", (int)answer.refused.code.n,
		 answer.refused.code.at);
	return code;
}

static inline const char *
make_room(unsigned room, unsigned kind, const char *name, unsigned maker)
{
	struct frame f = { .kind = FRAME_create_room };

	f.create_room.room = id_of(room);
	f.create_room.kind = kind;
	f.create_room.name = slice_of(name);
	if (maker != 0) {
		f.create_room.user = id_of(maker);
		f.create_room.user_number = maker;
		f.create_room.user_name = slice_of("maker");
	}
	return act(rooms_create, &f);
}

static inline const char *
join(unsigned room, unsigned user)
{
	struct frame f = { .kind = FRAME_join };

	f.join.room = id_of(room);
	f.join.user = id_of(user);
	f.join.user_number = user;
	f.join.user_name = slice_of("joiner");
	return act(members_join, &f);
}

static inline const char *
leave(unsigned room, unsigned user)
{
	struct frame f = { .kind = FRAME_leave };

	f.leave.room = id_of(room);
	f.leave.user = id_of(user);
	return act(members_leave, &f);
}

static inline struct frame
post_frame(unsigned room, unsigned user, unsigned nonce, const char *text)
{
	struct frame f = { .kind = FRAME_post };

	f.post.room = id_of(room);
	f.post.user = id_of(user);
	f.post.user_number = user;
	f.post.user_name = slice_of("author");
	f.post.nonce = id_of(nonce);
	f.post.text = slice_of(text);
	return f;
}

static inline const char *
post(unsigned room, unsigned user, unsigned nonce, const char *text)
{
	struct frame f = post_frame(room, user, nonce, text);

	return act(messages_post, &f);
}

static inline const char *
mark(unsigned user, struct uuid message)
{
	struct frame f = { .kind = FRAME_mark };

	f.mark.user = id_of(user);
	f.mark.message = message;
	return act(members_mark, &f);
}

static inline const char *
edit(unsigned user, struct uuid message, const char *text)
{
	struct frame f = { .kind = FRAME_edit };

	f.edit.user = id_of(user);
	f.edit.message = message;
	f.edit.text = slice_of(text);
	return act(messages_edit, &f);
}

static inline const char *
erase(unsigned user, struct uuid message)
{
	struct frame f = { .kind = FRAME_erase };

	f.erase.user = id_of(user);
	f.erase.message = message;
	return act(messages_erase, &f);
}

static inline const char *
open_direct(unsigned room, unsigned user, unsigned peer)
{
	struct frame f = { .kind = FRAME_open_direct };

	f.open_direct.room = id_of(room);
	f.open_direct.user = id_of(user);
	f.open_direct.user_number = user;
	f.open_direct.user_name = slice_of("asker");
	f.open_direct.peer = id_of(peer);
	f.open_direct.peer_number = peer;
	f.open_direct.peer_name = slice_of("other");
	return act(rooms_open_direct, &f);
}

static inline const char *
history(unsigned room, unsigned user, bool forward, uint64_t edge,
	uint64_t limit)
{
	struct frame f = { .kind = FRAME_get_history };

	f.get_history.room = id_of(room);
	if (user != 0)
		f.get_history.user = id_of(user);
	f.get_history.forward = forward;
	if (forward)
		f.get_history.after = edge;
	else
		f.get_history.before = edge;
	f.get_history.limit = limit;
	return act(messages_get_history, &f);
}

static inline const char *
changes(unsigned room, uint64_t after, uint64_t limit)
{
	struct frame f = { .kind = FRAME_get_changes };

	f.get_changes.room = id_of(room);
	f.get_changes.after = after;
	f.get_changes.limit = limit;
	return act(changes_get, &f);
}

/* Changes, messages and rooms of the last answer. */
static inline const struct frame_change *
change_at(size_t i)
{
	const frame_list *list = &answer.changes.changes;

	return i < list->n ? (const struct frame_change *)list->items + i
			   : NULL;
}

static inline const struct frame_message *
message_at(size_t i)
{
	const frame_list *list = &answer.history.messages;

	return i < list->n ? (const struct frame_message *)list->items + i
			   : NULL;
}

static inline const struct frame_room_info *
room_at(size_t i)
{
	const frame_list *list = &answer.rooms.rooms;

	return i < list->n ? (const struct frame_room_info *)list->items + i
			   : NULL;
}

static inline uint64_t
seen_seq(unsigned user)
{
	struct frame f = { .kind = FRAME_get_memberships };

	f.get_memberships.user = id_of(user);
	act(listings_get_memberships, &f);
	return room_at(0) == NULL ? 0 : room_at(0)->seen_seq;
}

#endif
