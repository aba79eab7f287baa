/* SPDX-License-Identifier: MIT */
/* proto/buffer.h - bytes that grow at the end.
 *
 * All zero is an empty buffer. A failed append leaves what was there.
 */
#ifndef PARLEY_PROTO_BUFFER_H
#define PARLEY_PROTO_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t n;    /* in use */
	size_t room; /* allocated */
};

/* Room for `more` bytes behind the end. 0, or -1 with errno ENOMEM. */
int buffer_reserve(struct buffer *b, size_t more);

/* 0, or -1 with errno ENOMEM. */
int buffer_append(struct buffer *b, const void *bytes, size_t n);
int buffer_append_text(struct buffer *b, const char *text);
int buffer_printf(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the first `n` bytes away. */
void buffer_consume(struct buffer *b, size_t n);

/* Empties it and keeps the memory. */
void buffer_clear(struct buffer *b);

/* Gives the memory back. */
void buffer_fini(struct buffer *b);

#endif
