/* SPDX-License-Identifier: MIT */
/* proto/curve.h - keys for endpoints between machines (tcp://).
 *
 * A folder holds the own key pair as KIND.key (secret, mode 0600) and KIND.pub,
 * and one KIND.pub for each kind of daemon that is admitted, as Z85 text. Who
 * shows none of these keys is refused, and a key stands for its kind only: the
 * kind in hello must be the same (ZeroMQ RFC 26 CURVE, RFC 27 ZAP).
 */
#ifndef PARLEY_PROTO_CURVE_H
#define PARLEY_PROTO_CURVE_H

#include "proto/frame.h"

#include <zmq.h>

struct curve;

/* Reads the folder. NULL after a log line that names the file. */
struct curve *curve_open(const char *folder, enum party self);
void curve_close(struct curve **curve);

/* Makes a socket speak CURVE as the server, or as a client of a `kind`.
 * 0, or -1 after a log line. */
int curve_secure_server(const struct curve *curve, void *socket);
int curve_secure_client(const struct curve *curve, void *socket,
			enum party kind);

/* The socket on which ZeroMQ asks who may come in; NULL with errno. */
void *curve_open_gate(void *context);

/* Answers one question: `message` is the first part of it. */
void curve_answer_gate(const struct curve *curve, void *gate,
		       zmq_msg_t *message);

#endif
