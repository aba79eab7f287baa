/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/simple_fuzz.c - any lines as what two simple clients say,
 * each in a room of its own.
 */
#include "tests/fuzz/gateway/conversation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dialect_conversation("/ws/simple?token=a&room=hall",
			     "/ws/simple?token=b", data, size);
	return 0;
}
