/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/view.h - what was heard is printed, or recorded.
 */
#ifndef PARLEY_TOOLS_TAP_VIEW_H
#define PARLEY_TOOLS_TAP_VIEW_H

#include "tools/parley-tap/filter.h"
#include "tools/parley-tap/lines.h"
#include "tools/parley-tap/recording_file.h"
#include "tools/parley-tap/taps.h"

struct view {
	struct filter *filter;
	struct style style;
	struct recorder *recorder; /* NULL: nothing is recorded */
	bool prints;
	const struct taps *taps; /* told of on stderr once all are heard; or
				  * NULL */
	unsigned long left;      /* frames to come; 0: no end */
	struct buffer line;      /* reused */
	bool is_told;
};

/* The functions of a struct listener; `self` is a struct view. */
int view_hear(void *self, const struct heard *heard);
int view_lose(void *self, const struct heard *loss);
int view_idle(void *self, uint64_t clock_us, bool is_ready);

void view_fini(struct view *view);

#endif
