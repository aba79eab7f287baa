/* SPDX-License-Identifier: MIT */
/* proto/base64url.c - base64url without padding, one form for each value. */
#include "proto/base64url.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_encode(const void *bytes, size_t n, char *into)
{
	const uint8_t *at = bytes;
	uint32_t bits = 0;
	unsigned count = 0; /* bits that wait */

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | at[i];
		for (count += 8; count >= 6; count -= 6)
			*into++ = alphabet[bits >> (count - 6) & 63];
	}
	if (count > 0)
		*into++ = alphabet[bits << (6 - count) & 63];
	*into = '\0';
}

/* The six bits of a character; -1 if it is none of the alphabet. */
static int
read_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

bool
base64url_decode(struct slice text, uint8_t *into, size_t room, size_t *n)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t out = 0;

	for (size_t i = 0; i < text.n; i++) {
		int digit = read_digit(text.at[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		count += 6;
		if (count < 8)
			continue;
		if (out == room)
			return false;
		count -= 8;
		into[out++] = (uint8_t)(bits >> count);
	}
	/* What is left over is less than a character and all zero. */
	if (count >= 6 || (bits & ((1u << count) - 1)) != 0)
		return false;
	*n = out;
	return true;
}
