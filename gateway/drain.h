/* SPDX-License-Identifier: MIT */
/* gateway/drain.h - a gateway that goes says good-bye to its clients, spread
 * over a few seconds, and tells each when to come back.
 */
#ifndef PARLEY_GATEWAY_DRAIN_H
#define PARLEY_GATEWAY_DRAIN_H

#include "gateway/gateway.h"

/* From now on nobody is let in. */
void drain_begin(struct gateway *gateway);

/* At the end of each turn. True when no connection is left. */
bool drain_go_on(struct gateway *gateway);

/* Seconds until somebody who is sent away should come back: each is told
 * another time, over a span that grows with their number, so that they do not
 * come all at once. */
unsigned drain_hint_s(struct gateway *gateway);

#endif
