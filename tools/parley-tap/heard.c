/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/heard.c - see heard.h. */
#include "tools/parley-tap/heard.h"

#include "proto/frame_internal.h"
#include "tools/parley-tap/fields.h"

/* in.PEER.FRAME or out.PEER.FRAME; the frame names itself. */
static bool
read_subject(struct heard *heard)
{
	const struct slice *subject = &heard->subject;
	const char *dot = memchr(subject->at, '.', subject->n);
	size_t direction = dot == NULL ? 0 : (size_t)(dot - subject->at);
	struct slice rest;
	const char *end;

	if (dot == NULL)
		return false;
	heard->is_in = direction == 2 && memcmp(subject->at, "in", 2) == 0;
	if (!heard->is_in &&
	    (direction != 3 || memcmp(subject->at, "out", 3) != 0))
		return false;
	rest = (struct slice){ dot + 1, subject->n - direction - 1 };
	end = memchr(rest.at, '.', rest.n);
	if (end == NULL)
		return false;
	heard->peer = (struct slice){ rest.at, (size_t)(end - rest.at) };
	return true;
}

bool
heard_read(struct heard *heard, struct arena *arena)
{
	return read_subject(heard) &&
	       frame_unpack_public(&heard->frame, arena,
				   (const uint8_t *)heard->packed.at,
				   heard->packed.n, NULL) >= 0 &&
	       heard->frame.kind != FRAME_none;
}

bool
heard_is_loss(const struct heard *heard)
{
	return slice_is(heard->subject, LOST_SUBJECT);
}

enum party
heard_kind(struct slice name)
{
	size_t n = 0;

	while (n < name.n && name.at[n] != '.' && name.at[n] != '-')
		n++;
	return party_find((struct slice){ name.at, n });
}

bool
heard_is_pulse(const struct heard *heard)
{
	switch (heard->frame.kind) {
	case FRAME_ping:
	case FRAME_pong:
	case FRAME_batch:
		return true;
	default:
		return false;
	}
}

static bool
is_among(const frame_UUIDS *ids, const struct uuid *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (uuid_equal(&ids->at[i], id))
			return true;
	return false;
}

static bool
has_id(void *self, const struct frame_row *row, const void *payload)
{
	const struct uuid *id = self;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		const void *value = (const char *)payload + field->offset;

		if (field->type == TYPE_UUID
			? uuid_equal(value, id)
			: field->type == TYPE_UUIDS && is_among(value, id))
			return true;
	}
	return false;
}

bool
heard_mentions(const struct frame *frame, const struct uuid *id)
{
	struct uuid wanted = *id;

	return fields_look(frame, has_id, &wanted);
}
