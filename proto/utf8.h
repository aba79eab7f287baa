/* SPDX-License-Identifier: MIT */
/* proto/utf8.h - tells whether bytes are UTF-8 while they come in.
 *
 * A text may be cut anywhere, also inside a character: the state between two
 * pieces is two bytes. What can no longer become UTF-8 is refused at its first
 * wrong byte, so that nobody has to send the rest of a bad message.
 */
#ifndef PARLEY_PROTO_UTF8_H
#define PARLEY_PROTO_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero at the start of a text. */
struct utf8 {
	uint8_t left; /* continuation bytes that the character still lacks */
	uint8_t lead; /* its first byte, until the second one was judged */
};

/* Judges the next piece of a text. False at the first byte that no UTF-8 text
 * can have there (RFC 3629: overlong forms, surrogates and what lies above
 * U+10FFFF are none); the state is of no use then. */
bool utf8_feed(struct utf8 *state, const void *bytes, size_t n);

/* Whether the text may end here: not inside a character. */
bool utf8_is_complete(const struct utf8 *state);

/* Whether these bytes are a whole UTF-8 text. */
bool utf8_is_valid(const void *bytes, size_t n);

/* How much of the UTF-8 text `bytes` fits into `max` bytes without cutting a
 * character: `n` if all of it does. */
size_t utf8_cut(const char *bytes, size_t n, size_t max);

#endif
