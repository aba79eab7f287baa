/* SPDX-License-Identifier: MIT */
/* bench/bare/member.h - a connection of the bare floor, and the way out to it.
 *
 * Who cannot take what is written keeps it, up to a bound, and is hung up on
 * beyond. That end is heard as an event of its own, so that nobody leaves a
 * room that is walked through.
 */
#ifndef PARLEY_BENCH_BARE_MEMBER_H
#define PARLEY_BENCH_BARE_MEMBER_H

#include "gateway/http.h"
#include "proto/buffer.h"

struct room;

struct member {
	int fd;
	int epoll;         /* that tells of it; not owned */
	struct room *room; /* NULL until upgraded */
	size_t place;      /* in the room */
	struct http_scan scan;
	struct buffer in;  /* received in part */
	struct buffer out; /* could not be written yet */
};

/* Owns `fd`, and is what epoll's events of it point to. NULL, with `fd` as it
 * was, if there is no memory or the kernel refuses. */
struct member *member_new(int epoll, int fd);

/* Who is in a room leaves it before. */
void member_free(struct member *member);

void member_write(struct member *member, const void *bytes, size_t n);

/* There is room on the socket: what was kept goes first. */
void member_write_kept(struct member *member);

#endif
