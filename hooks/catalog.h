/* SPDX-License-Identifier: MIT */
/* hooks/catalog.h - all hooks that there are, as the store tells them: read as
 * a whole whenever its link begins anew, and then one by one as they change.
 */
#ifndef PARLEY_HOOKS_CATALOG_H
#define PARLEY_HOOKS_CATALOG_H

#include "hooks/hooks.h"

/* Reads all hooks, in pages. Those that are no longer there are forgotten at
 * the end. */
void catalog_read(struct hooks *hooks);

/* hook_changed and hook_removed */
void catalog_hear(struct hooks *hooks, const struct frame *frame);

#endif
