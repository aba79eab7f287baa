/* SPDX-License-Identifier: MIT */
/* tools/client/lookup.h - who and which room is meant by a name: auth and the
 * store know.
 */
#ifndef PARLEY_TOOLS_CLIENT_LOOKUP_H
#define PARLEY_TOOLS_CLIENT_LOOKUP_H

#include "tools/client/asker.h"

/* Where to ask, and how long to wait; `endpoints` are those of auth or of the
 * store. */
struct lookup {
	struct asker *asker;
	const char *endpoints;
	unsigned timeout_ms;
};

struct found_user {
	struct uuid id;
	uint64_t number;
	char name[257];
};

/* A user by name, at auth. 1 if there is one, 0 if not, -1 if that is not
 * known: asker_wrong() says why. */
int lookup_user(const struct lookup *lookup, const char *name,
		struct found_user *user);

/* A room by name, at the store. As above. */
int lookup_room(const struct lookup *lookup, const char *name,
		struct uuid *room);

#endif
