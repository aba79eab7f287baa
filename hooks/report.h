/* SPDX-License-Identifier: MIT */
/* hooks/report.h - the store is told how far each hook is, and what failed, so
 * that a restart goes on from there; and the log, what somebody should know.
 */
#ifndef PARLEY_HOOKS_REPORT_H
#define PARLEY_HOOKS_REPORT_H

#include "hooks/hooks.h"

/* A delivery was taken, and hook->delivered says so already; hook->failures
 * does not yet. The next delivery does not wait for the store: what it has not
 * kept when we are killed is delivered again. */
void report_success(struct hook *hook);

/* A delivery has failed, and the hook says how often, since when, and whether
 * it is paused by that. */
void report_failure(struct hook *hook, const struct outcome *outcome);

/* Tells again what the store could not take. */
void report_again(struct hooks *hooks);

#endif
