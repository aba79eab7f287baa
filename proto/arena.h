/* SPDX-License-Identifier: MIT */
/* proto/arena.h - memory that is given back all at once.
 *
 * What is unpacked or put together while a turn of the loop lasts comes from
 * the turn's arena; nobody frees the pieces.
 */
#ifndef PARLEY_PROTO_ARENA_H
#define PARLEY_PROTO_ARENA_H

#include <stddef.h>

struct arena_block;

/* All zero is an empty arena, ready for use. */
struct arena {
	struct arena_block *blocks;
};

/* `n` bytes, zeroed, aligned for any type, valid until the arena is reset.
 * NULL with errno ENOMEM. */
void *arena_get(struct arena *arena, size_t n);

/* As arena_get() for `count` elements of `n` bytes; NULL on overflow too. */
void *arena_array(struct arena *arena, size_t count, size_t n);

/* A copy of `n` bytes at `at`, with a NUL behind; or NULL. */
char *arena_copy(struct arena *arena, const void *at, size_t n);

/* Gives everything back; keeps one block for the next use. */
void arena_reset(struct arena *arena);

/* Gives everything back. */
void arena_fini(struct arena *arena);

#endif
