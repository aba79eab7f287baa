/* SPDX-License-Identifier: MIT */
/* gateway/outbox.c - a ring of references, written with one call, or copied
 * together for those who take one piece at a time. */
#include "gateway/outbox.h"

#include "gateway/websocket.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define FIRST_ROOM 4
#define ROOM_MAX   32768
#define WRITE_MAX  128 /* parcels in one write */
#define CHUNK_MAX  16384

/* Allocated while more than one parcel waits. */
struct ring {
	uint16_t room; /* places, a power of two */
	uint16_t first;
	uint16_t count;
	uint32_t bytes; /* of all parcels */
	struct parcel *parcels[];
};

struct parcel *
parcel_new(size_t n)
{
	struct parcel *parcel;

	if (n > UINT32_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	parcel = malloc(sizeof *parcel + n);
	if (parcel == NULL)
		return NULL;
	*parcel = (struct parcel){ .references = 1, .n = (uint32_t)n };
	return parcel;
}

struct parcel *
parcel_of_frame(unsigned opcode, const void *payload, size_t n)
{
	uint8_t header[WEBSOCKET_HEADER_MAX];
	size_t header_bytes =
	    websocket_frame_header(header, (enum websocket_opcode)opcode, n);
	struct parcel *parcel = parcel_new(header_bytes + n);

	if (parcel == NULL)
		return NULL;
	memcpy(parcel->bytes, header, header_bytes);
	if (n > 0)
		memcpy(parcel->bytes + header_bytes, payload, n);
	/* RFC 7692 6: control frames are never compressed. */
	if (opcode == WEBSOCKET_OP_TEXT || opcode == WEBSOCKET_OP_BINARY)
		parcel->payload_at = (uint8_t)header_bytes;
	return parcel;
}

struct parcel *
parcel_of_text(const void *text, size_t n)
{
	return parcel_of_frame(WEBSOCKET_OP_TEXT, text, n);
}

struct parcel *
parcel_hold(struct parcel *parcel)
{
	parcel->references++;
	return parcel;
}

void
parcel_drop(struct parcel *parcel)
{
	while (parcel != NULL && --parcel->references == 0) {
		struct parcel *form = parcel->form;

		free(parcel);
		parcel = form;
	}
}

static struct parcel *
parcel_at(const struct outbox *box, unsigned i)
{
	const struct ring *ring = box->ring;

	return box->has_ring
		   ? ring->parcels[(ring->first + i) & (ring->room - 1u)]
		   : box->only;
}

/* A ring with twice the places, or the first one. */
static int
grow(struct outbox *box)
{
	unsigned room = box->has_ring ? box->ring->room * 2u : FIRST_ROOM;
	struct ring *ring;

	if (room > ROOM_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	ring = malloc(sizeof *ring + room * sizeof *ring->parcels);
	if (ring == NULL)
		return -1;
	*ring = (struct ring){ .room = (uint16_t)room };
	for (unsigned i = 0; i < outbox_count(box); i++) {
		ring->parcels[i] = parcel_at(box, i);
		ring->bytes += ring->parcels[i]->n;
		ring->count++;
	}
	if (box->has_ring)
		free(box->ring);
	box->ring = ring;
	box->has_ring = true;
	return 0;
}

static bool
is_full(const struct outbox *box)
{
	return outbox_count(box) == (box->has_ring ? box->ring->room : 1);
}

int
outbox_push(struct outbox *box, struct parcel *parcel)
{
	if (is_full(box) && grow(box) != 0)
		return -1;
	parcel_hold(parcel);
	if (box->has_ring) {
		struct ring *ring = box->ring;
		unsigned place = (unsigned)ring->first + ring->count++;

		ring->parcels[place & (ring->room - 1u)] = parcel;
		ring->bytes += parcel->n;
	} else {
		box->only = parcel;
	}
	return 0;
}

/* An idle connection holds no ring. */
static void
let_go(struct outbox *box)
{
	if (box->has_ring)
		free(box->ring);
	*box = (struct outbox){ 0 };
}

static void
drop_first(struct outbox *box)
{
	struct parcel *parcel = parcel_at(box, 0);

	box->written = 0;
	if (box->has_ring) {
		struct ring *ring = box->ring;

		ring->first =
		    (uint16_t)((ring->first + 1u) & (ring->room - 1u));
		ring->count--;
		ring->bytes -= parcel->n;
	} else {
		box->only = NULL;
	}
	parcel_drop(parcel);
}

static void
take_written(struct outbox *box, size_t n)
{
	while (n > 0) {
		size_t left = parcel_at(box, 0)->n - box->written;

		if (n < left) {
			box->written += (uint32_t)n;
			return;
		}
		n -= left;
		drop_first(box);
	}
}

static size_t
gather(const struct outbox *box, struct iovec *pieces, size_t *total)
{
	size_t count = outbox_count(box), n = 0;

	*total = 0;
	for (; n < count && n < WRITE_MAX; n++) {
		struct parcel *parcel = parcel_at(box, (unsigned)n);
		size_t skip = n == 0 ? box->written : 0;

		pieces[n].iov_base = parcel->bytes + skip;
		pieces[n].iov_len = parcel->n - skip;
		*total += pieces[n].iov_len;
	}
	return n;
}

/* What sendmsg() does before it sends costs a twentieth of the whole: one
 * parcel goes by send(). Sets *total to what was tried. */
static ssize_t
write_once(const struct outbox *box, int fd, size_t *total)
{
	struct iovec pieces[WRITE_MAX];
	struct msghdr message = { .msg_iov = pieces };

	message.msg_iovlen = gather(box, pieces, total);
	return message.msg_iovlen == 1
		   ? send(fd, pieces[0].iov_base, *total,
			  MSG_NOSIGNAL | MSG_DONTWAIT)
		   : sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int
outbox_write(struct outbox *box, int fd)
{
	while (!outbox_is_empty(box)) {
		size_t total;
		ssize_t n = write_once(box, fd, &total);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN ? 0 : -1;
		}
		take_written(box, (size_t)n);
		if ((size_t)n < total)
			return 0;
	}
	let_go(box);
	return 1;
}

static size_t
copy_chunk(const struct outbox *box, uint8_t *chunk)
{
	size_t count = outbox_count(box), n = 0;

	for (unsigned i = 0; i < count && n < CHUNK_MAX; i++) {
		const struct parcel *parcel = parcel_at(box, i);
		size_t skip = i == 0 ? box->written : 0;
		size_t piece = parcel->n - skip;

		if (piece > CHUNK_MAX - n)
			piece = CHUNK_MAX - n;
		memcpy(chunk + n, parcel->bytes + skip, piece);
		n += piece;
	}
	return n;
}

int
outbox_write_chunks(struct outbox *box, outbox_sink *write, void *self)
{
	uint8_t chunk[CHUNK_MAX];

	while (!outbox_is_empty(box)) {
		ssize_t n = write(self, chunk, copy_chunk(box, chunk));

		if (n <= 0)
			return n < 0 ? -1 : 0;
		take_written(box, (size_t)n);
	}
	let_go(box);
	return 1;
}

bool
outbox_is_empty(const struct outbox *box)
{
	return outbox_count(box) == 0;
}

size_t
outbox_count(const struct outbox *box)
{
	return box->has_ring ? box->ring->count : box->only != NULL;
}

size_t
outbox_bytes(const struct outbox *box)
{
	size_t bytes = 0;

	if (box->has_ring)
		bytes = box->ring->bytes;
	else if (box->only != NULL)
		bytes = box->only->n;
	return bytes - box->written;
}

void
outbox_fini(struct outbox *box)
{
	size_t count = outbox_count(box);

	for (unsigned i = 0; i < count; i++)
		parcel_drop(parcel_at(box, i));
	let_go(box);
}
