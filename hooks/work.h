/* SPDX-License-Identifier: MIT */
/* hooks/work.h - what each hook does next: read a page, send what is on it one
 * after the other, wait, rest after a failure.
 *
 * One request of a hook is under way at a time, so that deliveries keep their
 * order; many hooks go on side by side. How many is bounded, and a hook that
 * has had its share of time lets others in. Those that fail get at most half
 * of the places: receivers that hang must not hold up the others.
 */
#ifndef PARLEY_HOOKS_WORK_H
#define PARLEY_HOOKS_WORK_H

#include "hooks/hooks.h"

/* There may be something to deliver. */
void work_look(struct hook *hook);

/* What the store says of the hook has changed: begins anew, after the request
 * that is under way. */
void work_look_anew(struct hook *hook);

/* Ends at once what the hook is doing; nothing of it is heard any more. */
void work_cancel(struct hook *hook);

/* Lets those begin whose turn it is. */
void work_turn(struct hooks *hooks);

/* Whether no request is under way, and none begins any more; or it is time to
 * go whatever there is. */
bool work_drain(struct hooks *hooks);

#endif
