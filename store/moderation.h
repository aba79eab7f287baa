/* SPDX-License-Identifier: MIT */
/* store/moderation.h - roles given, users kicked, banned, muted and added,
 * rooms changed: what others hear of, as they hear of messages.
 */
#ifndef PARLEY_STORE_MODERATION_H
#define PARLEY_STORE_MODERATION_H

#include "store/store.h"

/* Acts. */
void moderation_moderate(struct store *store, const struct frame *request,
			 struct frame *answer);
void moderation_change_room(struct store *store, const struct frame *request,
			    struct frame *answer);
void moderation_get_members(struct store *store, const struct frame *request,
			    struct frame *answer);
void moderation_check_visits(struct store *store, const struct frame *request,
			     struct frame *answer);

#endif
