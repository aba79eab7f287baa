/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/arena_test.c - pieces of all sizes, resets, overflows. */
#include "proto/arena.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <stdint.h>

static int
is_zero(const unsigned char *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i] != 0)
			return 0;
	}
	return 1;
}

static void
pieces_are_aligned_zeroed_and_apart(void)
{
	static const size_t sizes[] = { 0,    1,     7,     16,    17,
					4000, 16384, 16385, 100000 };
	enum { PIECES = sizeof sizes / sizeof *sizes };
	struct arena arena = { 0 };

	for (int round = 0; round < 20; round++) {
		unsigned char *pieces[PIECES];

		for (int i = 0; i < PIECES; i++) {
			pieces[i] = arena_get(&arena, sizes[i]);
			CHECK(pieces[i] != NULL);
			CHECK_INT((uintptr_t)pieces[i] % _Alignof(max_align_t),
				  0);
			CHECK(is_zero(pieces[i], sizes[i]));
			memset(pieces[i], i + 1, sizes[i]);
		}
		for (int i = 0; i < PIECES; i++) {
			for (size_t k = 0; k < sizes[i]; k += 13)
				CHECK_INT(pieces[i][k], i + 1);
		}
		if (round % 3 == 2)
			arena_reset(&arena);
	}
	arena_fini(&arena);
	CHECK(arena.blocks == NULL);
}

static void
reset_keeps_one_block(void)
{
	struct arena arena = { 0 };
	void *first;

	for (int i = 0; i < 100; i++)
		CHECK(arena_get(&arena, 1000) != NULL);
	arena_reset(&arena);
	CHECK(arena.blocks != NULL);
	first = arena_get(&arena, 100);
	arena_reset(&arena);
	CHECK(arena_get(&arena, 100) == first);
	arena_fini(&arena);
	arena_fini(&arena);
}

static void
large_piece_is_not_kept(void)
{
	struct arena arena = { 0 };

	CHECK(arena_get(&arena, 1000000) != NULL);
	arena_reset(&arena);
	CHECK(arena.blocks == NULL);
	arena_reset(&arena);
	arena_fini(&arena);
}

static void
copies_end_with_nul(void)
{
	struct arena arena = { 0 };

	CHECK_STR(arena_copy(&arena, "abcdef", 3), "abc");
	CHECK_STR(arena_copy(&arena, NULL, 0), "");
	arena_fini(&arena);
}

static void
overflow_is_refused(void)
{
	struct arena arena = { 0 };

	errno = 0;
	CHECK(arena_get(&arena, SIZE_MAX) == NULL);
	CHECK_INT(errno, ENOMEM);
	errno = 0;
	CHECK(arena_array(&arena, SIZE_MAX / 2, 3) == NULL);
	CHECK_INT(errno, ENOMEM);
	CHECK(arena_copy(&arena, "", SIZE_MAX) == NULL);
	CHECK(arena_array(&arena, 3, 8) != NULL);
	CHECK(arena_array(&arena, 0, 8) != NULL);
	arena_fini(&arena);
}

int
main(void)
{
	RUN(pieces_are_aligned_zeroed_and_apart);
	RUN(reset_keeps_one_block);
	RUN(large_piece_is_not_kept);
	RUN(copies_end_with_nul);
	RUN(overflow_is_refused);
	return check_done();
}
