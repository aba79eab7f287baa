/* SPDX-License-Identifier: MIT */
/* proto/uuid.c - making, reading and printing ids. */
#include "proto/uuid.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

/* Ids and masks are made for many a message: take randomness in gulps. */
void
random_bytes_pooled(void *into, size_t n)
{
	static __thread uint8_t pool[RANDOM_POOL];
	static __thread size_t left;

	if (left < n) {
		random_bytes(pool, sizeof pool);
		left = sizeof pool;
	}
	memcpy(into, pool + left - n, n);
	memset(pool + left - n, 0, n);
	left -= n;
}

void
random_bytes(void *into, size_t n)
{
	uint8_t *at = into;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		n -= (size_t)got;
	}
}

static void
set_version(struct uuid *id, uint8_t version)
{
	id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | (version << 4));
	id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
}

void
uuid_make_v4(struct uuid *id)
{
	random_bytes_pooled(id->bytes, sizeof id->bytes);
	set_version(id, 4);
}

void
uuid_make_v7(struct uuid *id, uint64_t unix_ms)
{
	for (int i = 0; i < 6; i++)
		id->bytes[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
	random_bytes_pooled(id->bytes + 6, 10);
	set_version(id, 7);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_hyphen_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool
uuid_parse(struct uuid *id, struct slice text)
{
	struct uuid got;
	size_t out = 0;

	if (text.n != UUID_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; i < text.n;) {
		if (is_hyphen_place(i)) {
			if (text.at[i++] != '-')
				return false;
			continue;
		}
		int high = hex_digit(text.at[i]);
		int low = hex_digit(text.at[i + 1]);
		if (high < 0 || low < 0)
			return false;
		got.bytes[out++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	*id = got;
	return true;
}

char *
uuid_format(const struct uuid *id, char into[UUID_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *at = into;

	for (size_t i = 0; i < sizeof id->bytes; i++) {
		if (is_hyphen_place((size_t)(at - into)))
			*at++ = '-';
		*at++ = digits[id->bytes[i] >> 4];
		*at++ = digits[id->bytes[i] & 15];
	}
	*at = '\0';
	return into;
}

bool
uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool
uuid_is_nil(const struct uuid *id)
{
	static const struct uuid nil;

	return uuid_equal(id, &nil);
}

int
uuid_compare(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}
