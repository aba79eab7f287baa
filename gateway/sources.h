/* SPDX-License-Identifier: MIT */
/* gateway/sources.h - the addresses that connections come from: how many each
 * has, and which of those that nothing came of has waited longest.
 *
 * An IPv4 address stands for itself, also where it is mapped into IPv6; of an
 * IPv6 address the first 64 bits count, since that is what one customer gets.
 */
#ifndef PARLEY_GATEWAY_SOURCES_H
#define PARLEY_GATEWAY_SOURCES_H

#include "proto/hash.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define SOURCES_RANKS 1024 /* more waiting ones than that are all alike */

struct connection;

struct source {
	struct source_key {
		struct in6_addr network;
		bool is_local; /* this machine's own, such as 127.0.0.1 */
	} key;
	unsigned connections; /* that count */
	unsigned excess;  /* that were taken to be told that they are too many
			   */
	unsigned holders; /* see sources_hold() */
	size_t in_line;
	struct waiter *line;        /* who waits longest first */
	struct source *prev, *next; /* of those with as many in line */
	UT_hash_handle hh;
};

/* All zero is empty. It allocates nothing but a record for each address that
 * has somebody in it. */
struct sources {
	struct source *by_key;
	struct source *by_rank[SOURCES_RANKS]; /* how many wait, of each */
	size_t top;                            /* the last rank in use */
	size_t waiting;                        /* over all */
};

/* One connection in the line of its address; to be embedded. */
struct waiter {
	struct connection *connection;
	struct source *source;
	bool is_waiting;
	struct waiter *prev, *next;
};

/* The record of an address as text, held once more. NULL with errno ENOMEM. */
struct source *sources_hold(struct sources *sources, const char *address);

/* Lets go and sets *source to NULL; the last one frees it. NULL is fine. */
void sources_drop(struct sources *sources, struct source **source);

/* Stands in line, behind all others of `waiter->source`; or leaves it. */
void sources_wait(struct sources *sources, struct waiter *waiter);
void sources_serve(struct sources *sources, struct waiter *waiter);

/* Of the address with the most in line, the one that waits longest; NULL if
 * nobody does. */
struct waiter *sources_longest(const struct sources *sources);

#endif
