/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/said.h - links to a daemon that stand for those that once
 * were: what is said on them again, and what is answered.
 *
 * Each link is a party of the bus of its own, of the recorded one's kind, with
 * a name and an epoch of its own: it ends no link that there is, and greets and
 * counts its batches like any other. Requests keep their numbers.
 */
#ifndef PARLEY_TOOLS_TAP_SAID_H
#define PARLEY_TOOLS_TAP_SAID_H

#include "tools/parley-tap/heard.h"

#define LINKS_MAX 32

/* What their names begin with. */
#define LINK_NAME "replay."

struct said;
struct link;

/* What was heard is for somebody else to look at: an answer to what was said on
 * `link`, or an event. Returns 0, or -1 to end it. */
typedef int said_hear_fn(void *self, const struct link *link,
			 const struct frame *frame);

/* Talks to the daemon of this kind at `endpoint`; waits `timeout_ms` for each
 * thing that must come (0: for ever). Both are kept. NULL with errno. */
struct said *said_new(enum party kind, const char *endpoint,
		      const char *curve_dir, unsigned timeout_ms,
		      said_hear_fn *hear, void *self);

/* The link that stands for `peer`, which is made if need be. NULL after a line
 * on stderr. */
struct link *said_link(struct said *said, struct slice peer, enum party kind);

/* The one there is; or NULL. */
struct link *said_find(struct said *said, struct slice peer);

const char *link_peer(const struct link *link);

/* All of these: 0, or -1 after a line on stderr: the daemon is away, did not
 * answer in time, or a signal came. */

/* Waits until every link is greeted. */
int said_greet(struct said *said);

/* Says a frame, after all that was said on other links. */
int said_say(struct said *said, struct link *link, struct frame *frame);

/* Waits until a request of a link has been answered so often; 0: until all of
 * all links have been. */
int said_wait(struct said *said, struct link *link, uint64_t id,
	      unsigned answers);

/* Lets `until_us` of the monotonic clock come. */
int said_pause(struct said *said, uint64_t until_us);

/* Counts another answer to a request that was said on a link: which one it is,
 * from 1 on. 0 if no such request was said. */
unsigned link_take(const struct link *link, uint64_t id);

/* Sets *said to NULL; NULL is fine. */
void said_free(struct said **said);

#endif
