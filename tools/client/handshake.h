/* SPDX-License-Identifier: MIT */
/* tools/client/handshake.h - asks a server to speak WebSocket, and judges its
 * answer (RFC 6455 4.1). Bytes in, bytes out, without a socket.
 */
#ifndef PARLEY_TOOLS_CLIENT_HANDSHAKE_H
#define PARLEY_TOOLS_CLIENT_HANDSHAKE_H

#include "proto/buffer.h"
#include "proto/slice.h"

#define HANDSHAKE_KEY_BYTES 24          /* base64 of 16 bytes */
#define HANDSHAKE_HEAD_MAX  (16 * 1024) /* bytes of an answer's head */

struct handshake {
	char key[HANDSHAKE_KEY_BYTES + 1]; /* new for each connection */
	char accept[28 + 1];               /* what a server must answer */
};

struct handshake_request {
	const char *host;     /* as in Host: with the port if it is unusual */
	const char *target;   /* path and query */
	const char *protocol; /* the subprotocol asked for, or NULL */
	const char *token;    /* shown as Bearer, or NULL */
};

enum handshake_verdict {
	HANDSHAKE_NEED_MORE,
	HANDSHAKE_DONE,    /* frames follow behind `used` */
	HANDSHAKE_REFUSED, /* another status than 101 */
	HANDSHAKE_BAD,     /* no WebSocket server, or a broken one */
};

struct handshake_answer {
	size_t used;            /* bytes of the head */
	unsigned status;        /* of HTTP */
	unsigned retry_after_s; /* 0: nothing was said */
	const char *why;        /* of a bad one: a few words for people */
};

/* Makes a fresh key. 0, or -1 if OpenSSL fails. */
int handshake_begin(struct handshake *handshake);

/* Appends the request. 0, or -1 with errno ENOMEM, or EINVAL if a field of it
 * has a line break in it. */
int handshake_write(const struct handshake *handshake,
		    const struct handshake_request *request,
		    struct buffer *out);

/* Judges what has come so far. */
enum handshake_verdict handshake_read(const struct handshake *handshake,
				      const struct handshake_request *request,
				      struct slice bytes,
				      struct handshake_answer *answer);

#endif
