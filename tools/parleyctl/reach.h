/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/reach.h - whether the daemon `hooks` can reach an address.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_REACH_H
#define PARLEY_TOOLS_PARLEYCTL_REACH_H

#include "tools/parleyctl/ctl.h"

/* A line on stderr if the host in `url` is this machine or an address that is
 * not public, however it is written: what PARLEY_HOOKS_ALLOW of the daemon has,
 * nobody knows here. What other names stand for is seen when it connects. */
void reach_warn(const struct call *call, const char *url);

#endif
