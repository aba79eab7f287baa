/* SPDX-License-Identifier: MIT */
/* gateway/sessions.h - connections live no longer than their sessions. */
#ifndef PARLEY_GATEWAY_SESSIONS_H
#define PARLEY_GATEWAY_SESSIONS_H

#include "gateway/client.h"

/* Notes whose session it is and when its token ends: seconds since 1970, or 0
 * for with its session only. */
void sessions_begin(struct client *client, const struct uuid *session,
		    uint64_t expires_at);

/* Once a second: closes a client whose token has expired. */
void sessions_sweep(struct client *client);

/* Auth has ended these sessions. */
void sessions_revoke(struct gateway *gateway, const frame_UUIDS *sessions);

/* Asks auth whether all sessions that are open here still stand. */
void sessions_check(struct gateway *gateway, struct peer *auth);

#endif
