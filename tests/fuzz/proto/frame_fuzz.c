/* SPDX-License-Identifier: MIT */
/* tests/fuzz/proto/frame_fuzz.c - any bytes as a frame: what is taken can be
 * packed again, and comes back the same.
 */
#include "proto/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* What was taken once must be taken in our own wording too. */
static void
check_again(const struct frame *frame, struct arena *arena)
{
	struct buffer packed = { 0 }, again = { 0 };
	struct frame got;

	if (frame_pack(frame, &packed, NULL) == 0) {
		if (frame_unpack(&got, arena, packed.bytes, packed.n, NULL) !=
			(ssize_t)packed.n ||
		    frame_pack(&got, &again, NULL) != 0 ||
		    again.n != packed.n ||
		    memcmp(again.bytes, packed.bytes, packed.n) != 0)
			abort();
	}
	buffer_fini(&packed);
	buffer_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena = { 0 };
	struct buffer json = { 0 };
	struct frame frame;
	ssize_t used;

	while (n > 0 &&
	       (used = frame_unpack(&frame, &arena, bytes, n, NULL)) > 0) {
		if (frame.kind != FRAME_none) {
			check_again(&frame, &arena);
			if (frame_print_json(&frame, &json) != 0)
				abort();
		}
		bytes += used;
		n -= (size_t)used;
	}
	buffer_fini(&json);
	arena_fini(&arena);
	return 0;
}
