/* SPDX-License-Identifier: MIT */
/* proto/notify.h - tells the service manager how it stands with us.
 *
 * The protocol is that of sd_notify(3): datagrams of lines `NAME=VALUE` to the
 * socket in NOTIFY_SOCKET. It is a few lines, and has no need of libsystemd and
 * of all that a daemon would have in its memory with it.
 */
#ifndef PARLEY_PROTO_NOTIFY_H
#define PARLEY_PROTO_NOTIFY_H

#include <stdint.h>

struct notify {
	int fd; /* -1: nobody wants to know */
	/* How often a sign of life is expected of us at least; 0: never. */
	uint64_t watchdog_ms;
};

/* Connects to who wants to know, if anybody does, and takes that out of the
 * environment. It must come before the sandbox: later, no such socket can be
 * made. Without success there is a line in the log, and nobody is told. */
void notify_open(struct notify *notify);

/* Sends the lines in `state`. Never blocks: what cannot be sent is lost. */
void notify_send(const struct notify *notify, const char *state);

void notify_close(struct notify *notify);

#endif
