/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/wire.h - writes HTTP so that a table of it can be read.
 *
 * In the tables a line feed stands for CR LF, `~` for a lone LF and `^` for a
 * lone CR.
 */
#ifndef PARLEY_TESTS_UNIT_GATEWAY_WIRE_H
#define PARLEY_TESTS_UNIT_GATEWAY_WIRE_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* In memory of its own, to be freed by the caller. */
static inline char *
to_wire(const char *text, size_t *n)
{
	char *bytes = malloc(2 * strlen(text) + 1);

	*n = 0;
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			bytes[(*n)++] = '\r';
		bytes[(*n)++] = *text == '~'   ? '\n'
				: *text == '^' ? '\r'
					       : *text;
	}
	return bytes;
}

#endif
