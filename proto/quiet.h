/* SPDX-License-Identifier: MIT */
/* proto/quiet.h - notices that a burst is over, so that what it needed can be
 * given back.
 *
 * Caches fill while there is much to do and would keep their memory for good.
 * Once hardly anything is asked for, their owner empties them, and the heap's
 * free pages go back to the system. Nothing wakes up where nothing happens.
 */
#ifndef PARLEY_PROTO_QUIET_H
#define PARLEY_PROTO_QUIET_H

#include "proto/loop.h"

#include <stdbool.h>

/* Embed it, zeroed; the first six are set by the owner. */
struct quiet {
	struct loop *loop;
	loop_fn *on_quiet; /* gives back what can be made again; may be NULL */
	void *self;
	unsigned after_ms; /* looks that long after the first request, and on */
	unsigned few;      /* requests in that time that are no burst */
	bool only_bursts;  /* gives nothing back after a few alone */

	struct loop_timer timer;
	uint64_t heard;
	bool was_burst; /* not yet over when it was looked at last */
};

/* Something was asked for. */
void quiet_stir(struct quiet *quiet);

/* Before the loop goes; zeros are fine. */
void quiet_stop(struct quiet *quiet);

#endif
