/* SPDX-License-Identifier: MIT */
/* gateway/origin.h - whose pages may use the cookies of a browser here
 * (RFC 6454).
 */
#ifndef PARLEY_GATEWAY_ORIGIN_H
#define PARLEY_GATEWAY_ORIGIN_H

#include "gateway/gateway.h"
#include "gateway/http.h"

/* Whether the request comes from no page at all (no Origin), from a page of
 * the host that it is sent to, or from one of PARLEY_ORIGINS. */
bool origin_is_allowed(struct gateway *gateway,
		       const struct http_request *request);

#endif
