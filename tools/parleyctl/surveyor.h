/* SPDX-License-Identifier: MIT */
/* tools/parleyctl/surveyor.h - asks all daemons for their metrics, at once.
 *
 * The tool has links to the daemons that bind; gateways are asked through one
 * of those. Who should be there is known by the links, and of gateways by what
 * the daemons say and by the pid files in the folder of sockets.
 */
#ifndef PARLEY_TOOLS_PARLEYCTL_SURVEYOR_H
#define PARLEY_TOOLS_PARLEYCTL_SURVEYOR_H

#include "tools/parleyctl/ctl.h"
#include "tools/parleyctl/survey.h"

struct surveyor;

/* Hears a survey, sorted, and takes what is in it. */
typedef void survey_fn(void *self, struct survey *survey);

/* Connects to the daemons of these kinds (bits of enum party); with GATEWAY
 * among them, to all. Waits `wait_ms` for an answer. NULL after a line on
 * stderr; *status is then the exit status. */
struct surveyor *surveyor_new(struct call *call, unsigned kinds,
			      unsigned wait_ms, survey_fn *on_done, void *self,
			      int *status);

/* Asks; on_done is called from the loop (ask_loop()), once. Nothing happens
 * while a survey is under way. 0, or -1 with errno ENOMEM. */
int surveyor_begin(struct surveyor *surveyor);

/* Ends what is under way; on_done is not called any more. */
void surveyor_free(struct surveyor **surveyor);

#endif
