/* SPDX-License-Identifier: MIT */
/* tests/unit/parley-tap/fixture.h - frames as a tap tells them.
 */
#ifndef PARLEY_TESTS_UNIT_TAP_FIXTURE_H
#define PARLEY_TESTS_UNIT_TAP_FIXTURE_H

#include "tools/parley-tap/heard.h"

#include <stdio.h>
#include <string.h>

/* An id that is all of one digit, from 1 to 9. */
static inline struct uuid
id_of(unsigned digit)
{
	struct uuid id;

	memset(&id, (int)(digit << 4 | digit), sizeof id);
	return id;
}

/* `way` is "gateway out router"; the subject is made of it. */
static inline struct heard
heard_at(uint64_t clock_us, const char *way, const struct frame *frame)
{
	static char subjects[8][SUBJECT_BYTES_MAX];
	static unsigned next;
	static char daemons[8][DAEMON_BYTES_MAX];
	char direction[4] = "", peer[DAEMON_BYTES_MAX] = "";
	char *subject = subjects[next], *daemon = daemons[next];

	next = (next + 1) % 8;
	if (sscanf(way, "%39s %3s %39s", daemon, direction, peer) != 3)
		return (struct heard){ 0 };
	snprintf(subject, SUBJECT_BYTES_MAX, "%s.%s.%s", direction, peer,
		 frame_name(frame->kind));
	return (struct heard){
		.at_us = 1700000000000000 + clock_us,
		.clock_us = clock_us,
		.daemon = slice_of(daemon),
		.subject = slice_of(subject),
		.is_in = strcmp(direction, "in") == 0,
		.peer = { subject + strlen(direction) + 1, strlen(peer) },
		.frame = *frame,
	};
}

#endif
