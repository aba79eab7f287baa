/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/ask.h - asks a daemon over the bus and waits for the answer.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_ASK_H
#define PARLEY_TOOLS_PARLEYCTL_ASK_H

#include "proto/bus.h"
#include "proto/frame.h"
#include "proto/loop.h"
#include "tools/client/lookup.h"
#include "tools/parleyctl/ctl.h"

/* Hears the answer, which lives until this returns. Returns an exit status. */
typedef int hear_fn(struct call *call, void *self, const struct frame *answer);

/* Sends `request` to a daemon of this kind and waits for its answer. Returns
 * what `hear` (NULL: nothing is wanted of it) returns; or, after a line on
 * stderr, STATUS_FAILED: it was refused, is of another kind than `wanted`, or
 * did not come in time. */
int ask(struct call *call, enum party kind, struct frame *request,
	enum frame_kind wanted, hear_fn *hear, void *self);

/* Whom else to ask for a daemon of this kind. 0, or an exit status after a line
 * on stderr. */
int ask_lookup(struct call *call, enum party kind, struct lookup *lookup);

/* For who asks several at once: connects to the daemons of this kind, from the
 * folder of sockets, which is the working folder from then on. 0, or an exit
 * status after a line on stderr. */
int ask_connect(struct call *call, enum party kind);

/* How long to wait for an answer, by the settings. The same results. */
int ask_timeout(struct call *call, unsigned *timeout_ms);

/* What was connected; after ask_connect(). */
struct bus *ask_bus(const struct call *call);
struct loop *ask_loop(const struct call *call);

/* Calls `hear` whenever a daemon has come or gone; NULL: nobody. */
void ask_hear_peers(struct call *call, loop_fn *hear, void *self);

/* Closes what was opened to ask. */
void ask_end(struct call *call);

#endif
