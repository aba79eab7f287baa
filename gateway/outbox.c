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

static struct parcel **
place(const struct outbox *box, unsigned i)
{
	return &box->parcels[(box->first + i) & (box->room - 1u)];
}

static int
grow(struct outbox *box)
{
	unsigned room = box->room == 0 ? FIRST_ROOM : box->room * 2u;
	struct parcel **parcels;

	if (room > ROOM_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	parcels = malloc(room * sizeof *parcels);
	if (parcels == NULL)
		return -1;
	for (unsigned i = 0; i < box->count; i++)
		parcels[i] = *place(box, i);
	free(box->parcels);
	box->parcels = parcels;
	box->room = (uint16_t)room;
	box->first = 0;
	return 0;
}

int
outbox_push(struct outbox *box, struct parcel *parcel)
{
	if (box->count == box->room && grow(box) != 0)
		return -1;
	*place(box, box->count++) = parcel_hold(parcel);
	box->bytes += parcel->n;
	return 0;
}

/* An idle connection holds no ring. */
static void
let_go(struct outbox *box)
{
	free(box->parcels);
	*box = (struct outbox){ 0 };
}

static void
take_written(struct outbox *box, size_t n)
{
	box->bytes -= (uint32_t)n;
	while (n > 0) {
		struct parcel *parcel = *place(box, 0);
		size_t left = parcel->n - box->written;

		if (n < left) {
			box->written += (uint32_t)n;
			return;
		}
		n -= left;
		box->written = 0;
		box->first = (uint16_t)((box->first + 1u) & (box->room - 1u));
		box->count--;
		parcel_drop(parcel);
	}
}

static size_t
gather(const struct outbox *box, struct iovec *pieces, size_t *total)
{
	size_t n = 0;

	*total = 0;
	for (; n < box->count && n < WRITE_MAX; n++) {
		struct parcel *parcel = *place(box, (unsigned)n);
		size_t skip = n == 0 ? box->written : 0;

		pieces[n].iov_base = parcel->bytes + skip;
		pieces[n].iov_len = parcel->n - skip;
		*total += pieces[n].iov_len;
	}
	return n;
}

int
outbox_write(struct outbox *box, int fd)
{
	while (box->count > 0) {
		struct iovec pieces[WRITE_MAX];
		size_t total;
		struct msghdr message = { .msg_iov = pieces };
		ssize_t n;

		message.msg_iovlen = gather(box, pieces, &total);
		n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
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
	size_t n = 0;

	for (unsigned i = 0; i < box->count && n < CHUNK_MAX; i++) {
		const struct parcel *parcel = *place(box, i);
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

	while (box->count > 0) {
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
	return box->count == 0;
}

void
outbox_fini(struct outbox *box)
{
	for (unsigned i = 0; i < box->count; i++)
		parcel_drop(*place(box, i));
	let_go(box);
}
