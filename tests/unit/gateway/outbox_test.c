/* SPDX-License-Identifier: MIT */
/* tests/unit/gateway/outbox_test.c - does what was pushed leave once, whole and
 * in order, whether it is one parcel or many, and however little a socket
 * takes?
 */
#include "gateway/outbox.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PARCEL_BYTES 1000

static struct {
	int near, far;
	size_t heard;
	bool is_in_order;
} wire;

static void
wire_open(void)
{
	int pair[2] = { -1, -1 };
	int small = 4096;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	wire.near = pair[0];
	wire.far = pair[1];
	wire.heard = 0;
	wire.is_in_order = true;
	setsockopt(wire.near, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
}

static void
wire_close(void)
{
	close(wire.near);
	close(wire.far);
}

/* Each byte of the nth parcel is n. */
static void
wire_hear(void)
{
	uint8_t bytes[4096];
	ssize_t n;

	while ((n = read(wire.far, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++, wire.heard++)
			wire.is_in_order &=
			    bytes[i] == (uint8_t)(wire.heard / PARCEL_BYTES);
}

static int
push(struct outbox *box, unsigned number)
{
	struct parcel *parcel = parcel_new(PARCEL_BYTES);
	int rc;

	CHECK(parcel != NULL);
	if (parcel == NULL)
		return -1;
	memset(parcel->bytes, (int)(number & 0xff), PARCEL_BYTES);
	rc = outbox_push(box, parcel);
	parcel_drop(parcel);
	return rc;
}

static void
one_leaves_whole(void)
{
	struct outbox box = { 0 };

	wire_open();
	CHECK_INT(push(&box, 0), 0);
	CHECK_INT(outbox_bytes(&box), PARCEL_BYTES);
	CHECK(!box.has_ring);
	CHECK_INT(outbox_write(&box, wire.near), 1);
	CHECK(outbox_is_empty(&box));
	CHECK_INT(outbox_bytes(&box), 0);
	wire_hear();
	CHECK_INT(wire.heard, PARCEL_BYTES);
	CHECK(wire.is_in_order);
	wire_close();
}

/* One goes first, so that the ring turns while it is in use. */
static void
many_leave_in_order_however_little_is_taken(void)
{
	struct outbox box = { 0 };
	unsigned pushed = 0;
	int rc = 0;

	wire_open();
	for (unsigned turn = 0; turn < 200; turn++) {
		for (unsigned i = 0; i <= turn % 7; i++)
			CHECK_INT(push(&box, pushed++), 0);
		CHECK(outbox_write(&box, wire.near) >= 0);
		if (turn % 3 == 0)
			wire_hear();
	}
	for (unsigned i = 0; i < 1000 && rc == 0; i++) {
		wire_hear();
		rc = outbox_write(&box, wire.near);
	}
	CHECK_INT(rc, 1);
	wire_hear();
	CHECK_INT(wire.heard, pushed * PARCEL_BYTES);
	CHECK(wire.is_in_order);
	outbox_fini(&box);
	wire_close();
}

static void
an_outbox_that_was_emptied_holds_no_ring(void)
{
	struct outbox box = { 0 };

	wire_open();
	CHECK_INT(push(&box, 0), 0);
	CHECK_INT(push(&box, 1), 0);
	CHECK(box.has_ring);
	CHECK_INT(outbox_write(&box, wire.near), 1);
	CHECK(!box.has_ring);
	wire_close();
}

static void
more_than_it_holds_is_refused_and_what_it_holds_stays(void)
{
	struct outbox box = { 0 };
	struct parcel *parcel = parcel_new(1);
	unsigned n = 0;

	CHECK(parcel != NULL);
	while (n < 100000 && outbox_push(&box, parcel) == 0)
		n++;
	CHECK_INT(errno, ENOBUFS);
	CHECK_INT(outbox_count(&box), n);
	CHECK_INT(parcel->references, n + 1);
	outbox_fini(&box);
	CHECK_INT(parcel->references, 1);
	parcel_drop(parcel);
}

static void
a_peer_that_is_gone_is_told(void)
{
	struct outbox box = { 0 };

	wire_open();
	close(wire.far);
	CHECK_INT(push(&box, 0), 0);
	CHECK_INT(outbox_write(&box, wire.near), -1);
	CHECK_INT(errno, EPIPE);
	outbox_fini(&box);
	close(wire.near);
}

int
main(void)
{
	RUN(one_leaves_whole);
	RUN(many_leave_in_order_however_little_is_taken);
	RUN(an_outbox_that_was_emptied_holds_no_ring);
	RUN(more_than_it_holds_is_refused_and_what_it_holds_stays);
	RUN(a_peer_that_is_gone_is_told);
	return check_done();
}
