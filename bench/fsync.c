/* SPDX-License-Identifier: MIT */
/* bench/fsync.c - what the disk takes for what every post waits for: 4 KiB more
 * in a file, and their sync, so many times a second as posts come at low load.
 */
#include "proto/clock.h"
#include "proto/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_BYTES 4096
#define TIMES_MAX   100000

static const char *folder, *times, *rate;

static const struct option_row options[] = {
	{ "folder", &folder, ".", "where the file is made, and removed" },
	{ "times", &times, "200", "syncs" },
	{ "rate", &rate, "50", "of them a second" },
	{ 0 },
};

static int
fail(const char *what)
{
	fprintf(stderr, "fsync: %s: %s\n", what, strerror(errno));
	return 1;
}

/* A file that is gone when it is closed. */
static int
open_file(void)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/fsync.XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static int
sync_once(int fd, uint64_t *took_us)
{
	static const char block[BLOCK_BYTES] = { 'x' };
	uint64_t began_us = clock_us();

	if (write(fd, block, sizeof block) != (ssize_t)sizeof block ||
	    fdatasync(fd) != 0)
		return -1;
	*took_us = clock_us() - began_us;
	return 0;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return one < other ? -1 : one > other;
}

static int
measure(int fd, unsigned long n, unsigned long per_second)
{
	static uint64_t took_us[TIMES_MAX];
	struct timespec pause = { .tv_nsec = 999999999L / (long)per_second };

	for (unsigned long i = 0; i < n; i++) {
		if (sync_once(fd, &took_us[i]) != 0)
			return fail("cannot write");
		nanosleep(&pause, NULL);
	}
	qsort(took_us, n, sizeof *took_us, by_size);
	printf("{\"count\": %lu, \"p50_us\": %lu, \"p99_us\": %lu}\n", n,
	       (unsigned long)took_us[n / 2],
	       (unsigned long)took_us[n * 99 / 100]);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct option_row *const tables[] = { options, NULL };
	static const struct program program = {
		"fsync", "what the disk takes to sync 4 KiB", NULL, tables
	};
	unsigned long n, per_second;
	int status = program_begin(&program, argc, argv, NULL);
	int fd;

	if (status >= 0)
		return status;
	if (!option_number(times, 1, TIMES_MAX, &n) ||
	    !option_number(rate, 1, 100000, &per_second)) {
		fprintf(stderr, "fsync: wrong usage; try --help\n");
		return 2;
	}
	fd = open_file();
	if (fd < 0)
		return fail(folder);
	status = measure(fd, n, per_second);
	close(fd);
	return status;
}
