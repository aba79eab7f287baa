/* SPDX-License-Identifier: MIT */
/* gateway/moderation_wish.h - what a client's JSON object wants done to a user
 * or a room, read alike for REST and the extensions of campfire.
 */
#ifndef PARLEY_GATEWAY_MODERATION_WISH_H
#define PARLEY_GATEWAY_MODERATION_WISH_H

#include "proto/frame.h"

#include <jansson.h>

#define REASON_MAX  1024               /* bytes */
#define PERIOD_MAX  (10 * 366 * 86400) /* seconds: of a ban, mute, invite */
#define PAGE_MAX    1000
#define PAGE_NORMAL 100

/* What is wrong, and with which member; `words` NULL: nothing. */
struct wish_fault {
	const char *field;
	const char *words;
};

/* Missing and null are one: NULL. */
const json_t *wish_member(const json_t *object, const char *name);

/* A string, perhaps empty, of at most `max` bytes and without NUL, which *text
 * points into. */
bool wish_read_text(const json_t *value, size_t max, struct slice *text);

/* name, description, visibility, slow_seconds, archived: at least one. Texts
 * point into the object. */
struct wish_fault wish_read_changes(const json_t *object,
				    struct frame_change_room *wish);

/* What wish->action needs: role, seconds (from now on, ms since 1970), reason.
 */
struct wish_fault wish_read_deed(const json_t *object, uint64_t now_ms,
				 struct frame_moderate *wish);

/* `seconds` alone: *until is 0 where it is missing. */
struct wish_fault wish_read_period(const json_t *object, uint64_t now_ms,
				   uint64_t *until);

#endif
