/* SPDX-License-Identifier: MIT */
/* store/message_id.c - see message_id.h. The mix is SipHash-2-4 of two words:
 * nobody without the key tells a message's id from its number and time. */
#include "store/message_id.h"

#include <endian.h>
#include <string.h>

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
sip_rounds(uint64_t v[4], unsigned n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

static uint64_t
mix(const struct message_key *key, uint64_t number, uint64_t at_ms)
{
	uint64_t v[4] = {
		key->words[0] ^ UINT64_C(0x736f6d6570736575),
		key->words[1] ^ UINT64_C(0x646f72616e646f6d),
		key->words[0] ^ UINT64_C(0x6c7967656e657261),
		key->words[1] ^ UINT64_C(0x7465646279746573),
	};

	sip_word(v, number);
	sip_word(v, at_ms);
	sip_word(v, UINT64_C(16) << 56);
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct message_key
message_key_from(const uint8_t bytes[16])
{
	struct message_key key;

	memcpy(key.words, bytes, sizeof key.words);
	key.words[0] = le64toh(key.words[0]);
	key.words[1] = le64toh(key.words[1]);
	return key;
}

struct uuid
message_id_make(const struct message_key *key, int64_t number, int64_t at_ms)
{
	uint64_t bits = mix(key, (uint64_t)number, (uint64_t)at_ms);
	struct uuid id;

	for (int i = 0; i < 6; i++) {
		id.bytes[i] = (uint8_t)(at_ms >> (40 - 8 * i));
		id.bytes[10 + i] = (uint8_t)(number >> (40 - 8 * i));
	}
	id.bytes[6] = 0x70 | (bits & 0x0f);
	id.bytes[7] = (uint8_t)(bits >> 8);
	id.bytes[8] = 0x80 | (bits >> 16 & 0x3f);
	id.bytes[9] = (uint8_t)(bits >> 24);
	return id;
}

int64_t
message_id_number(const struct uuid *id)
{
	int64_t number = 0;

	for (int i = 10; i < 16; i++)
		number = number << 8 | id->bytes[i];
	return number;
}
