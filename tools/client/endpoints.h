/* SPDX-License-Identifier: MIT */
/* tools/client/endpoints.h - where a tool finds the daemons, as its settings
 * say. Gateways and hooks are not among them: no tool connects to those.
 */
#ifndef PARLEY_TOOLS_CLIENT_ENDPOINTS_H
#define PARLEY_TOOLS_CLIENT_ENDPOINTS_H

#include "proto/frame.h"

struct endpoints {
	const char *router;
	const char *presence;
	const char *store;
	const char *auth;
};

/* Those of the daemons of a kind, separated by spaces; NULL for other kinds. */
const char *endpoints_of(const struct endpoints *endpoints, enum party kind);

#endif
