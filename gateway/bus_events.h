/* SPDX-License-Identifier: MIT */
/* gateway/bus_events.h - what the other daemons tell this gateway.
 */
#ifndef PARLEY_GATEWAY_BUS_EVENTS_H
#define PARLEY_GATEWAY_BUS_EVENTS_H

#include "proto/bus.h"

/* The gateway's routes; ends with { 0 }. */
extern const struct route bus_event_routes[];

/* A daemon came back or went. */
void bus_event_peer(void *self, struct peer *peer, enum peer_news news);

#endif
