/* SPDX-License-Identifier: MIT */
/* tools/parley/outgoing.h - what was said and is not acknowledged yet.
 *
 * Messages of one room go in batches: all of a batch is written at once, and
 * the next one only when each of it is acknowledged. What was refused for now,
 * or was on its way when the connection was lost, goes again under the same
 * id, in its first order and before anything new; so the order stays.
 */
#ifndef PARLEY_TOOLS_PARLEY_OUTGOING_H
#define PARLEY_TOOLS_PARLEY_OUTGOING_H

#include "tools/parley/talk.h"

struct outgoing_refused {
	unsigned long line;
	const char *room, *text;
	const json_t *error;
};

struct outgoing_events {
	/* It is on disk; `message` as the server tells it. */
	void (*on_kept)(void *self, const json_t *message);
	/* The server does not want it, and will not. */
	void (*on_refused)(void *self, const struct outgoing_refused *refused);
};

struct parcel;

struct outgoing {
	struct talk *talk;
	const struct outgoing_events *events;
	void *self;
	struct parcel *parcels; /* oldest first */
	size_t count, window;
	size_t under_way;   /* how many of the first ones were written */
	size_t batch_bytes; /* how much may be written at once */
	bool is_open;
	bool was_turned; /* one that waits was overtaken by a later one */
	struct loop_timer timer;
};

/* At most `window` messages wait for their acknowledgement. */
void outgoing_init(struct outgoing *out, struct talk *talk, size_t window,
		   const struct outgoing_events *events, void *self);
void outgoing_fini(struct outgoing *out);

/* Says something in `room`; `line` is told to on_refused(). 0, or -1 with errno
 * ENOMEM, or EAGAIN if the window is full. */
int outgoing_add(struct outgoing *out, const char *room, struct slice text,
		 unsigned long line);

/* The connection hears the room from now on; or it was lost. */
void outgoing_open(struct outgoing *out);
void outgoing_close(struct outgoing *out);

/* Looks whether the frame answers one of them. */
void outgoing_hear(struct outgoing *out, const json_t *frame);

static inline bool
outgoing_is_full(const struct outgoing *out)
{
	return out->count >= out->window;
}

/* Calls `each` for every message that waits, oldest first. */
void outgoing_each(const struct outgoing *out,
		   void (*each)(void *self, const char *room, const char *text),
		   void *self);

#endif
