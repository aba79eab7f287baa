/* SPDX-License-Identifier: MIT */
/* gateway/json_hooks.h - the hooks of a room as JSON: what their owners are
 * shown, and what they want.
 */
#ifndef PARLEY_GATEWAY_JSON_HOOKS_H
#define PARLEY_GATEWAY_JSON_HOOKS_H

#include "gateway/json_write.h"
#include "gateway/moderation_wish.h"
#include "proto/frame.h"

/* An object; with the secret where there is one. */
void json_hook(struct json_writer *w, const char *key,
	       const struct frame_hook_info *hook);

/* url, and perhaps events (messages, if they are missing) and secret. Texts
 * point into the object. */
struct wish_fault hook_read_new(const json_t *object,
				struct frame_create_hook *wish);

/* url, events, secret, new_secret, state, skip: at least one. */
struct wish_fault hook_read_changes(const json_t *object,
				    struct frame_change_hook *wish);

#endif
