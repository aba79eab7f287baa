/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/recording_file.h - a recording as a file: written as frames
 * are heard, and read from its beginning on.
 */
#ifndef PARLEY_TOOLS_TAP_RECORDING_FILE_H
#define PARLEY_TOOLS_TAP_RECORDING_FILE_H

#include "tools/parley-tap/recording.h"

#include <stdio.h>

struct recorder {
	const char *path;
	FILE *file;
	uint64_t frames;
	struct buffer packed; /* reused */
};

/* Opens the file, of mode 0600 as conversations will be in it, or with "-"
 * takes stdout. All of these: 0, or -1 after a line on stderr. */
int recorder_open(struct recorder *recorder, const char *path);
/* Begins the recording; what was in the file is gone. */
int recorder_begin(struct recorder *recorder);
int recorder_add(struct recorder *recorder, const struct heard *heard);
/* What was added is with the kernel now. */
int recorder_flush(struct recorder *recorder);
/* A recorder that was never opened is fine. */
int recorder_close(struct recorder *recorder);

struct recording {
	const char *path;
	FILE *file;
	struct buffer bytes; /* read and not yet given up */
	size_t taken;        /* of those */
	uint64_t offset;     /* of `bytes` in the file */
	bool at_end;
	bool is_quiet; /* damage is not told */
};

/* Opens it ("-": stdin) and reads its head. 0, or -1 after a line on stderr. */
int recording_open(struct recording *recording, const char *path);

/* The next frame, valid until the next call. 1, 0 at the end, or -1 after
 * a line on stderr: damaged, cut off, or not to be read. */
int recording_read(struct recording *recording, struct heard *heard);

/* Whether it can be read twice; a pipe cannot. */
bool recording_is_file(const struct recording *recording);

/* Begins again behind the head. 0, or -1 after a line on stderr. */
int recording_rewind(struct recording *recording);

void recording_close(struct recording *recording);

/* Gives all of it to a listener, who hears neither faster nor slower than it
 * is read. Returns what ended it: 1 or -1 of the listener, 0 at the end, or -1
 * after a line on stderr. */
int recording_play(struct recording *recording,
		   const struct listener *listener);

#endif
