/* SPDX-License-Identifier: MIT */
/* proto/events.h - numbered events on one link: the sender keeps the newest for
 * replay, the receiver takes them in order and sees what is missing.
 */
#ifndef PARLEY_PROTO_EVENTS_H
#define PARLEY_PROTO_EVENTS_H

#include "proto/buffer.h"

#include <stdbool.h>

#define EVENTS_KEPT       1024
#define EVENTS_KEPT_BYTES (4 * 1024 * 1024)

/* The sender's side; all zero is empty. */
struct events {
	uint64_t last;       /* number of the newest; 0: none was sent */
	uint64_t first_kept; /* number of the oldest that is still here */
	size_t bytes;
	struct buffer *kept; /* EVENTS_KEPT places, made at the first event */
};

/* Keeps the packed event `events->last`, which the caller has counted up.
 * 0, or -1 with errno ENOMEM: then nothing is kept and a replay is refused. */
int events_keep(struct events *events, const void *packed, size_t n);

/* Appends the events from number `from` on to `into`. False if some of them are
 * gone or there is no memory. */
bool events_replay(const struct events *events, uint64_t from,
		   struct buffer *into);

/* The other side has all up to this number, and will not ask for them. */
void events_seen(struct events *events, uint64_t number);

void events_fini(struct events *events);

/* The receiver's side; all zero at the start of a link. */
struct events_in {
	uint64_t seen;  /* all up to this number have come */
	bool replaying; /* the rest was asked for */
};

enum event_verdict { EVENT_NEXT, EVENT_OLD, EVENT_GAP };

/* Judges an event that came; counts it if it is the next one. */
enum event_verdict events_judge(struct events_in *in, uint64_t number);

#endif
