/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/marker.h"

#include <stdbool.h>
#include <string.h>

/* `~pb` and the numbers in hexadecimal, each of a fixed width: 8 + 8 + 8 + 8 +
 * 16 digits. */
#define SIGN       "~pb"
#define SIGN_BYTES (sizeof SIGN - 1)

static char *
put_hex(char *into, uint64_t value, unsigned digits)
{
	static const char hex[] = "0123456789abcdef";

	for (unsigned i = digits; i-- > 0; value >>= 4)
		into[i] = hex[value & 15];
	return into + digits;
}

void
marker_write(const struct marker *marker, char into[MARKER_BYTES])
{
	memcpy(into, SIGN, SIGN_BYTES);
	into = put_hex(into + SIGN_BYTES, marker->run, 8);
	into = put_hex(into, marker->room, 8);
	into = put_hex(into, marker->slot, 8);
	into = put_hex(into, marker->number, 8);
	put_hex(into, marker->due_us, 16);
}

static bool
take_hex(const char **at, unsigned digits, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < digits; i++) {
		char c = *(*at)++;

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

static bool
read_marker(const char *at, struct marker *out)
{
	uint64_t run, room, slot, number;

	if (!take_hex(&at, 8, &run) || !take_hex(&at, 8, &room) ||
	    !take_hex(&at, 8, &slot) || !take_hex(&at, 8, &number) ||
	    !take_hex(&at, 16, &out->due_us))
		return false;
	out->run = (uint32_t)run;
	out->room = (uint32_t)room;
	out->slot = (uint32_t)slot;
	out->number = (uint32_t)number;
	return true;
}

const char *
marker_find(const char *at, const char *end, struct marker *out)
{
	while (end - at >= MARKER_BYTES) {
		at = memchr(at, SIGN[0], (size_t)(end - at));
		if (at == NULL || end - at < MARKER_BYTES)
			return NULL;
		if (memcmp(at, SIGN, SIGN_BYTES) == 0 &&
		    read_marker(at + SIGN_BYTES, out))
			return at + MARKER_BYTES;
		at++;
	}
	return NULL;
}
