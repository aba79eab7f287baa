/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire.h - what the two files of the campfire dialect
 * share: campfire.c hears requests, campfire_encode.c words what is sent.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_CAMPFIRE_H
#define PARLEY_GATEWAY_DIALECTS_CAMPFIRE_H

#include "gateway/dialect.h"
#include "gateway/json_objects.h"

/* The variants: as published, and with the extensions of `?v=2`. */
enum { CAMPFIRE_PLAIN, CAMPFIRE_EXTENDED };

/* The frame for an event, held once, or NULL: see dialect.h. */
struct parcel *campfire_encode(const struct event *event, unsigned variant);

/* Begins an answer of this type, with the request's id if it had one. */
void campfire_begin(struct json_writer *w, const char *type,
		    struct slice request_id);

/* Ends it and makes the frame, held once, or NULL; frees the writer. */
struct parcel *campfire_end(struct json_writer *w);

/* `{type: "Error", message, code}` */
struct parcel *campfire_error(const char *code, const char *message,
			      struct slice request_id);

/* The same for what a daemon refused; with the extensions it says when to come
 * back. */
struct parcel *campfire_refusal(const struct frame_refused *refused,
				struct slice request_id, unsigned variant);

/* Events of the extensions, which are answers too. */
struct parcel *campfire_moderated(const struct frame_moderated *moderated,
				  struct slice request_id);
struct parcel *campfire_room_updated(const struct frame_room_info *room,
				     struct slice request_id);
struct parcel *campfire_user_left(const struct uuid *user,
				  const struct uuid *room,
				  struct slice request_id);

/* The code for what a daemon refused. */
const char *campfire_error_code(enum error_code code);

#endif
