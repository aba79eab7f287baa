/* SPDX-License-Identifier: MIT */
/* proto/clock.c - see clock.h. */
#include "proto/clock.h"

#include <time.h>

static uint64_t
read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
clock_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

uint64_t
clock_unix_us(void)
{
	return read_us(CLOCK_REALTIME);
}

uint64_t
clock_age_us(uint64_t unix_us)
{
	uint64_t now = clock_unix_us();

	return now > unix_us ? now - unix_us : 0;
}
