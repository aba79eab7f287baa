/* SPDX-License-Identifier: MIT */
/* gateway/fanout.h - what is said in a room, on its way to all who hear it.
 *
 * A message is framed once for each dialect that is present, and gathered with
 * others of its room; each connection then gets them in one piece. That is at
 * the end of the turn; or later, in a room that was told a moment ago. To tell
 * many takes long, and a room may take a tenth of a core: what is said
 * meanwhile goes along.
 *
 * Whatever else is told to somebody, and whatever changes who hears what, lets
 * what is gathered leave first: nothing overtakes a message.
 */
#ifndef PARLEY_GATEWAY_FANOUT_H
#define PARLEY_GATEWAY_FANOUT_H

#include "gateway/client.h"
#include "gateway/dialect.h"
#include "gateway/rooms.h"

/* Gathers a message for those who hear the room live; `since` is when it was
 * asked for, as figures_note_delivery() wants it. */
void fanout_add(struct room *room, const struct event *event, uint64_t since);

/* What is gathered leaves now: of the room; or of all rooms of the client. */
void fanout_flush(struct room *room);
void fanout_flush_for(const struct client *client);

/* The client is about to hear the room live. */
void fanout_admit(struct room *room, const struct client *client);

/* The end of a turn: what is due leaves. */
void fanout_turn(struct gateway *gateway);

/* Before the loop goes, and after all rooms. */
void fanout_stop(struct gateway *gateway);

#endif
