/* SPDX-License-Identifier: MIT */
/* tests/chaos/skew_clock.c - a wall clock that jumps.
 *
 * Preloaded into a daemon (LD_PRELOAD) it shifts what the daemon takes for the
 * time of day by the number of milliseconds in the file that CHAOS_CLOCK names:
 * one 64-bit number, which the test may write at any time. Clocks that only
 * count on (CLOCK_MONOTONIC) stay as they are.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_reader)(clockid_t, struct timespec *);

static _Atomic int64_t *skew_ms;
static _Atomic(clock_reader) real_clock;

__attribute__((constructor)) static void
open_skew(void)
{
	const char *path = getenv("CHAOS_CLOCK");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof *skew_ms, PROT_READ, MAP_SHARED, fd, 0);
	if (at != MAP_FAILED)
		skew_ms = at;
	close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	clock_reader read_clock = atomic_load(&real_clock);
	int64_t ms;

	if (read_clock == NULL) {
		read_clock = (clock_reader)dlsym(RTLD_NEXT, "clock_gettime");
		atomic_store(&real_clock, read_clock);
	}
	if (read_clock == NULL) {
		errno = ENOSYS;
		return -1;
	}
	if (read_clock(clock, now) != 0)
		return -1;
	if (skew_ms == NULL ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return 0;
	ms = atomic_load(skew_ms) + now->tv_nsec / 1000000;
	now->tv_nsec =
	    (ms % 1000 + 1000) % 1000 * 1000000 + now->tv_nsec % 1000000;
	now->tv_sec += ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
	return 0;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return -1;
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec precise;

	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return (time_t)-1;
	if (out != NULL)
		*out = precise.tv_sec;
	return precise.tv_sec;
}
