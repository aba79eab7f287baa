/* SPDX-License-Identifier: MIT */
/* proto/tap.h - mirrors each frame that a daemon sends or gets, while somebody
 * listens.
 *
 * A tap is an XPUB socket. Each frame is one message of three parts: the
 * subject `in.gateway.post`, the frame with its secrets hidden, and a running
 * number in decimal that counts over all subjects, so that a listener sees its
 * own losses. Nobody listening costs one branch.
 */
#ifndef PARLEY_PROTO_TAP_H
#define PARLEY_PROTO_TAP_H

#include "proto/frame.h"

#include <zmq.h>

struct tap;

/* Takes the bound XPUB socket. NULL with errno. */
struct tap *tap_new(void *xpub);

/* The socket is closed by its owner. NULL is fine. */
void tap_free(struct tap **tap);

/* Reads what listeners subscribe and unsubscribe. */
void tap_on_subscription(struct tap *tap, zmq_msg_t *message);

/* Whether anybody listens; a NULL tap hears nobody. */
bool tap_is_heard(const struct tap *tap);

/* Mirrors a frame. `packed` is the frame as it travels; NULL: pack it here. */
void tap_mirror(struct tap *tap, const char *direction, const char *peer,
		const struct frame *frame, const void *packed, size_t n);

#endif
