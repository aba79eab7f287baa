/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/taps.h - listens to the taps of a run folder.
 */
#ifndef PARLEY_TOOLS_TAP_TAPS_H
#define PARLEY_TOOLS_TAP_TAPS_H

#include "tools/parley-tap/heard.h"

#define TAPS_MAX 64

enum { TAPS_FINE = 0, TAPS_FAILED = 1, TAPS_USAGE = 2 };

struct taps;

/* Opens the taps of `daemons`, separated by spaces, or where that is empty all
 * that are in the folder `run`, which becomes the working folder. Only what may
 * fit `subjects` is asked for; none of them: everything, and then losses are
 * seen. TAPS_FINE, or an exit status after a line on stderr. */
int taps_open(struct taps **taps, const char *run, const char *daemons,
	      char *const *subjects, int n);

/* Tells the listener until it has enough, fails, or a signal came. Returns what
 * the listener did, 0 after a signal, or -1 after a line on stderr. */
int taps_listen(struct taps *taps, const struct listener *listener);

/* Whether the tap of `daemon` is among them; "gateway-2" is "gateway.2". */
bool taps_has(const struct taps *taps, struct slice daemon);

/* Their names, separated by blanks, appended. 0, or -1 with errno ENOMEM. */
int taps_names(const struct taps *taps, struct buffer *into);

/* Sets *taps to NULL; NULL is fine. */
void taps_close(struct taps **taps);

#endif
