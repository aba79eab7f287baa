/* SPDX-License-Identifier: MIT */
/* proto/clock.h - the time of this very moment, where that of the loop's turn
 * is too coarse: for measuring.
 */
#ifndef PARLEY_PROTO_CLOCK_H
#define PARLEY_PROTO_CLOCK_H

#include <stdint.h>

/* Monotonic, for durations within a process. */
uint64_t clock_us(void);

/* Since 1970, for durations that begin in one process and end in another. */
uint64_t clock_unix_us(void);

/* How long ago `unix_us` was; 0 where another machine's clock is ahead. */
uint64_t clock_age_us(uint64_t unix_us);

#endif
