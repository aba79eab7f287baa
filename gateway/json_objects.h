/* SPDX-License-Identifier: MIT */
/* gateway/json_objects.h - rooms and messages as objects, alike in REST and in
 * the dialects that show them whole.
 */
#ifndef PARLEY_GATEWAY_JSON_OBJECTS_H
#define PARLEY_GATEWAY_JSON_OBJECTS_H

#include "gateway/json_write.h"
#include "gateway/outbox.h"
#include "proto/frame.h"

/* What was written as the text of a WebSocket frame, held once, or NULL; frees
 * the writer. */
struct parcel *json_frame(struct json_writer *w);

/* With `places` it also has seq, number and creator_name. */
void json_message(struct json_writer *w, const char *key,
		  const struct frame_message *message, bool places);

/* An array of those that were not taken back. */
void json_messages(struct json_writer *w, const char *key,
		   const frame_list *messages);

/* What all rooms have in common, as members of an object. */
void json_room_members(struct json_writer *w,
		       const struct frame_room_info *room);

/* A direct room has no name; with `peers` it has a `peer`, the other one. */
void json_room(struct json_writer *w, const char *key,
	       const struct frame_room_info *room, bool peers);

#endif
