/* SPDX-License-Identifier: MIT */
/* gateway/catch_up.h - brings seats that are behind up to their rooms, in pages
 * that are read from the store only as fast as the client takes them.
 */
#ifndef PARLEY_GATEWAY_CATCH_UP_H
#define PARLEY_GATEWAY_CATCH_UP_H

struct client;
struct room;

/* Asks for the next page, if the client has a seat that is behind and room for
 * more. Harmless when called too often. */
void catch_up(struct client *client);

/* Once a second: asks again for what was refused. */
void catch_up_sweep(struct client *client);

/* For all clients with a seat in the room. */
void catch_up_room(struct room *room);

#endif
