/* SPDX-License-Identifier: MIT */
/* bench/bare/hear.h - what a client of the bare floor sends: a request for an
 * upgrade, whose path is a room, then frames. Texts are not looked at.
 */
#ifndef PARLEY_BENCH_BARE_HEAR_H
#define PARLEY_BENCH_BARE_HEAR_H

#include "bench/bare/member.h"
#include "bench/bare/room.h"

/* Takes these bytes, which it may change; what is not whole yet is kept. 0, or
 * -1 where it is over: the client said so, or there is no memory, or it is not
 * what our clients send. */
int hear_bytes(struct rooms *rooms, struct member *member, uint8_t *at,
	       size_t n);

#endif
