/* SPDX-License-Identifier: MIT */
/* tools/parley/deed.h - what was done to us in a room, by a moderator or
 * another of our own devices, in words.
 */
#ifndef PARLEY_TOOLS_PARLEY_DEED_H
#define PARLEY_TOOLS_PARLEY_DEED_H

#include "proto/buffer.h"

#include <jansson.h>
#include <stdbool.h>

/* Whether the frame tells that somebody was kicked or banned. */
bool deed_is_removal(const json_t *frame);

/* Appends what a MemberUpdated about us says, safe to show, such as "you were
 * banned from den until 21:31: too loud". `room` is what to call the room, safe
 * to show. Nothing is appended where there is nothing to say. 0, or -1 with
 * errno ENOMEM. */
int deed_tell(struct buffer *out, const json_t *frame, const char *room);

#endif
