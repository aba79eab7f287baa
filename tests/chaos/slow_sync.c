/* SPDX-License-Identifier: MIT */
/* tests/chaos/slow_sync.c - a disk that is slow, or that fails.
 *
 * Preloaded into a daemon (LD_PRELOAD) it delays fsync and fdatasync, or lets
 * them fail with EIO. How long, and how many still fail, stands in the file
 * that CHAOS_SYNC names: two 64-bit numbers, in microseconds and in calls,
 * which the test may write at any time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders {
	_Atomic int64_t delay_us;
	_Atomic int64_t failures_left;
};

static struct orders *orders;

__attribute__((constructor)) static void
open_orders(void)
{
	const char *path = getenv("CHAOS_SYNC");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  0);
	if (at != MAP_FAILED)
		orders = at;
	close(fd);
}

/* By poll(), which a daemon may do whatever else its sandbox forbids. */
static void
wait_us(int64_t us)
{
	if (us > 0)
		poll(NULL, 0, (int)((us + 999) / 1000));
}

static int
sync_by(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	int64_t left;

	if (real == NULL) {
		errno = ENOSYS;
		return -1;
	}
	if (orders == NULL)
		return real(fd);
	wait_us(atomic_load(&orders->delay_us));
	left = atomic_load(&orders->failures_left);
	while (left > 0)
		if (atomic_compare_exchange_weak(&orders->failures_left, &left,
						 left - 1)) {
			errno = EIO;
			return -1;
		}
	return real(fd);
}

int
fsync(int fd)
{
	return sync_by("fsync", fd);
}

int
fdatasync(int fd)
{
	return sync_by("fdatasync", fd);
}
