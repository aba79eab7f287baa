/* SPDX-License-Identifier: MIT */
/* gateway/sources.c - a table of addresses, and a list of them for each number
 * of connections in line. That number changes by one at a time, so the longest
 * line is always found at once, however many addresses take part in a flood.
 */
#include "gateway/sources.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK_BYTES 8 /* of an IPv6 address */

/* What is no address is one more address. */
static void
make_key(struct source_key *key, const char *address)
{
	struct in6_addr six;
	struct in_addr four;

	memset(key, 0, sizeof *key);
	if (inet_pton(AF_INET6, address, &six) != 1 ||
	    IN6_IS_ADDR_V4MAPPED(&six)) {
		const char *colon = strrchr(address, ':');

		if (inet_pton(AF_INET, colon == NULL ? address : colon + 1,
			      &four) != 1)
			return;
		memset(key->network.s6_addr + 10, 0xff, 2);
		memcpy(key->network.s6_addr + 12, &four, sizeof four);
		key->is_local = key->network.s6_addr[12] == 127;
		return;
	}
	key->is_local = IN6_IS_ADDR_LOOPBACK(&six);
	memcpy(key->network.s6_addr, six.s6_addr, NETWORK_BYTES);
}

struct source *
sources_hold(struct sources *sources, const char *address)
{
	struct source *source;
	struct source_key key;

	make_key(&key, address);
	HASH_FIND(hh, sources->by_key, &key, sizeof key, source);
	if (source == NULL) {
		source = calloc(1, sizeof *source);
		if (source == NULL)
			return NULL;
		memcpy(&source->key, &key, sizeof key);
		HASH_ADD(hh, sources->by_key, key, sizeof source->key, source);
		if (source->hh.tbl == NULL) {
			free(source);
			errno = ENOMEM;
			return NULL;
		}
	}
	source->holders++;
	return source;
}

void
sources_drop(struct sources *sources, struct source **held)
{
	struct source *source = *held;

	*held = NULL;
	if (source == NULL || --source->holders > 0)
		return;
	HASH_DEL(sources->by_key, source);
	free(source);
}

static size_t
rank_of(size_t in_line)
{
	return in_line < SOURCES_RANKS ? in_line : SOURCES_RANKS - 1;
}

/* Rank 0 has no list: nobody waits there. */
static void
set_in_line(struct sources *sources, struct source *source, size_t in_line)
{
	size_t from = rank_of(source->in_line);
	size_t to = rank_of(in_line);

	source->in_line = in_line;
	if (from == to)
		return;
	if (from > 0)
		DL_DELETE(sources->by_rank[from], source);
	if (to > 0)
		DL_APPEND(sources->by_rank[to], source);
	if (to > sources->top)
		sources->top = to;
	while (sources->top > 0 && sources->by_rank[sources->top] == NULL)
		sources->top--;
}

void
sources_wait(struct sources *sources, struct waiter *waiter)
{
	if (waiter->is_waiting)
		return;
	waiter->is_waiting = true;
	DL_APPEND(waiter->source->line, waiter);
	sources->waiting++;
	set_in_line(sources, waiter->source, waiter->source->in_line + 1);
}

void
sources_serve(struct sources *sources, struct waiter *waiter)
{
	if (!waiter->is_waiting)
		return;
	waiter->is_waiting = false;
	DL_DELETE(waiter->source->line, waiter);
	sources->waiting--;
	set_in_line(sources, waiter->source, waiter->source->in_line - 1);
}

struct waiter *
sources_longest(const struct sources *sources)
{
	return sources->top == 0 ? NULL : sources->by_rank[sources->top]->line;
}
