/* SPDX-License-Identifier: MIT */
/* gateway/refusals.c - see refusals.h. */
#include "gateway/refusals.h"

#include <inttypes.h>
#include <stdio.h>

/* In the largest unit of which there are at least two; never too short. */
static void
write_wait(uint64_t wait_s, char *into, size_t room)
{
	if (wait_s < 120)
		snprintf(into, room, "; %" PRIu64 " s to go", wait_s);
	else if (wait_s < 2 * 3600)
		snprintf(into, room, "; %" PRIu64 " min to go",
			 (wait_s + 59) / 60);
	else
		snprintf(into, room, "; %" PRIu64 " h or more to go",
			 wait_s / 3600);
}

struct slice
refusal_words(const struct frame_refused *why, char into[REFUSAL_TEXT_BYTES])
{
	char wait[48] = "";
	int n;

	if (why->retry_after > 0)
		write_wait(why->retry_after, wait, sizeof wait);
	n = snprintf(into, REFUSAL_TEXT_BYTES, "%.*s%s", (int)why->text.n,
		     why->text.at == NULL ? "" : why->text.at, wait);
	if (n < 0)
		n = 0;
	return (struct slice){ into, n < REFUSAL_TEXT_BYTES
					 ? (size_t)n
					 : REFUSAL_TEXT_BYTES - 1 };
}

struct frame_refused
refusal_of(enum error_code code, const char *text)
{
	return (struct frame_refused){ .code = slice_of(error_name(code)),
				       .text = slice_of(text) };
}
