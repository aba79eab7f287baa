/* SPDX-License-Identifier: MIT */
#include "tools/parley-bench/shared.h"

#include <sys/mman.h>

static void *
map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

struct shared *
shared_new(const struct plan *plan)
{
	struct shared *shared = map(sizeof *shared);

	if (shared == NULL)
		return NULL;
	shared->tallies = map(plan_processes(plan) * sizeof *shared->tallies);
	shared->sent = map(((size_t)plan->rooms * plan->senders + 1) *
			   sizeof *shared->sent);
	shared->rooms = map(plan->rooms * sizeof *shared->rooms);
	if (shared->tallies == NULL || shared->sent == NULL ||
	    shared->rooms == NULL)
		return NULL;
	return shared;
}
