/* SPDX-License-Identifier: MIT */
/* gateway/rest_internal.h - what the files of REST share.
 *
 * An errand is one request on its way: its first step looks at the request,
 * each further one at a daemon's answer. A step either asks once more or
 * replies; then the errand is freed, by rest.c and nowhere else. While it
 * lasts, the request stays in connection->http.
 */
#ifndef PARLEY_GATEWAY_REST_INTERNAL_H
#define PARLEY_GATEWAY_REST_INTERNAL_H

#include "gateway/connection.h"
#include "gateway/json_write.h"
#include "gateway/moderation_wish.h"
#include "proto/frame.h"
#include "proto/names.h"

#include <jansson.h>

struct errand;

/* `answer` is what was asked for last; NULL where nothing was. */
typedef void errand_step(struct errand *errand, struct connection *connection,
			 const struct frame *answer);

struct errand {
	uint64_t connection_id;
	errand_step *next;
	enum frame_kind expected; /* of the answer; FRAME_none: any */
	bool is_asking;
	struct frame_verified user; /* who asks, where that is needed */
	char user_name[NAME_MAX_BYTES + 1];
	struct uuid room;  /* that the path names */
	errand_step *then; /* once that room is known */
	struct uuid nonce;
	struct frame_moderate deed;         /* what is to be done to a user */
	char deed_name[NAME_MAX_BYTES + 1]; /* that user's name */
	json_t *body;                       /* of the request */
	struct json_writer page;
};

/* One row of the table in rest.c. */
struct rest_route {
	const char *method;
	const char *path; /* a segment `*` is any but the empty one */
	errand_step *first;
	bool needs_user;
};

/* Asks; `next` hears the answer if it is `expected`. Anything else is replied
 * to here. */
void errand_ask(struct errand *errand, struct connection *connection,
		struct peer *to, struct frame *request,
		enum frame_kind expected, errand_step *next);

/* The store, to ask. */
struct peer *store_of(struct connection *connection);

/* The step behind an answer of which nothing is told. */
errand_step reply_nothing;

/* Reads the body, which must be a JSON object. False: replied. */
bool errand_read_body(struct errand *errand, struct connection *connection);

/* Reads a member of the body, of at most `max` bytes; empty where it is missing
 * or null. False: replied. */
bool errand_text(const struct errand *errand, struct connection *connection,
		 const char *name, size_t max, struct slice *text);

/* The same for a number up to `max`; 0 where it is missing. */
bool errand_number(const struct errand *errand, struct connection *connection,
		   const char *name, uint64_t max, uint64_t *number);

/* Reads a number from the query string; *number stays as it is if there is
 * none. False: replied. */
bool query_number(struct connection *connection, const char *name, uint64_t min,
		  uint64_t max, uint64_t *number);

/* Replies that a field is wrong. */
void reply_wrong(struct connection *connection, const char *field,
		 const char *detail);

/* Whether nothing is wrong with what was wished for. False: replied. */
bool is_fine_wish(struct connection *connection, struct wish_fault fault);

/* Sets errand->room to the room that the path names and goes on with `then`. */
void with_room(struct errand *errand, struct connection *connection,
	       errand_step *then);

/* The steps that begin each kind of errand. */
errand_step serve_register, serve_login, serve_logout, serve_refresh, serve_me;
errand_step serve_users, serve_user;
errand_step serve_rooms, serve_new_room, serve_messages, serve_new_message;
errand_step serve_room, serve_room_change, serve_members, serve_member;
errand_step serve_role, serve_kick, serve_ban, serve_unban, serve_bans;
errand_step serve_mute, serve_unmute, serve_mutes;
errand_step serve_new_invite, serve_invites, serve_revoke, serve_accept;
errand_step serve_hooks, serve_new_hook, serve_hook, serve_hook_change;
errand_step serve_hook_end;
errand_step serve_health, serve_ready, serve_metrics;

/* Replies with a file of the demo page. */
void serve_page(struct connection *connection);

/* Whether the path is one of its files. */
bool is_page(const struct http_request *request);

#endif
