/* SPDX-License-Identifier: MIT */
/* gateway/trust.h - whose word about a client's address counts.
 */
#ifndef PARLEY_GATEWAY_TRUST_H
#define PARLEY_GATEWAY_TRUST_H

#include "gateway/connection.h"

/* Whether an address is in PARLEY_TRUST_PROXY. */
bool trust_is_proxy(const struct gateway *gateway, const char *address);

/* Where the connection comes from an address in PARLEY_TRUST_PROXY, its address
 * becomes the last entry of X-Forwarded-For. */
void trust_forwarded(struct connection *connection);

#endif
