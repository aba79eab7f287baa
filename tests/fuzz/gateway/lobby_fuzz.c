/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/lobby_fuzz.c - any lines as what two lobby clients say,
 * with names or, by the first byte, with tokens in their frames.
 */
#include "tests/fuzz/gateway/conversation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dialect_conversation("/ws/lobby", "/ws/lobby", data, size);
	return 0;
}
