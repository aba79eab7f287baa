/* SPDX-License-Identifier: MIT */
/* tools/client/asker.h - a party of the bus for tools that ask daemons: one
 * thing at a time, waiting for the answer, or several on the loop that it has.
 *
 * It is a party of kind `tool`, connected like any daemon, so that endpoints,
 * keys, greeting and repeats are those of the bus.
 */
#ifndef PARLEY_TOOLS_CLIENT_ASKER_H
#define PARLEY_TOOLS_CLIENT_ASKER_H

#include "proto/bus.h"
#include "proto/frame.h"
#include "proto/loop.h"

struct asker;

/* Hears the answer, which lives until this returns. */
typedef void asker_hear_fn(void *self, const struct frame *answer);

/* An asker of the name PROGRAM.PID; sockets are looked for in the folder `run`,
 * and keys in `curve_dir` (empty: there are none). All three are kept until
 * asker_free(). Nothing is opened yet. NULL with errno ENOMEM. */
struct asker *asker_new(const char *program, const char *run,
			const char *curve_dir);

/* Sends `request` to a daemon of this kind, at the endpoints that are given
 * with the first question to the kind, and waits `timeout_ms` for its answer,
 * which must be of the kind `wanted`. 0 once `hear` (or NULL) has been told; or
 * -1, and asker_wrong() says why. The first question makes `run` the working
 * folder of the process. */
int asker_ask(struct asker *asker, enum party kind, const char *endpoints,
	      unsigned timeout_ms, struct frame *request,
	      enum frame_kind wanted, asker_hear_fn *hear, void *self);

/* For who asks several at once: connects to the daemons of this kind. 0, or -1,
 * and asker_wrong() says why. The first one makes `run` the working folder. */
int asker_connect(struct asker *asker, enum party kind, const char *endpoints);

/* What was connected; after asker_connect(). */
struct bus *asker_bus(const struct asker *asker);
struct loop *asker_loop(const struct asker *asker);

/* Calls `hear` whenever a daemon has come or gone; NULL: nobody. */
void asker_hear_peers(struct asker *asker, loop_fn *hear, void *self);

/* What was wrong with the last question, for people. */
const char *asker_wrong(const struct asker *asker);

/* Whether the last question was refused with this code. */
bool asker_was_refused(const struct asker *asker, enum error_code code);

/* Closes what was opened to ask. NULL is fine. */
void asker_free(struct asker **asker);

#endif
