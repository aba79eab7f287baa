/* SPDX-License-Identifier: MIT */
/* store/rooms.h - which rooms there are, and how far each one is.
 *
 * Remembers the rooms last asked for with their newest message and change, so
 * that a post need not look for its place.
 */
#ifndef PARLEY_STORE_ROOMS_H
#define PARLEY_STORE_ROOMS_H

#include "store/store.h"

#define ROOMS_KEPT 65536

/* Of the key by which a room could be joined: random, nobody guesses it. */
#define JOIN_KEY_BYTES 32

struct room {
	struct uuid id;
	int64_t room_no;
	enum room_kind kind;
	int64_t head;    /* sequence number of the newest message; 0: none */
	int64_t last_at; /* its time, ms since 1970 */
	int64_t change;  /* number of the newest change; 0: none */
	bool by_invite;  /* a private one, open to who has an invite */
	int64_t slow_s;  /* between two messages of a member; 0: none */
	int64_t archived_at; /* ms since 1970; 0: it is not */
	uint64_t sanctioned; /* who is, or was, banned or muted: see below */
	bool is_ordinary;    /* none of these: a post need not look closer */
};

/* The bit in room->sanctioned of a user and of some others: where it is not
 * set, the database need not be asked. */
uint64_t rooms_user_bit(int64_t user_no);

/* Learns room->sanctioned anew. */
void rooms_load_sanctioned(struct store *store, struct room *room);

struct rooms *rooms_new(void);
void rooms_free(struct rooms **rooms);

/* Forgets some until `kept` are left. */
void rooms_forget(struct rooms *rooms, size_t kept);

/* The room, valid until rooms_forget(); NULL if there is none, or trouble. Who
 * writes a message or change brings it up to date. */
struct room *rooms_find(struct store *store, const struct uuid *id);

/* One of these has changed: decides whether the room is ordinary. */
void rooms_judge(struct room *room);

/* Whether the name belongs to a room already. */
bool rooms_is_taken(struct store *store, const char *key);

/* Records a change of `room`, which counts one up. `number` is the message's,
 * or 0. False: trouble. Writes. */
bool rooms_add_change(struct store *store, struct room *room,
		      enum change_kind kind, int64_t number, int64_t user_no);

/* The number of the newest change by which the room itself is something else;
 * 0: none. */
int64_t rooms_last_changed(struct store *store, const struct room *room);

/* Finds the direct room of two users, by number in either order. False if there
 * is none, or trouble. */
bool rooms_find_direct(struct store *store, int64_t user_no, int64_t peer_no,
		       struct uuid *room);

/* Acts. */
void rooms_create(struct store *store, const struct frame *request,
		  struct frame *answer);
void rooms_open_direct(struct store *store, const struct frame *request,
		       struct frame *answer);
void rooms_get_heads(struct store *store, const struct frame *request,
		     struct frame *answer);

#endif
