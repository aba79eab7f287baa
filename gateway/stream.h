/* SPDX-License-Identifier: MIT */
/* gateway/stream.h - the bytes of one connection, as they are or through TLS.
 *
 * It knows nothing of what they mean. With TLS, writing may have to wait for
 * input and reading for room to write: which events to wait for, and what they
 * are good for then, is said here.
 */
#ifndef PARLEY_GATEWAY_STREAM_H
#define PARLEY_GATEWAY_STREAM_H

#include "gateway/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ssl_st;
struct tls;

/* To be embedded; a session costs nothing before the peer's first byte. */
struct stream {
	union {
		const struct tls *tls; /* before that */
		struct ssl_st *ssl;    /* the session; both NULL: plain */
	};
	int fd; /* non-blocking, not owned */
	bool is_secure : 1;
	bool has_session : 1;
	bool is_agreed : 1; /* the handshake is done */
	bool is_broken : 1; /* no more can be said */
	bool has_ended : 1; /* we said that nothing more comes */
	bool read_wants_room : 1;
	bool write_wants_input : 1;
};

/* Borrows `tls`, or NULL for none, until the first byte comes. */
void stream_init(struct stream *stream, int fd, const struct tls *tls);

/* The socket stays open. */
void stream_fini(struct stream *stream);

/* Goes on with the handshake. 1: both sides may talk; 0: not yet; -1: never. */
int stream_agree(struct stream *stream);

/* How many bytes came; 0: none yet; -1: the peer has closed, or it is dead. At
 * least 16 KiB of room; then nothing that has come waits unseen. */
ssize_t stream_read(struct stream *stream, void *into, size_t room);

/* As outbox_write(). Nothing is written before both sides have agreed. */
int stream_write(struct stream *stream, struct outbox *box);

/* Says that nothing more comes from us, once all is written. 1: it is said, or
 * need not be; 0: the socket is full, try again when it is not. */
int stream_end(struct stream *stream);

/* The same for a connection that is dropped: as far as it can be said. */
void stream_abandon(struct stream *stream);

/* What to wait for (EPOLLIN, EPOLLOUT) in order to read, write or both. */
uint32_t stream_events(const struct stream *stream, bool reads, bool writes);

/* From what came to what can be done: EPOLLIN: read, EPOLLOUT: write; the other
 * events as they are. */
uint32_t stream_ready(const struct stream *stream, uint32_t events, bool reads);

/* Bytes on the socket, over all, in a session; else 0. They tell a slow peer
 * from one that takes nothing of a long record. */
uint64_t stream_sent(const struct stream *stream);

#endif
