/* SPDX-License-Identifier: MIT */
/* proto/slice.h - text or bytes that somebody else owns.
 *
 * A slice points into memory that it does not own and is not ended by NUL. Who
 * hands one out says how long it stays valid; who keeps it longer copies it.
 */
#ifndef PARLEY_PROTO_SLICE_H
#define PARLEY_PROTO_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct slice {
	const char *at;
	size_t n; /* bytes */
};

/* A slice of a string literal or of a string that ends with NUL. */
static inline struct slice
slice_of(const char *text)
{
	return (struct slice){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

static inline bool
slice_is(struct slice s, const char *text)
{
	return slice_equal(s, slice_of(text));
}

/* As slice_is(), but ASCII letters of either case are the same. */
static inline bool
slice_is_nocase(struct slice s, const char *text)
{
	return s.n == strlen(text) && strncasecmp(s.at, text, s.n) == 0;
}

#endif
