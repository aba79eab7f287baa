/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/quiet.h - makes a copy of a suite keep to itself.
 *
 * A copy knows the same addresses and secrets of hooks as the suite that it is
 * of: what is said in it would reach the real receivers, signed like the real.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_QUIET_H
#define PARLEY_TOOLS_PARLEYCTL_QUIET_H

#include "tools/parleyctl/ctl.h"

/* Pauses every hook in the chat.db at `path`, which nobody else has open, and
 * says why where a failure would stand. Counts those in *paused that were not
 * paused before. A database from before there were hooks stays as it is. 0, or
 * an exit status after a line on stderr; then none is paused. */
int quiet_pause_hooks(struct call *call, const char *path, unsigned *paused);

#endif
