/* SPDX-License-Identifier: MIT */
/* presence/typing.c - the open and the lately ended typing, each in a list that
 * is in order of time by itself.
 */
#include "presence/typing.h"

#include "proto/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct typist_key {
	struct uuid room;
	struct uuid user;
};

struct typist {
	struct typist_key key;
	uint64_t connections[TYPING_CONNECTIONS]; /* latest first; 0: none */
	uint64_t due_ms; /* it ends; or its end is forgotten */
	bool is_on;
	struct typist *prev, *next; /* in typing->open or typing->ended */
	UT_hash_handle hh;
};

struct typing {
	struct typist *all;
	struct typist *open;
	struct typist *ended;
	size_t open_count;
	typing_tell_fn *tell;
	void *self;
};

struct typing *
typing_new(typing_tell_fn *tell, void *self)
{
	struct typing *typing = calloc(1, sizeof(*typing));

	if (typing == NULL)
		return NULL;
	typing->tell = tell;
	typing->self = self;
	return typing;
}

void
typing_free(struct typing **typing)
{
	struct typist *typist, *next;

	if (*typing == NULL)
		return;
	HASH_ITER (hh, (*typing)->all, typist, next) {
		HASH_DELETE(hh, (*typing)->all, typist);
		free(typist);
	}
	free(*typing);
	*typing = NULL;
}

static struct typist *
find_typist(const struct typing *typing, const struct uuid *room,
	    const struct uuid *user)
{
	const struct typist_key key = { *room, *user };
	struct typist *typist;

	HASH_FIND(hh, typing->all, &key, sizeof(key), typist);
	return typist;
}

/* A new one stands in the list of the ended. */
static struct typist *
add_typist(struct typing *typing, const struct uuid *room,
	   const struct uuid *user)
{
	struct typist *typist = calloc(1, sizeof(*typist));

	if (typist == NULL)
		return NULL;
	typist->key = (struct typist_key){ *room, *user };
	HASH_ADD(hh, typing->all, key, sizeof(typist->key), typist);
	if (typist->hh.tbl == NULL) {
		free(typist);
		errno = ENOMEM;
		return NULL;
	}
	DL_APPEND(typing->ended, typist);
	return typist;
}

static void
tell_state(const struct typing *typing, const struct typist *typist)
{
	typing->tell(typing->self, &typist->key.room, &typist->key.user,
		     typist->is_on);
}

static size_t
find_connection(const struct typist *typist, uint64_t connection)
{
	size_t i = 0;

	while (i < TYPING_CONNECTIONS && typist->connections[i] != connection)
		i++;
	return i;
}

/* Puts the connection first; the one that typed least lately may drop out. */
static void
note_connection(struct typist *typist, uint64_t connection)
{
	size_t place = find_connection(typist, connection);

	if (place == TYPING_CONNECTIONS)
		place--;
	memmove(typist->connections + 1, typist->connections,
		place * sizeof(*typist->connections));
	typist->connections[0] = connection;
}

int
typing_begin(struct typing *typing, const struct uuid *room,
	     const struct uuid *user, uint64_t connection, uint64_t now_ms)
{
	struct typist *typist = find_typist(typing, room, user);
	if (typist == NULL)
		typist = add_typist(typing, room, user);
	if (typist == NULL)
		return -1;
	if (!typist->is_on) {
		DL_DELETE(typing->ended, typist);
		typing->open_count++;
	} else {
		DL_DELETE(typing->open, typist);
	}
	DL_APPEND(typing->open, typist);
	typist->is_on = true;
	typist->due_ms = now_ms + TYPING_MS;
	note_connection(typist, connection);
	/* Gateways end typing at the user's message, of which nobody tells us:
	 * what goes on is told again, and heard where it is news. */
	tell_state(typing, typist);
	return 0;
}

static void
end_typist(struct typing *typing, struct typist *typist, uint64_t now_ms)
{
	DL_DELETE(typing->open, typist);
	DL_APPEND(typing->ended, typist);
	typing->open_count--;
	typist->is_on = false;
	typist->due_ms = now_ms + TYPING_REMEMBER_MS;
	memset(typist->connections, 0, sizeof(typist->connections));
	tell_state(typing, typist);
}

void
typing_end(struct typing *typing, const struct uuid *room,
	   const struct uuid *user, uint64_t now_ms)
{
	struct typist *typist = find_typist(typing, room, user);

	if (typist != NULL && typist->is_on)
		end_typist(typing, typist, now_ms);
}

void
typing_leave(struct typing *typing, const struct uuid *room,
	     const struct uuid *user, uint64_t connection, uint64_t now_ms)
{
	struct typist *typist = find_typist(typing, room, user);
	size_t place;

	if (typist == NULL || !typist->is_on)
		return;
	place = find_connection(typist, connection);
	if (place == TYPING_CONNECTIONS)
		return;
	memmove(typist->connections + place, typist->connections + place + 1,
		(TYPING_CONNECTIONS - place - 1) *
		    sizeof(*typist->connections));
	typist->connections[TYPING_CONNECTIONS - 1] = 0;
	if (typist->connections[0] == 0)
		end_typist(typing, typist, now_ms);
}

static void
forget(struct typing *typing, struct typist *typist)
{
	DL_DELETE(typing->ended, typist);
	HASH_DELETE(hh, typing->all, typist);
	free(typist);
}

void
typing_turn(struct typing *typing, uint64_t now_ms)
{
	while (typing->open != NULL && typing->open->due_ms <= now_ms)
		end_typist(typing, typing->open, now_ms);
	while (typing->ended != NULL && typing->ended->due_ms <= now_ms)
		forget(typing, typing->ended);
}

uint64_t
typing_due_ms(const struct typing *typing)
{
	uint64_t due_ms = TYPING_NEVER;

	if (typing->open != NULL)
		due_ms = typing->open->due_ms;
	if (typing->ended != NULL && typing->ended->due_ms < due_ms)
		due_ms = typing->ended->due_ms;
	return due_ms;
}

void
typing_retell(struct typing *typing)
{
	struct typist *typist;

	DL_FOREACH (typing->open, typist) {
		tell_state(typing, typist);
	}
	DL_FOREACH (typing->ended, typist) {
		tell_state(typing, typist);
	}
}

/* A list is a handful of people, also where rooms are many. */
static void
answer_from(const struct typist *list, const struct uuid *room,
	    typing_tell_fn *tell, void *self)
{
	const struct typist *typist;

	DL_FOREACH (list, typist)
		if (uuid_equal(&typist->key.room, room))
			tell(self, room, &typist->key.user, typist->is_on);
}

void
typing_answer(const struct typing *typing, const struct uuid *room,
	      typing_tell_fn *tell, void *self)
{
	answer_from(typing->open, room, tell, self);
	answer_from(typing->ended, room, tell, self);
}

size_t
typing_count(const struct typing *typing)
{
	return typing->open_count;
}
