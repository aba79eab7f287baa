/* SPDX-License-Identifier: MIT */
/* tools/client/endpoints.c - see endpoints.h. */
#include "tools/client/endpoints.h"

const char *
endpoints_of(const struct endpoints *endpoints, enum party kind)
{
	switch (kind) {
	case ROUTER:
		return endpoints->router;
	case PRESENCE:
		return endpoints->presence;
	case STORE:
		return endpoints->store;
	case AUTH:
		return endpoints->auth;
	default:
		return NULL;
	}
}
