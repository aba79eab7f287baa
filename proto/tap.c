/* SPDX-License-Identifier: MIT */
/* proto/tap.c - the mirror, with secrets hidden. */
#include "proto/tap.h"

#include <inttypes.h>
#include <stdlib.h>

struct tap {
	void *xpub;
	size_t listeners; /* subscriptions that stand */
	uint64_t number;
	struct buffer packed; /* reused */
};

struct tap *
tap_new(void *xpub)
{
	struct tap *tap = calloc(1, sizeof *tap);

	if (tap != NULL)
		tap->xpub = xpub;
	return tap;
}

void
tap_free(struct tap **tap)
{
	if (*tap == NULL)
		return;
	buffer_fini(&(*tap)->packed);
	free(*tap);
	*tap = NULL;
}

/* XPUB tells each distinct subject's first and last listener only. */
void
tap_on_subscription(struct tap *tap, zmq_msg_t *message)
{
	if (zmq_msg_size(message) == 0)
		return;
	if (*(const uint8_t *)zmq_msg_data(message) == 1)
		tap->listeners++;
	else if (tap->listeners > 0)
		tap->listeners--;
}

bool
tap_is_heard(const struct tap *tap)
{
	return tap != NULL && tap->listeners > 0;
}

/* Subjects are joined by dots, so the dot of `gateway.2` becomes a hyphen. */
static size_t
make_subject(char *into, size_t room, const char *direction, const char *peer,
	     enum frame_kind kind)
{
	int n =
	    snprintf(into, room, "%s.%s.%s", direction, peer, frame_name(kind));
	size_t prefix = strlen(direction) + 1;

	if (n < 0 || (size_t)n >= room)
		return 0;
	for (size_t i = prefix; i < prefix + strlen(peer); i++)
		if (into[i] == '.')
			into[i] = '-';
	return (size_t)n;
}

/* A listener that reads too slowly loses frames and sees it by the numbers. */
static void
publish(struct tap *tap, const char *subject, size_t subject_bytes,
	const void *packed, size_t n)
{
	char number[24];
	int digits = snprintf(number, sizeof number, "%" PRIu64, ++tap->number);

	if (zmq_send(tap->xpub, subject, subject_bytes,
		     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
	    zmq_send(tap->xpub, packed, n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return;
	(void)zmq_send(tap->xpub, number, (size_t)digits, ZMQ_DONTWAIT);
}

void
tap_mirror(struct tap *tap, const char *direction, const char *peer,
	   const struct frame *frame, const void *packed, size_t n)
{
	char subject[128];
	size_t subject_bytes;

	if (!tap_is_heard(tap) || frame->kind == FRAME_none)
		return;
	subject_bytes =
	    make_subject(subject, sizeof subject, direction, peer, frame->kind);
	if (packed == NULL || frame_has_secrets(frame->kind)) {
		buffer_clear(&tap->packed);
		if (frame_pack_public(frame, &tap->packed) != 0)
			return;
		packed = tap->packed.bytes;
		n = tap->packed.n;
	}
	publish(tap, subject, subject_bytes, packed, n);
}
