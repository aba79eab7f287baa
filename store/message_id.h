/* SPDX-License-Identifier: MIT */
/* store/message_id.h - the UUID of a message, which is not stored.
 *
 * It is a version 7 one (RFC 9562 5.7): 48 bits of time, 26 bits that follow
 * from number and time under a key of this database, and the message's number
 * in the last 48 bits, by which its row is found without an index on UUIDs.
 */
#ifndef PARLEY_STORE_MESSAGE_ID_H
#define PARLEY_STORE_MESSAGE_ID_H

#include "proto/uuid.h"

#include <stdint.h>

struct message_key {
	uint64_t words[2];
};

/* Reads the key from the 16 bytes that the database keeps. */
struct message_key message_key_from(const uint8_t bytes[16]);

/* The id of message `number` (below 2^48) that was said at `at_ms`. */
struct uuid message_id_make(const struct message_key *key, int64_t number,
			    int64_t at_ms);

/* The number that an id claims; whether it is that message's id shows when it
 * is made again. */
int64_t message_id_number(const struct uuid *id);

#endif
