/* SPDX-License-Identifier: MIT */
/* gateway/dialects/campfire_extensions.h - the requests of `?v=2`.
 */
#ifndef PARLEY_GATEWAY_DIALECTS_CAMPFIRE_EXTENSIONS_H
#define PARLEY_GATEWAY_DIALECTS_CAMPFIRE_EXTENSIONS_H

#include "gateway/dialects/campfire_request.h"

void campfire_create_room(const struct campfire_request *request);
void campfire_get_rooms(const struct campfire_request *request);
void campfire_get_history(const struct campfire_request *request);
void campfire_open_direct(const struct campfire_request *request);
void campfire_edit_message(const struct campfire_request *request);
void campfire_delete_message(const struct campfire_request *request);
void campfire_search_messages(const struct campfire_request *request);
void campfire_get_unread(const struct campfire_request *request);

/* campfire_resume.c: asking for exactly what followed. */
void campfire_resume(const struct campfire_request *request);

/* The memberships are known: a request to resume that came earlier is carried
 * out. */
void campfire_resume_ready(struct client *client);

/* A seat is live: what was asked for may be complete. */
void campfire_resume_caught_up(struct client *client, struct seat *seat);

/* The client is no longer in that room. */
void campfire_resume_left(struct client *client, const struct uuid *room);

/* Once a second: refuses what waits for a daemon for too long. */
void campfire_resume_sweep(struct client *client);

void campfire_resume_forget(struct client *client);

#endif
