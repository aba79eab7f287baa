/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/recording.h - frames of taps in a file: parley-recording(5).
 *
 * A line of text, then for each frame a msgpack array whose last element is the
 * checksum of what stands before it in the array. So a recording that was cut
 * off anywhere is good up to there, and one that was damaged is known as such.
 */
#ifndef PARLEY_TOOLS_TAP_RECORDING_H
#define PARLEY_TOOLS_TAP_RECORDING_H

#include "tools/parley-tap/heard.h"

#define RECORDING_HEAD "parley recording 1\n"

/* No frame takes more bytes in a recording. */
#define RECORDING_FRAME_MAX (FRAME_MAX_BYTES + 1024)

enum recording_verdict {
	RECORDING_FINE,
	RECORDING_MORE,    /* the bytes end before it does */
	RECORDING_DAMAGED, /* no daemon said that, or it is no recording */
	RECORDING_LATER,   /* of a version that is not known here */
};

/* Whether the bytes begin like a recording; its head has *used bytes. */
enum recording_verdict recording_head(const uint8_t *bytes, size_t n,
				      size_t *used);

/* Reads the frame at the front, which takes *used bytes. Of *heard, the times,
 * number, daemon, subject and packed frame are set, and point into `bytes`. */
enum recording_verdict recording_next(const uint8_t *bytes, size_t n,
				      size_t *used, struct heard *heard);

/* Appends a frame, or a loss, as it stands in a recording. 0, or -1 with errno
 * ENOMEM. */
int recording_append(struct buffer *into, const struct heard *heard);

#endif
