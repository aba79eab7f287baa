/* SPDX-License-Identifier: MIT */
/* presence/typing.h - who is typing in which room.
 *
 * It begins with the first `on`, which is told; later ones prolong it. It ends,
 * and that is told, by `off`, when the last connection that typed closes or
 * leaves, or TYPING_MS after the last `on`. An end is remembered for a while: a
 * router that was away when it was told hears it again.
 */
#ifndef PARLEY_PRESENCE_TYPING_H
#define PARLEY_PRESENCE_TYPING_H

#include "proto/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TYPING_MS          10000
#define TYPING_REMEMBER_MS 30000

/* Connections of one user that type in the same room and are told apart; of
 * more than these the ones that typed last. */
#define TYPING_CONNECTIONS 4

#define TYPING_NEVER UINT64_MAX

struct typing;

typedef void typing_tell_fn(void *self, const struct uuid *room,
			    const struct uuid *user, bool on);

/* NULL with errno ENOMEM. */
struct typing *typing_new(typing_tell_fn *tell, void *self);

/* Tells nothing. Frees and sets *typing to NULL; NULL is fine. */
void typing_free(struct typing **typing);

/* The user types by this connection (any number but 0 that no other one has).
 * 0, or -1 with errno ENOMEM. */
int typing_begin(struct typing *typing, const struct uuid *room,
		 const struct uuid *user, uint64_t connection, uint64_t now_ms);

/* The user types no more, by whatever connection. */
void typing_end(struct typing *typing, const struct uuid *room,
		const struct uuid *user, uint64_t now_ms);

/* This connection types no more: it closed, or left the room. */
void typing_leave(struct typing *typing, const struct uuid *room,
		  const struct uuid *user, uint64_t connection,
		  uint64_t now_ms);

/* Ends what has not been prolonged, forgets old ends. */
void typing_turn(struct typing *typing, uint64_t now_ms);

/* When typing_turn() has something to do; TYPING_NEVER: nothing. */
uint64_t typing_due_ms(const struct typing *typing);

/* Tells anew who is typing, and which ends are remembered. */
void typing_retell(struct typing *typing);

/* The same of one room, to whoever asks. */
void typing_answer(const struct typing *typing, const struct uuid *room,
		   typing_tell_fn *tell, void *self);

/* Users that type, summed over the rooms. */
size_t typing_count(const struct typing *typing);

#endif
