/* SPDX-License-Identifier: MIT */
/* gateway/sessions.h - connections live no longer than their sessions. */
#ifndef PARLEY_GATEWAY_SESSIONS_H
#define PARLEY_GATEWAY_SESSIONS_H

#include "gateway/client.h"

/* Notes with which sessions and when the client ends. 0, or -1 with errno
 * ENOMEM. */
int sessions_begin(struct client *client, const struct frame_verified *who);

/* Once a second: closes a client whose token has expired. */
void sessions_sweep(struct client *client);

/* Auth has ended these sessions, and all of these users. */
void sessions_revoke(struct gateway *gateway,
		     const struct frame_revoked *revoked);

/* Asks auth whether all sessions that are open here still stand. */
void sessions_check(struct gateway *gateway, struct peer *auth);

#endif
