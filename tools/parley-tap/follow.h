/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/follow.h - one message's way through all hops, and the time
 * that each of them took.
 */
#ifndef PARLEY_TOOLS_TAP_FOLLOW_H
#define PARLEY_TOOLS_TAP_FOLLOW_H

#include "tools/parley-tap/filter.h"
#include "tools/parley-tap/hops.h"
#include "tools/parley-tap/lines.h"
#include "tools/parley-tap/taps.h"

/* What follows stands in for the message's id. */
#define FOLLOW_NEXT "next"

struct follow {
	const char *id; /* or FOLLOW_NEXT */
	struct filter *filter;
	struct style style;
	const struct taps *taps; /* NULL: a recording */
	uint64_t timeout_us;     /* without a step; 0: none */
	/* All zero at the beginning: */
	struct hops hops;
	struct way *way;   /* NULL: it was not heard of */
	struct way *maybe; /* the first whose beginning was not heard */
	uint64_t moved_us; /* when something was heard of it */
	uint64_t lost;     /* frames */
	bool is_ready;
};

/* Whether `id` can be one. */
bool follow_is_id(const char *id);

/* The functions of a struct listener; `self` is a struct follow. */
int follow_hear(void *self, const struct heard *heard);
int follow_lose(void *self, const struct heard *loss);
int follow_idle(void *self, uint64_t clock_us, bool is_ready);

/* Prints what was found. Returns 0 if the way is whole, 1 if it is not or
 * cannot be printed. */
int follow_tell(struct follow *follow);

void follow_fini(struct follow *follow);

#endif
