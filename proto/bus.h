/* SPDX-License-Identifier: MIT */
/* proto/bus.h - frames between daemons over ZeroMQ.
 *
 * A back daemon binds one ROUTER; who needs it connects one DEALER to each of
 * its endpoints. Either way the other side is a `struct peer`. ZeroMQ drops
 * what a dying process had not read and says nothing, so nothing that must
 * arrive relies on it: requests are kept until they are answered and sent
 * again, in their first order and before anything new, whenever the link begins
 * anew (so every request is harmless when repeated); events carry numbers, so
 * that a loss is seen and replayed.
 *
 * Frames that are sent within a turn of the loop leave together at its end, one
 * ZeroMQ message a peer. Frames that are received, and all that they point to,
 * stay valid until the turn ends.
 */
#ifndef PARLEY_PROTO_BUS_H
#define PARLEY_PROTO_BUS_H

#include "proto/frame.h"

struct bus;
struct peer;

/* Hears a frame. `from` may be kept only until on_peer tells that it is gone.
 */
typedef void frame_handler(void *self, struct peer *from,
			   const struct frame *frame);

struct route {
	frame_handler *handler;
	enum frame_kind kind;
};

enum peer_news {
	PEER_UP, /* hello was answered: tell it all that it must know of you */
	PEER_DOWN, /* gone or hung; a connected one is tried for ever */
};

/* Called exactly once for each bus_ask(): with the answer, or with a frame
 * `refused` (code unavailable) made here when the time is over. */
typedef void answer_handler(void *self, void *context,
			    const struct frame *answer);

/* Sends `frame` at the end of this turn; copies it. A peer that is down gets
 * nothing. Frames whose fields break their bounds are logged and dropped. */
void bus_tell(struct peer *to, struct frame *frame);

/* As bus_tell(), numbered for this peer and kept for replay. */
void bus_tell_numbered(struct peer *to, struct frame *frame);

/* Answers the request that came with `id`. */
void bus_answer(struct peer *to, uint64_t id, struct frame *answer);
void bus_refuse(struct peer *to, uint64_t id, enum error_code code,
		const char *text);

/* Sends a request and keeps it until it is answered or `timeout_ms` are over
 * (0: for ever). Returns its id, or 0 if there is no memory: `on_answer` is
 * then not called. */
uint64_t bus_ask(struct peer *to, struct frame *request, unsigned timeout_ms,
		 answer_handler *on_answer, void *self, void *context);

/* Whether another request fits into the peer's window. Who asks on behalf of
 * clients stops reading from them while it does not. */
bool bus_has_room(const struct peer *peer);

/* Whether at most half of the window is in use: worth beginning to read again
 * from all of those who had to wait. */
bool bus_has_drained(const struct peer *peer);

/* Whether a request may be passed on that counts in the window of whoever sent
 * it: there may be many of those, so that only the bytes are bounded here. */
bool bus_can_relay(const struct peer *peer);

/* The next living peer of a stateless kind; or of one with state, the one that
 * owns `key`, living or not. NULL only if no endpoint of that kind is set. */
struct peer *bus_next(struct bus *bus, enum party kind);
struct peer *bus_owner(struct bus *bus, enum party kind,
		       const struct uuid *key);

/* The peers of a kind, one after the other; `after` NULL for the first. */
struct peer *bus_each(struct bus *bus, enum party kind, struct peer *after);

/* Who it is. The name stands for one epoch only: see PEER_UP. */
bool peer_is_up(const struct peer *peer);
enum party peer_kind(const struct peer *peer);
const char *peer_name(const struct peer *peer);
uint64_t peer_epoch(const struct peer *peer);

/* Memory for what is put together in this turn. */
struct arena *bus_arena(struct bus *bus);

#endif
