/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/processes.h - what a server costs: CPU and memory of its
 * processes, with all that they started, and of the kernel's sockets.
 */
#ifndef PARLEY_TOOLS_BENCH_PROCESSES_H
#define PARLEY_TOOLS_BENCH_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESSES_MAX 128 /* watched, each with its children */
#define PROCESS_NAME  32  /* bytes, with the NUL */

struct process {
	char name[PROCESS_NAME];
	pid_t pid;
};

struct processes {
	struct process watched[PROCESSES_MAX];
	unsigned n;
};

struct cost {
	uint64_t cpu_us;
	uint64_t pss_bytes; /* anonymous memory; shared pages count in parts */
};

struct costs {
	uint64_t at_us;
	struct cost of[PROCESSES_MAX];
	uint64_t pss_bytes;    /* of all of them */
	uint64_t kernel_bytes; /* of sockets, and the kernel's own objects */
	uint64_t free_bytes;   /* of the machine, as it estimates it */
	uint64_t generator_cpu_us; /* ours, of all workers */
};

/* Reads "name=pid name=pid …". NULL, or what is wrong with it. */
const char *processes_parse(struct processes *processes, const char *list);

/* Finds the daemons of a suite by the pid files of its run folder. NULL, or
 * what is wrong. */
const char *processes_find(struct processes *processes, const char *run);

/* Measures them now. What has ended in the meantime counts as nothing. */
void processes_measure(const struct processes *processes, struct costs *costs);

#endif
