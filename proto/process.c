/* SPDX-License-Identifier: MIT */
/* proto/process.c - see process.h. */
#include "proto/process.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PROBE_MAX  (1u << 20)
#define PROBE_ONCE 4096

void
process_open(struct process_files *files)
{
	files->memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	files->descriptors =
	    open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void
process_close(struct process_files *files)
{
	if (files->memory >= 0)
		close(files->memory);
	if (files->descriptors >= 0)
		close(files->descriptors);
	files->memory = files->descriptors = -1;
}

/* The second number is that of pages in RAM (proc(5)). */
static uint64_t
read_resident(int fd)
{
	char text[128];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	const char *pages;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	pages = strchr(text, ' ');
	if (pages == NULL)
		return 0;
	return strtoull(pages, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* How many of a run of descriptors are open: poll(2) says which are not. */
static uint64_t
probe(int first, size_t n)
{
	static struct pollfd fds[PROBE_ONCE];
	uint64_t open = n;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = first + (int)i };
	if (poll(fds, n, 0) < 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		open -= (fds[i].revents & POLLNVAL) != 0;
	return open;
}

/* Linux from 6.2 on tells it as the folder's size. Listing it costs a
 * microsecond for each, in which no client is heard: so we ask for them all at
 * once. */
static uint64_t
count_open(int folder, uint64_t limit)
{
	struct stat st;
	uint64_t open = 0;

	if (folder >= 0 && fstat(folder, &st) == 0 && st.st_size > 0)
		return (uint64_t)st.st_size;
	if (limit > PROBE_MAX)
		limit = PROBE_MAX;
	for (uint64_t i = 0; i < limit; i += PROBE_ONCE) {
		uint64_t left = limit - i;

		open += probe((int)i, left < PROBE_ONCE ? left : PROBE_ONCE);
	}
	return open;
}

void
process_measure(const struct process_files *files,
		struct common_figures *figures)
{
	struct timespec cpu;
	struct rlimit limit;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
		figures->cpu_us = (uint64_t)cpu.tv_sec * 1000000 +
				  (uint64_t)cpu.tv_nsec / 1000;
	if (files->memory >= 0)
		figures->resident = read_resident(files->memory);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	figures->max_fds = limit.rlim_cur;
	figures->open_fds = count_open(files->descriptors, limit.rlim_cur);
}
