/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/campfire_fuzz.c - any lines as what two campfire clients
 * say, one with the extensions and one that resumes.
 */
#include "tests/fuzz/gateway/conversation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dialect_conversation("/ws/campfire?token=a&v=2",
			     "/ws/campfire?token=b&resume=1", data, size);
	return 0;
}
