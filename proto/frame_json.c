/* SPDX-License-Identifier: MIT */
/* proto/frame_json.c - a frame as a line of JSON, for people and for jq. */
#include "proto/frame_internal.h"

#include <inttypes.h>

static int
print_text(struct buffer *into, struct slice text)
{
	if (buffer_append_text(into, "\"") != 0)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.at[i];
		int rc;

		if (c == '"' || c == '\\')
			rc = buffer_printf(into, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			rc = buffer_printf(into, "\\u%04x", c);
		else
			rc = buffer_append(into, &c, 1);
		if (rc != 0)
			return -1;
	}
	return buffer_append_text(into, "\"");
}

static int
print_uuid(struct buffer *into, const struct uuid *id)
{
	char text[UUID_TEXT_BYTES];

	return buffer_printf(into, "\"%s\"", uuid_format(id, text));
}

static int
print_uuids(struct buffer *into, const frame_UUIDS *ids)
{
	if (buffer_append_text(into, "[") != 0)
		return -1;
	for (size_t i = 0; i < ids->n; i++) {
		if (i > 0 && buffer_append_text(into, ",") != 0)
			return -1;
		if (print_uuid(into, &ids->at[i]) != 0)
			return -1;
	}
	return buffer_append_text(into, "]");
}

static int
print_hex(struct buffer *into, const frame_BYTES *bytes)
{
	if (buffer_append_text(into, "\"") != 0)
		return -1;
	for (size_t i = 0; i < bytes->n; i++)
		if (buffer_printf(into, "%02x", (unsigned char)bytes->at[i]) !=
		    0)
			return -1;
	return buffer_append_text(into, "\"");
}

static int print_part(struct buffer *into, const struct frame_row *row,
		      const void *part);

static int
print_list(struct buffer *into, const struct field_row *field,
	   const frame_list *list)
{
	const struct frame_row *part = &frame_rows[field->part];

	if (buffer_append_text(into, "[") != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		const char *item =
		    (const char *)list->items + i * part->struct_bytes;
		if (i > 0 && buffer_append_text(into, ",") != 0)
			return -1;
		if (print_part(into, part, item) != 0)
			return -1;
	}
	return buffer_append_text(into, "]");
}

static int
print_value(struct buffer *into, const struct field_row *field,
	    const void *value)
{
	if (field_is_hidden(field))
		return buffer_append_text(into, "\"(hidden)\"");
	switch (field->type) {
	case TYPE_UUID:
		return print_uuid(into, value);
	case TYPE_UUIDS:
		return print_uuids(into, value);
	case TYPE_TEXT:
		return print_text(into, *(const frame_TEXT *)value);
	case TYPE_BYTES:
		return print_hex(into, value);
	case TYPE_U64:
		return buffer_printf(into, "%" PRIu64,
				     *(const frame_U64 *)value);
	case TYPE_BOOL:
		return buffer_append_text(
		    into, *(const frame_BOOL *)value ? "true" : "false");
	case TYPE_LIST:
		return print_list(into, field, value);
	}
	return -1;
}

/* Fields that are missing are not shown, as on the wire. */
static bool
is_shown(const struct field_row *field, const void *value)
{
	static const struct uuid zero;
	size_t n = field->type == TYPE_BOOL  ? sizeof(bool)
		   : field->type == TYPE_U64 ? sizeof(uint64_t)
					     : sizeof(struct uuid);

	return field_is_required(field) || memcmp(value, &zero, n) != 0;
}

/* `separator` stands before the first field. */
static int
print_fields(struct buffer *into, const struct frame_row *row,
	     const void *payload, const char *separator)
{
	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		const void *value = (const char *)payload + field->offset;

		if (!is_shown(field, value))
			continue;
		if (buffer_printf(into, "%s\"%s\":", separator, field->name) !=
			0 ||
		    print_value(into, field, value) != 0)
			return -1;
		separator = ",";
	}
	return 0;
}

static int
print_part(struct buffer *into, const struct frame_row *row, const void *part)
{
	if (buffer_append_text(into, "{") != 0 ||
	    print_fields(into, row, part, "") != 0)
		return -1;
	return buffer_append_text(into, "}");
}

int
frame_print_json(const struct frame *frame, struct buffer *into)
{
	const struct frame_row *row = &frame_rows[frame->kind];

	if (buffer_printf(into, "{\"frame\":\"%s\"", row->name) != 0)
		return -1;
	if (frame->id != 0 &&
	    buffer_printf(into, ",\"id\":%" PRIu64, frame->id) != 0)
		return -1;
	if (frame->event != 0 &&
	    buffer_printf(into, ",\"event\":%" PRIu64, frame->event) != 0)
		return -1;
	if (frame->trace != 0 &&
	    buffer_printf(into, ",\"trace\":\"%016" PRIx64 "\"",
			  frame->trace) != 0)
		return -1;
	if (print_fields(into, row, frame_payload(frame), ",") != 0)
		return -1;
	return buffer_append_text(into, "}");
}
