/* SPDX-License-Identifier: MIT */
/* gateway/outbox.h - what waits to be written to one connection.
 *
 * A message to many is framed once as a `struct parcel` and held by reference
 * in the outbox of each receiver. What waits leaves in one write at the end of
 * the loop's turn.
 */
#ifndef PARLEY_GATEWAY_OUTBOX_H
#define PARLEY_GATEWAY_OUTBOX_H

#include "proto/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes that are written as they are, shared by all who send them. A message
 * carries its compressed forms along, once somebody needs them (deflate.h):
 * parcels of their own, each of which it holds. */
struct parcel {
	unsigned references;
	uint32_t n;
	struct parcel *form; /* a compressed one; that, in turn, the next one */
	uint8_t form_bits;   /* of a compressed one: the window that it needs */
	uint8_t payload_at;  /* of what may be compressed; else 0 */
	uint8_t bytes[];
};

/* A parcel with room for `n` bytes, held once. NULL with errno ENOMEM. */
struct parcel *parcel_new(size_t n);

/* A WebSocket frame with this text, held once; or NULL. */
struct parcel *parcel_of_text(const void *text, size_t n);

/* A WebSocket frame of any kind (see websocket.h), held once; or NULL. */
struct parcel *parcel_of_frame(unsigned opcode, const void *payload, size_t n);

/* Holds it once more; returns it. */
struct parcel *parcel_hold(struct parcel *parcel);

/* Lets go; the last one frees it. NULL is fine. */
void parcel_drop(struct parcel *parcel);

/* All zero is empty. One parcel needs no ring, and so no allocation; most
 * connections never have more. */
struct outbox {
	union {
		struct parcel *only; /* NULL: empty */
		struct ring *ring;   /* while has_ring */
	};
	uint32_t written; /* bytes of the first parcel that are written */
	bool has_ring;
};

/* Holds `parcel` until it is written. 0, or -1 with errno ENOMEM or ENOBUFS
 * (more parcels than an outbox holds). */
int outbox_push(struct outbox *box, struct parcel *parcel);

/* Writes what the socket takes. 1: all is written; 0: the rest waits for the
 * socket; -1 with errno: the connection is dead. */
int outbox_write(struct outbox *box, int fd);

/* Takes up to `n` bytes: how many; 0: no room now; -1: it is dead. After a 0
 * the same bytes come again, and perhaps more behind them. */
typedef ssize_t outbox_sink(void *self, const void *bytes, size_t n);

/* As outbox_write(), in pieces that are as long as can be, up to 16 KiB: many
 * small parcels leave as one. */
int outbox_write_chunks(struct outbox *box, outbox_sink *write, void *self);

bool outbox_is_empty(const struct outbox *box);

/* What waits: parcels, and the bytes of them that are not yet written. */
size_t outbox_count(const struct outbox *box);
size_t outbox_bytes(const struct outbox *box);

void outbox_fini(struct outbox *box);

#endif
