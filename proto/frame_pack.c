/* SPDX-License-Identifier: MIT */
/* proto/frame_pack.c - a frame becomes bytes: one loop over its rows. */
#include "proto/frame_internal.h"

#include "proto/msgpack_writer.h"

#include <errno.h>

/* What a tap shows in place of a secret. */
static const struct slice hidden_text = { "(hidden)", 8 };

struct packing {
	msgpack_packer packer;
	bool public; /* secrets are hidden */
	const char *wrong;
};

static uint64_t
number_of(const struct field_row *field, const void *value)
{
	if (field->type == TYPE_BOOL)
		return *(const frame_BOOL *)value;
	return *(const frame_U64 *)value;
}

/* A list and ids begin with the same two members, a pointer and a count. */
static size_t
count_of(const struct field_row *field, const void *value)
{
	switch (field->type) {
	case TYPE_UUIDS:
		return ((const frame_UUIDS *)value)->n;
	case TYPE_LIST:
		return ((const frame_list *)value)->n;
	default:
		return ((const struct slice *)value)->n;
	}
}

bool
field_is_empty(const struct field_row *field, const void *value)
{
	switch (field->type) {
	case TYPE_UUID:
		return uuid_is_nil(value);
	case TYPE_U64:
	case TYPE_BOOL:
		return number_of(field, value) == 0;
	default:
		return count_of(field, value) == 0;
	}
}

static bool
is_in_bounds(const struct field_row *field, const void *value)
{
	switch (field->type) {
	case TYPE_UUID:
		return !field_is_required(field) || !uuid_is_nil(value);
	case TYPE_BOOL:
		return true;
	case TYPE_U64: {
		uint64_t number = number_of(field, value);
		return number >= field->min && number <= field->max;
	}
	default: {
		size_t n = count_of(field, value);
		return n >= field->min && n <= field->max;
	}
	}
}

/* Whether the field goes onto the wire; a required list may be empty. */
static bool
is_sent(const struct field_row *field, const void *value)
{
	return field_is_required(field) || !field_is_empty(field, value);
}

static int pack_part(struct packing *p, const struct frame_row *row,
		     const void *part);

static int
pack_list(struct packing *p, const struct field_row *field,
	  const frame_list *list)
{
	const struct frame_row *part = &frame_rows[field->part];

	if (msgpack_pack_array(&p->packer, list->n) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (pack_part(p, part,
			      (const char *)list->items +
				  i * part->struct_bytes) != 0)
			return -1;
	return 0;
}

static int
pack_value(struct packing *p, const struct field_row *field, const void *value)
{
	if (p->public && field_is_hidden(field))
		return msgpack_write_text(&p->packer, hidden_text);
	switch (field->type) {
	case TYPE_UUID:
		return msgpack_write_bytes(&p->packer, value,
					   sizeof(struct uuid));
	case TYPE_UUIDS: {
		const frame_UUIDS *ids = value;
		return msgpack_write_bytes(&p->packer, ids->at,
					   ids->n * sizeof(struct uuid));
	}
	case TYPE_TEXT:
		return msgpack_write_text(&p->packer,
					  *(const frame_TEXT *)value);
	case TYPE_BYTES: {
		const frame_BYTES *bytes = value;
		return msgpack_write_bytes(&p->packer, bytes->at, bytes->n);
	}
	case TYPE_U64:
		return msgpack_pack_uint64(&p->packer, number_of(field, value));
	case TYPE_BOOL:
		return number_of(field, value) ? msgpack_pack_true(&p->packer)
					       : msgpack_pack_false(&p->packer);
	case TYPE_LIST:
		return pack_list(p, field, value);
	}
	return -1;
}

static size_t
count_sent(const struct frame_row *row, const void *payload)
{
	size_t sent = 0;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		sent += is_sent(field, (const char *)payload + field->offset);
	}
	return sent;
}

static int
pack_fields(struct packing *p, const struct frame_row *row, const void *payload)
{
	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		const void *value = (const char *)payload + field->offset;
		struct slice name;

		if (!is_sent(field, value))
			continue;
		if (!is_in_bounds(field, value)) {
			p->wrong = field->name;
			errno = EINVAL;
			return -1;
		}
		name = slice_of(field->name);
		if (msgpack_write_text(&p->packer, name) != 0 ||
		    pack_value(p, field, value) != 0)
			return -1;
	}
	return 0;
}

/* Parts hold no lists, so this goes one level deep. */
static int
pack_part(struct packing *p, const struct frame_row *row, const void *part)
{
	if (msgpack_pack_map(&p->packer, count_sent(row, part)) != 0)
		return -1;
	return pack_fields(p, row, part);
}

static int
pack_number(struct packing *p, const char *key, uint64_t number)
{
	if (number == 0)
		return 0;
	if (msgpack_write_text(&p->packer, slice_of(key)) != 0)
		return -1;
	return msgpack_pack_uint64(&p->packer, number);
}

static int
pack_frame(struct packing *p, const struct frame *frame)
{
	const struct frame_row *row = &frame_rows[frame->kind];
	const void *payload = frame_payload(frame);
	size_t pairs = 1 + (frame->id != 0) + (frame->event != 0) +
		       (frame->trace != 0) + count_sent(row, payload);

	if (msgpack_pack_map(&p->packer, pairs) != 0 ||
	    msgpack_write_text(&p->packer, slice_of("frame")) != 0 ||
	    msgpack_write_text(&p->packer, slice_of(row->name)) != 0 ||
	    pack_number(p, "id", frame->id) != 0 ||
	    pack_number(p, "event", frame->event) != 0 ||
	    pack_number(p, "trace", frame->trace) != 0)
		return -1;
	return pack_fields(p, row, payload);
}

static int
pack_into(const struct frame *frame, struct buffer *into, bool public,
	  const char **wrong)
{
	struct packing p = { .public = public };
	size_t before = into->n;

	msgpack_packer_init(&p.packer, into, msgpack_write_to_buffer);
	errno = ENOMEM;
	if (pack_frame(&p, frame) == 0) {
		if (into->n - before <= FRAME_MAX_BYTES)
			return 0;
		errno = EMSGSIZE;
	}
	if (wrong != NULL)
		*wrong = p.wrong == NULL ? frame_name(frame->kind) : p.wrong;
	into->n = before;
	return -1;
}

int
frame_pack(const struct frame *frame, struct buffer *into, const char **wrong)
{
	return pack_into(frame, into, false, wrong);
}

int
frame_pack_public(const struct frame *frame, struct buffer *into)
{
	return pack_into(frame, into, true, NULL);
}
