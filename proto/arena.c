/* SPDX-License-Identifier: MIT */
/* proto/arena.c - blocks, the newest first, each filled from its start.
 *
 * What does not fit into a common block gets one of its own, behind the newest,
 * so that the rest of the newest stays in use.
 */
#include "proto/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)16 * 1024)
#define ALIGNMENT   alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t room;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *
new_block(size_t room)
{
	struct arena_block *block;

	if (room > SIZE_MAX - sizeof *block) {
		errno = ENOMEM;
		return NULL;
	}
	block = malloc(sizeof *block + room);
	if (block == NULL)
		return NULL;
	block->next = NULL;
	block->room = room;
	block->used = 0;
	return block;
}

/* A block with room for `n` bytes, or NULL. */
static struct arena_block *
block_for(struct arena *arena, size_t n)
{
	struct arena_block *first = arena->blocks;
	struct arena_block *block;

	if (first != NULL && first->room - first->used >= n)
		return first;
	block = new_block(n > BLOCK_BYTES ? n : BLOCK_BYTES);
	if (block == NULL)
		return NULL;
	if (n > BLOCK_BYTES && first != NULL) {
		block->next = first->next;
		first->next = block;
	} else {
		block->next = first;
		arena->blocks = block;
	}
	return block;
}

void *
arena_get(struct arena *arena, size_t n)
{
	struct arena_block *block;
	unsigned char *at;

	if (n > SIZE_MAX - ALIGNMENT) {
		errno = ENOMEM;
		return NULL;
	}
	/* Nothing asked for is still a place of its own. */
	n = n == 0 ? ALIGNMENT : (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	block = block_for(arena, n);
	if (block == NULL)
		return NULL;
	at = block->bytes + block->used;
	block->used += n;
	memset(at, 0, n);
	return at;
}

void *
arena_array(struct arena *arena, size_t count, size_t n)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, n, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return arena_get(arena, bytes);
}

char *
arena_copy(struct arena *arena, const void *at, size_t n)
{
	char *copy;

	if (n == SIZE_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	copy = arena_get(arena, n + 1);
	if (copy != NULL && n > 0)
		memcpy(copy, at, n);
	return copy;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->blocks;
	struct arena_block *kept = NULL;

	while (block != NULL) {
		struct arena_block *next = block->next;

		/* A large block is not kept: one large frame should not hold
		 * its memory for good. */
		if (kept == NULL && block->room == BLOCK_BYTES) {
			kept = block;
			kept->used = 0;
			kept->next = NULL;
		} else {
			free(block);
		}
		block = next;
	}
	arena->blocks = kept;
}

void
arena_fini(struct arena *arena)
{
	while (arena->blocks != NULL) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}
