/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/heard.h - one frame on a tap, as it was heard now or stands
 * in a recording: when, of which daemon, which way, and what it says.
 */
#ifndef PARLEY_TOOLS_TAP_HEARD_H
#define PARLEY_TOOLS_TAP_HEARD_H

#include "proto/frame.h"

/* Instead of a frame: so many were lost here, as `number` says. */
#define LOST_SUBJECT "lost"

#define DAEMON_BYTES_MAX  40  /* "gateway.2" */
#define SUBJECT_BYTES_MAX 128 /* "in.gateway-2.post" */

/* The slices are those of a message or of a recording's bytes. */
struct heard {
	uint64_t at_us;    /* since 1970 */
	uint64_t clock_us; /* of the machine's monotonic clock */
	uint64_t number;   /* on its tap */
	struct slice daemon;
	struct slice subject;
	struct slice packed;
	/* What heard_read() finds: */
	bool is_in; /* the daemon got it; otherwise it sent it */
	struct slice peer;
	struct frame frame;
};

/* Who listens to taps, or reads a recording. Each returns 0 to go on, 1 if that
 * is enough, -1 if it failed. */
struct listener {
	int (*hear)(void *self, const struct heard *heard);
	/* So many frames of a daemon were lost at this time. */
	int (*lose)(void *self, const struct heard *loss);
	/* Called now and then, and after all that there was to hear.
	 * `is_ready`: every tap has been heard. */
	int (*idle)(void *self, uint64_t clock_us, bool is_ready);
	void *self;
};

/* Reads the subject and the frame of what was heard; lists go to `arena`. False
 * if it is nothing that a daemon of this version says. */
bool heard_read(struct heard *heard, struct arena *arena);

bool heard_is_loss(const struct heard *heard);

/* The kind of who is called so: "gateway", "gateway.2" or, in subjects,
 * "gateway-2". PART (0) for a name that says no kind, such as a tool's. */
enum party heard_kind(struct slice name);

/* Whether the frame keeps a link alive, and says nothing else. */
bool heard_is_pulse(const struct heard *heard);

/* Whether any field of the frame has this id. */
bool heard_mentions(const struct frame *frame, const struct uuid *id);

#endif
