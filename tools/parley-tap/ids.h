/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/ids.h - which id of a recording stands for which one in
 * a replay: what a daemon makes an id for gets another one each time.
 */
#ifndef PARLEY_TOOLS_TAP_IDS_H
#define PARLEY_TOOLS_TAP_IDS_H

#include "proto/frame.h"

struct id_pair;

/* All zero is empty. */
struct ids {
	struct id_pair *by_was;
	struct id_pair *by_now;
};

/* Whether `now` stands for `was`: as it did before, or from here on if neither
 * was met yet. False too if there is no memory. */
bool ids_agree(struct ids *ids, const struct uuid *was, const struct uuid *now);

/* Makes a recorded frame one to be said now: ids that stand for others are
 * replaced, all others mean themselves from here on. What it changes of lists
 * goes to `arena`. 0, or -1 with errno ENOMEM. */
int ids_translate(struct ids *ids, struct frame *frame, struct arena *arena);

void ids_fini(struct ids *ids);

#endif
