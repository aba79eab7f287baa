/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/sealed_fuzz.c - any lines as what two sealed clients say,
 * one of them with the extensions.
 */
#include "tests/fuzz/gateway/conversation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dialect_conversation("/ws/sealed", "/ws/sealed?v=2", data, size);
	return 0;
}
