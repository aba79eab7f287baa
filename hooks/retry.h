/* SPDX-License-Identifier: MIT */
/* hooks/retry.h - when a delivery that failed is tried again. */
#ifndef PARLEY_HOOKS_RETRY_H
#define PARLEY_HOOKS_RETRY_H

#include <stdint.h>

#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  (5 * 60 * 1000)

/* A receiver that asks for more time than that gets no more. */
#define RETRY_AFTER_MOST_S 3600

/* How long to wait in ms after so many failures in a row (at least one). It
 * doubles from the first to the most, and varies by a quarter each way, as
 * `random` says, so that hooks that failed together do not come back together.
 * Never less than what the receiver asked for (`retry_after_s`, of its
 * Retry-After; 0: nothing), as far as that is heard. */
uint64_t retry_delay_ms(uint64_t failures, uint32_t random,
			uint64_t retry_after_s);

#endif
