/* SPDX-License-Identifier: MIT */
/* proto/msgpack_reader.c - the msgpack format, byte by byte. */
#include "proto/msgpack_reader.h"

/* How a first byte from 0xc0 on is read: the type, how many bytes its length
 * or value has, and for ext one more for its own type. */
static const struct head {
	enum msgpack_type type;
	uint8_t bytes;
	bool known;
} heads[32] = {
	[0x00] = { MSGPACK_NIL, 0, true },
	[0x02] = { MSGPACK_BOOL, 0, true },
	[0x03] = { MSGPACK_BOOL, 0, true },
	[0x04] = { MSGPACK_BYTES, 1, true },
	[0x05] = { MSGPACK_BYTES, 2, true },
	[0x06] = { MSGPACK_BYTES, 4, true },
	[0x07] = { MSGPACK_EXT, 1, true },
	[0x08] = { MSGPACK_EXT, 2, true },
	[0x09] = { MSGPACK_EXT, 4, true },
	[0x0a] = { MSGPACK_FLOAT, 4, true },
	[0x0b] = { MSGPACK_FLOAT, 8, true },
	[0x0c] = { MSGPACK_UINT, 1, true },
	[0x0d] = { MSGPACK_UINT, 2, true },
	[0x0e] = { MSGPACK_UINT, 4, true },
	[0x0f] = { MSGPACK_UINT, 8, true },
	[0x10] = { MSGPACK_INT, 1, true },
	[0x11] = { MSGPACK_INT, 2, true },
	[0x12] = { MSGPACK_INT, 4, true },
	[0x13] = { MSGPACK_INT, 8, true },
	[0x14] = { MSGPACK_EXT, 0, true },
	[0x15] = { MSGPACK_EXT, 0, true },
	[0x16] = { MSGPACK_EXT, 0, true },
	[0x17] = { MSGPACK_EXT, 0, true },
	[0x18] = { MSGPACK_EXT, 0, true },
	[0x19] = { MSGPACK_TEXT, 1, true },
	[0x1a] = { MSGPACK_TEXT, 2, true },
	[0x1b] = { MSGPACK_TEXT, 4, true },
	[0x1c] = { MSGPACK_ARRAY, 2, true },
	[0x1d] = { MSGPACK_ARRAY, 4, true },
	[0x1e] = { MSGPACK_MAP, 2, true },
	[0x1f] = { MSGPACK_MAP, 4, true },
};

static size_t
left(const struct msgpack_reader *r)
{
	return (size_t)(r->end - r->at);
}

/* Reads a big-endian number of `bytes` bytes. */
static bool
read_number(struct msgpack_reader *r, uint8_t bytes, uint64_t *number)
{
	uint64_t n = 0;

	if (left(r) < bytes)
		return false;
	for (uint8_t i = 0; i < bytes; i++)
		n = n << 8 | *r->at++;
	*number = n;
	return true;
}

static bool
read_run(struct msgpack_reader *r, uint64_t n, struct msgpack_token *token)
{
	if (left(r) < n)
		return false;
	token->text = (struct slice){ (const char *)r->at, (size_t)n };
	r->at += n;
	return true;
}

/* Every element takes at least one byte, a pair two. */
static bool
fits(const struct msgpack_reader *r, const struct msgpack_token *token)
{
	if (token->type == MSGPACK_ARRAY)
		return token->number <= left(r);
	return token->number <= left(r) / 2;
}

/* The short forms, in which the first byte says all but the content. */
static bool
read_fix(struct msgpack_reader *r, uint8_t first, struct msgpack_token *token)
{
	if (first <= 0x7f) {
		token->type = MSGPACK_UINT;
		token->number = first;
		return true;
	}
	if (first >= 0xe0) {
		token->type = MSGPACK_INT;
		return true;
	}
	if (first >= 0xa0) {
		token->type = MSGPACK_TEXT;
		return read_run(r, first & 0x1f, token);
	}
	token->type = first >= 0x90 ? MSGPACK_ARRAY : MSGPACK_MAP;
	token->number = first & 0x0f;
	return fits(r, token);
}

static bool
is_negative(uint64_t number, uint8_t bytes)
{
	return number >> (8 * bytes - 1) != 0;
}

static bool
read_long(struct msgpack_reader *r, uint8_t first, struct msgpack_token *token)
{
	struct head head = heads[first - 0xc0];
	uint64_t number = 0;

	if (!head.known || !read_number(r, head.bytes, &number))
		return false;
	token->type = head.type;
	token->number = number;
	switch (head.type) {
	case MSGPACK_BOOL:
		token->number = first & 1;
		return true;
	case MSGPACK_INT:
		if (!is_negative(number, head.bytes))
			token->type = MSGPACK_UINT;
		return true;
	case MSGPACK_BYTES:
	case MSGPACK_TEXT:
		return read_run(r, number, token);
	case MSGPACK_EXT:
		if (head.bytes == 0)
			number = 1u << (first - 0xd4);
		return read_run(r, number + 1, token);
	case MSGPACK_ARRAY:
	case MSGPACK_MAP:
		return fits(r, token);
	default:
		return true;
	}
}

bool
msgpack_next(struct msgpack_reader *reader, struct msgpack_token *token)
{
	struct msgpack_reader r = *reader;
	uint8_t first;
	bool good;

	*token = (struct msgpack_token){ 0 };
	if (left(&r) == 0)
		return false;
	first = *r.at++;
	if (first < 0xc0 || first >= 0xe0)
		good = read_fix(&r, first, token);
	else
		good = read_long(&r, first, token);
	if (good)
		*reader = r;
	return good;
}

bool
msgpack_skip(struct msgpack_reader *reader)
{
	struct msgpack_reader r = *reader;
	struct msgpack_token token;
	uint64_t values = 1;

	while (values > 0) {
		if (!msgpack_next(&r, &token))
			return false;
		values--;
		if (token.type == MSGPACK_ARRAY)
			values += token.number;
		else if (token.type == MSGPACK_MAP)
			values += 2 * token.number;
	}
	*reader = r;
	return true;
}
