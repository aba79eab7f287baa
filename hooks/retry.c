/* SPDX-License-Identifier: MIT */
/* hooks/retry.c - see retry.h. */
#include "hooks/retry.h"

static uint64_t
double_from_first(uint64_t failures)
{
	uint64_t delay_ms = RETRY_FIRST_MS;

	for (; failures > 1 && delay_ms < RETRY_MOST_MS; failures--)
		delay_ms *= 2;
	return delay_ms < RETRY_MOST_MS ? delay_ms : RETRY_MOST_MS;
}

uint64_t
retry_delay_ms(uint64_t failures, uint32_t random, uint64_t retry_after_s)
{
	const uint64_t mean_ms = double_from_first(failures);
	uint64_t delay_ms = mean_ms * 3 / 4 + random % (mean_ms / 2 + 1);

	if (retry_after_s > RETRY_AFTER_MOST_S)
		retry_after_s = RETRY_AFTER_MOST_S;
	return delay_ms > retry_after_s * 1000 ? delay_ms
					       : retry_after_s * 1000;
}
