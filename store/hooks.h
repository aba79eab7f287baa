/* SPDX-License-Identifier: MIT */
/* store/hooks.h - addresses that hear what happens in a room, and how far each
 * one is.
 *
 * A hook keeps no messages of its own: it has a place in the room's history,
 * which moves forward as the daemon `hooks` delivers.
 */
#ifndef PARLEY_STORE_HOOKS_H
#define PARLEY_STORE_HOOKS_H

#include "store/store.h"

#define HOOKS_MAX 20 /* of one room */

/* Acts of owners and administration. */
void hooks_create(struct store *store, const struct frame *request,
		  struct frame *answer);
void hooks_change(struct store *store, const struct frame *request,
		  struct frame *answer);
void hooks_remove(struct store *store, const struct frame *request,
		  struct frame *answer);
void hooks_list(struct store *store, const struct frame *request,
		struct frame *answer);

/* As hooks_list(), with the secrets: for who delivers. */
void hooks_list_secrets(struct store *store, const struct frame *request,
			struct frame *answer);

/* Acts of who delivers. */
void hooks_delivered(struct store *store, const struct frame *request,
		     struct frame *answer);
void hooks_failed(struct store *store, const struct frame *request,
		  struct frame *answer);

#endif
