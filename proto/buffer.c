/* SPDX-License-Identifier: MIT */
/* proto/buffer.c - grows by doubling, so that appending byte by byte costs no
 * more than appending at once.
 */
#include "proto/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256

int
buffer_reserve(struct buffer *b, size_t more)
{
	size_t room = b->room > 0 ? b->room : FIRST_ROOM;
	uint8_t *bytes;

	if (b->room - b->n >= more && b->bytes != NULL)
		return 0;
	if (more > SIZE_MAX / 2 - b->n) {
		errno = ENOMEM;
		return -1;
	}
	while (room < b->n + more)
		room *= 2;
	bytes = realloc(b->bytes, room);
	if (bytes == NULL)
		return -1;
	b->bytes = bytes;
	b->room = room;
	return 0;
}

int
buffer_append(struct buffer *b, const void *bytes, size_t n)
{
	if (n == 0)
		return 0;
	if (buffer_reserve(b, n) < 0)
		return -1;
	memcpy(b->bytes + b->n, bytes, n);
	b->n += n;
	return 0;
}

int
buffer_append_text(struct buffer *b, const char *text)
{
	return buffer_append(b, text, strlen(text));
}

int
buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		errno = ENOMEM;
		return -1;
	}
	/* One byte more: vsnprintf() insists on its NUL. */
	if (buffer_reserve(b, (size_t)n + 1) < 0)
		return -1;
	va_start(args, format);
	vsnprintf((char *)b->bytes + b->n, (size_t)n + 1, format, args);
	va_end(args);
	b->n += (size_t)n;
	return 0;
}

void
buffer_consume(struct buffer *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
		return;
	}
	memmove(b->bytes, b->bytes + n, b->n - n);
	b->n -= n;
}

void
buffer_clear(struct buffer *b)
{
	b->n = 0;
}

void
buffer_fini(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){ 0 };
}
