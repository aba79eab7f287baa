/* SPDX-License-Identifier: MIT */
/* tools/parley-bench/marker.h - what a benchmark's message says.
 *
 * Who posted it, its number and when it was due stand in the text itself, in a
 * form that each protocol passes on unchanged: so one reader counts what every
 * server delivers, whatever it wraps it in.
 */
#ifndef PARLEY_TOOLS_BENCH_MARKER_H
#define PARLEY_TOOLS_BENCH_MARKER_H

#include <stddef.h>
#include <stdint.h>

#define MARKER_BYTES 51

struct marker {
	uint32_t run; /* a message of another run is none of ours */
	uint32_t room;
	uint32_t slot;   /* of the sender in its room */
	uint32_t number; /* 1 for the sender's first, and so on */
	uint64_t due_us; /* monotonic; when it ought to have been sent */
};

/* Writes it, without a NUL. */
void marker_write(const struct marker *marker, char into[MARKER_BYTES]);

/* Finds the next one in what was received. Returns the place behind it, or NULL
 * if there is no whole one. */
const char *marker_find(const char *at, const char *end, struct marker *out);

#endif
