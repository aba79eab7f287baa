/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/ask.h - asks a daemon over the bus and waits for the answer.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_ASK_H
#define PARLEY_TOOLS_PARLEYCTL_ASK_H

#include "proto/frame.h"
#include "tools/parleyctl/ctl.h"

/* Hears the answer, which lives until this returns. Returns an exit status. */
typedef int hear_fn(struct call *call, void *self, const struct frame *answer);

/* Sends `request` to a daemon of this kind and waits for its answer. Returns
 * what `hear` (NULL: nothing is wanted of it) returns; or, after a line on
 * stderr, STATUS_FAILED: it was refused, is of another kind than `wanted`, or
 * did not come in time. */
int ask(struct call *call, enum party kind, struct frame *request,
	enum frame_kind wanted, hear_fn *hear, void *self);

/* Closes what was opened to ask. */
void ask_end(struct call *call);

#endif
