/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/processes.h"

#include "proto/clock.h"
#include "proto/options.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* All processes of the machine, so that descendants are found at one look. */
#define TREE_MAX 8192

struct node {
	pid_t pid, parent;
	uint64_t cpu_us;
};

static struct node tree[TREE_MAX];

/* --- Which */

static const char *
add_process(struct processes *processes, const char *name, size_t n,
	    unsigned long pid)
{
	struct process *p = &processes->watched[processes->n];

	if (processes->n == PROCESSES_MAX)
		return "too many processes";
	if (n == 0 || n >= sizeof p->name)
		return "a process wants a name of 1 to 31 bytes";
	memcpy(p->name, name, n);
	p->name[n] = '\0';
	p->pid = (pid_t)pid;
	processes->n++;
	return NULL;
}

const char *
processes_parse(struct processes *processes, const char *list)
{
	const char *wrong = NULL;
	char word[64];
	int used;

	while (wrong == NULL && sscanf(list, " %63s%n", word, &used) == 1) {
		const char *sign = strchr(word, '=');
		unsigned long pid;

		list += used;
		if (sign == NULL || !option_number(sign + 1, 1, INT_MAX, &pid))
			return "processes are given as NAME=PID";
		wrong =
		    add_process(processes, word, (size_t)(sign - word), pid);
	}
	return wrong;
}

static const char *
add_pid_file(struct processes *processes, const char *run, const char *file)
{
	size_t n = strlen(file);
	char path[PATH_MAX];
	unsigned long pid;
	const char *wrong = NULL;
	FILE *in;

	if (n < 5 || strcmp(file + n - 4, ".pid") != 0 ||
	    strcmp(file, "run.pid") == 0)
		return NULL;
	snprintf(path, sizeof path, "%s/%s", run, file);
	if ((in = fopen(path, "r")) == NULL)
		return NULL;
	if (fscanf(in, "%lu", &pid) == 1)
		wrong = add_process(processes, file, n - 4, pid);
	fclose(in);
	return wrong;
}

const char *
processes_find(struct processes *processes, const char *run)
{
	DIR *folder = opendir(run);
	const char *wrong = NULL;
	struct dirent *entry;

	if (folder == NULL)
		return "there is no such run folder";
	while (wrong == NULL && (entry = readdir(folder)) != NULL)
		wrong = add_pid_file(processes, run, entry->d_name);
	closedir(folder);
	if (wrong == NULL && processes->n == 0)
		return "no daemon runs in that folder";
	return wrong;
}

/* --- How much */

/* By its clock, which is finer than the ticks that proc(5) counts in. */
static uint64_t
exact_cpu_us(pid_t pid, uint64_t by_ticks_us)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return by_ticks_us;
	return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

/* proc(5): the name may hold anything; the state follows its last bracket. */
static bool
read_node(const char *pid, struct node *node)
{
	static long ticks;
	char path[64], line[1024], *at;
	unsigned long user, kernel;
	int parent;
	size_t n;
	FILE *in;

	if (ticks == 0)
		ticks = sysconf(_SC_CLK_TCK);
	snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
	if ((in = fopen(path, "r")) == NULL)
		return false;
	n = fread(line, 1, sizeof line - 1, in);
	fclose(in);
	line[n] = '\0';
	at = strrchr(line, ')');
	if (at == NULL || sscanf(at + 1,
				 " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
				 "%lu %lu",
				 &parent, &user, &kernel) != 3)
		return false;
	node->pid = (pid_t)strtol(pid, NULL, 10);
	node->parent = parent;
	node->cpu_us = exact_cpu_us(node->pid, (user + kernel) *
						   (1000000 / (uint64_t)ticks));
	return true;
}

static unsigned
read_tree(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned n = 0;

	if (proc == NULL)
		return 0;
	while (n < TREE_MAX && (entry = readdir(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    read_node(entry->d_name, &tree[n]))
			n++;
	closedir(proc);
	return n;
}

static pid_t
parent_of(unsigned n, pid_t pid)
{
	for (unsigned i = 0; i < n; i++)
		if (tree[i].pid == pid)
			return tree[i].parent;
	return 0;
}

static bool
descends_from(unsigned n, pid_t pid, pid_t ancestor)
{
	for (unsigned depth = 0; pid > 1 && depth < 64; depth++) {
		if (pid == ancestor)
			return true;
		pid = parent_of(n, pid);
	}
	return false;
}

static uint64_t
pss_of(pid_t pid)
{
	unsigned long long kb = 0;
	char path[64], line[256];
	FILE *in;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	if ((in = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof line, in) != NULL)
		if (sscanf(line, "Pss_Anon: %llu kB", &kb) == 1)
			break;
	fclose(in);
	return kb * 1024;
}

static struct cost
cost_of(unsigned n, pid_t pid)
{
	struct cost cost = { 0, 0 };

	for (unsigned i = 0; i < n; i++) {
		if (!descends_from(n, tree[i].pid, pid))
			continue;
		cost.cpu_us += tree[i].cpu_us;
		cost.pss_bytes += pss_of(tree[i].pid);
	}
	return cost;
}

/* A figure of a file such as meminfo, behind its name. */
static uint64_t
figure_of(const char *path, const char *format)
{
	unsigned long long value = 0;
	char line[256];
	FILE *in = fopen(path, "r");

	if (in == NULL)
		return 0;
	while (fgets(line, sizeof line, in) != NULL)
		if (sscanf(line, format, &value) == 1)
			break;
	fclose(in);
	return value;
}

static uint64_t
kernel_bytes(void)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return figure_of("/proc/meminfo", "Slab: %llu kB") * 1024 +
	       figure_of(
		   "/proc/net/sockstat",
		   "TCP: inuse %*u orphan %*u tw %*u alloc %*u mem %llu") *
		   page;
}

static uint64_t
generator_cpu_us(unsigned n)
{
	uint64_t us = 0;

	for (unsigned i = 0; i < n; i++)
		if (descends_from(n, tree[i].pid, getpid()))
			us += tree[i].cpu_us;
	return us;
}

void
processes_measure(const struct processes *processes, struct costs *costs)
{
	unsigned n = read_tree();

	*costs = (struct costs){ .at_us = clock_us() };
	for (unsigned i = 0; i < processes->n; i++) {
		costs->of[i] = cost_of(n, processes->watched[i].pid);
		costs->pss_bytes += costs->of[i].pss_bytes;
	}
	costs->kernel_bytes = kernel_bytes();
	costs->free_bytes =
	    figure_of("/proc/meminfo", "MemAvailable: %llu kB") * 1024;
	costs->generator_cpu_us = generator_cpu_us(n);
}
