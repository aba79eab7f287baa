/* SPDX-License-Identifier: MIT */
/* presence/tell.h - what the parts have to tell, made into frames.
 *
 * What concerns a room goes to the router that owns the room, what concerns a
 * connection to its gateway; who is away hears it all anew on return. `self` is
 * the struct presence.
 */
#ifndef PARLEY_PRESENCE_TELL_H
#define PARLEY_PRESENCE_TELL_H

#include "presence/presence.h"

/* As the parts want them: rooms_tell_fn, typing_tell_fn,
 * connections_unbound_fn. */
void tell_present(void *self, const struct frame_present *present);
void tell_typing(void *self, const struct uuid *room, const struct uuid *user,
		 bool on);
void tell_unbound(void *self, const char *gateway, uint64_t epoch,
		  uint64_t number, const struct uuid *room);

/* Answers the request `id` with who is in a room and who types there. */
void answer_get_present(struct presence *presence, struct peer *to, uint64_t id,
			const struct uuid *room);

#endif
