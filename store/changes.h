/* SPDX-License-Identifier: MIT */
/* store/changes.h - what happened in a room that is no message, for who missed
 * it: edits, messages taken back, memberships begun and ended.
 */
#ifndef PARLEY_STORE_CHANGES_H
#define PARLEY_STORE_CHANGES_H

#include "store/store.h"

/* Acts. */
void changes_get(struct store *store, const struct frame *request,
		 struct frame *answer);

#endif
