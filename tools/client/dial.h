/* SPDX-License-Identifier: MIT */
/* tools/client/dial.h - one connection to a server, made and kept by libcurl:
 * names, TLS and proxies are its own affair. Bytes are ours.
 */
#ifndef PARLEY_TOOLS_CLIENT_DIAL_H
#define PARLEY_TOOLS_CLIENT_DIAL_H

#include "proto/buffer.h"
#include "proto/loop.h"
#include "tools/client/server_url.h"

#include <sys/types.h>

struct dial;

struct dial_events {
	void (*on_connected)(void *self);
	/* It could not be made, or what waits cannot be written. Hopeless: the
	 * next try will fail too, for the certificate or the like. `why` is
	 * valid during the call. */
	void (*on_failed)(void *self, const char *why, bool is_hopeless);
	/* dial_read() until it has no more. */
	void (*on_readable)(void *self);
};

/* Begins to connect; events come from the loop. NULL with errno. Each of them
 * may free the dial. `server` is borrowed for the call, `events` for longer. */
struct dial *dial_new(struct loop *loop, const struct server_url *server,
		      const char *cacert, const struct dial_events *events,
		      void *self);

/* Hangs up; NULL is fine. */
void dial_free(struct dial **dial);

/* Bytes read; 0 at the end; -1 with errno EAGAIN if there are no more for now,
 * or EIO. */
ssize_t dial_read(struct dial *dial, void *into, size_t n);

/* What is appended here is written at the end of the loop's turn. */
struct buffer *dial_out(struct dial *dial);

/* Bytes that are not written yet. */
size_t dial_waiting(const struct dial *dial);

/* Writes as much as may be without waiting. 0, or -1 if the connection is
 * lost. */
int dial_flush(struct dial *dial);

#endif
