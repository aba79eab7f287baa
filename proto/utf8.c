/* SPDX-License-Identifier: MIT */
/* proto/utf8.c - tells whether bytes are UTF-8 while they come in.
 *
 * Runs of ASCII, which most of chat and all of JSON's syntax is, pass eight
 * bytes at a time; the rest goes byte by byte through the table of RFC 3629 4.
 */
#include "proto/utf8.h"

#include <string.h>

#define HIGH_BITS 0x8080808080808080u

static const uint8_t *
skip_ascii(const uint8_t *at, const uint8_t *end)
{
	while (end - at >= 8) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		if ((word & HIGH_BITS) != 0)
			break;
		at += sizeof(word);
	}
	while (at < end && *at < 0x80)
		at++;
	return at;
}

/* How many bytes follow this first byte of a character; -1 if none begins so.
 * C0 and C1 could only begin overlong forms, F5 and above what is too high. */
static int
count_following(uint8_t lead)
{
	if (lead < 0x80)
		return 0;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef)
		return 2;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 3;
	return -1;
}

/* The first byte narrows what the second one may be. */
static bool
is_second(uint8_t lead, uint8_t c)
{
	uint8_t low = 0x80;
	uint8_t high = 0xbf;

	if (lead == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (lead == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (lead == 0xf0)
		low = 0x90; /* below: overlong */
	else if (lead == 0xf4)
		high = 0x8f; /* above: more than U+10FFFF */
	return c >= low && c <= high;
}

bool
utf8_feed(struct utf8 *state, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	const uint8_t *end = at + n;

	while (at < end) {
		if (state->left > 0) {
			if (!is_second(state->lead, *at++))
				return false;
			state->lead = 0;
			state->left--;
			continue;
		}
		at = skip_ascii(at, end);
		if (at < end) {
			int following = count_following(*at);

			if (following < 0)
				return false;
			state->lead = *at++;
			state->left = (uint8_t)following;
		}
	}
	return true;
}

bool
utf8_is_complete(const struct utf8 *state)
{
	return state->left == 0;
}

bool
utf8_is_valid(const void *bytes, size_t n)
{
	struct utf8 state = { 0 };

	return utf8_feed(&state, bytes, n) && utf8_is_complete(&state);
}

size_t
utf8_cut(const char *bytes, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((uint8_t)bytes[max] & 0xc0) == 0x80)
		max--;
	return max;
}
