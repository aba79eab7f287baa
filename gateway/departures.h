/* SPDX-License-Identifier: MIT */
/* gateway/departures.h - guests who have gone while what they said last was on
 * its way.
 *
 * Who goes is told gone by presence at once; that must not overtake the words.
 */
#ifndef PARLEY_GATEWAY_DEPARTURES_H
#define PARLEY_GATEWAY_DEPARTURES_H

#include "gateway/client.h"

/* The client's connection has ended: presence is told now, or when the last of
 * its questions has been answered, or after a second. */
void departures_begin(struct client *client);

/* A question of a connection that has ended was answered. */
void departures_answered(struct gateway *gateway, uint64_t connection);

/* Once a second: lets go of those that wait too long. */
void departures_sweep(struct gateway *gateway);

void departures_free(struct gateway *gateway);

#endif
