/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/fields.c - see fields.h. */
#include "tools/parley-tap/fields.h"

#include "proto/frame_internal.h"
#include "tools/client/text.h"

#include <inttypes.h>

#define TEXT_CHARACTERS 60

static bool
ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), e = strlen(ending);

	return n >= e && strcmp(name + n - e, ending) == 0;
}

/* Times and numbers that stand for a name beside them. */
static bool
is_dull(const struct field_row *field)
{
	return strcmp(field->name, "at") == 0 ||
	       ends_with(field->name, "_at") ||
	       strcmp(field->name, "since") == 0 ||
	       ends_with(field->name, "number");
}

static const void *
value_of(const struct field_row *field, const void *payload)
{
	return (const char *)payload + field->offset;
}

/* Elements of lists hold no lists, so this goes one level deep. */
static bool
look_at_items(const struct frame_row *row, const frame_list *list,
	      fields_look_fn *look, void *self)
{
	for (size_t i = 0; i < list->n; i++)
		if (look(self, row,
			 (const char *)list->items + i * row->struct_bytes))
			return true;
	return false;
}

bool
fields_look(const struct frame *frame, fields_look_fn *look, void *self)
{
	const struct frame_row *row = &frame_rows[frame->kind];
	const void *payload = frame_payload(frame);

	if (look(self, row, payload))
		return true;
	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];

		if (field->type == TYPE_LIST &&
		    look_at_items(&frame_rows[field->part],
				  value_of(field, payload), look, self))
			return true;
	}
	return false;
}

struct slice
fields_name_of(const struct frame_row *row, const void *payload,
	       const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];

		if (field->type == TYPE_TEXT &&
		    strncmp(field->name, name, n) == 0 &&
		    strcmp(field->name + n, "_name") == 0)
			return *(const struct slice *)value_of(field, payload);
	}
	return (struct slice){ "", 0 };
}

/* A name that was shown in place of the id beside it. */
static bool
is_name_of_id(const struct frame_row *row, const struct field_row *name)
{
	size_t n = strlen(name->name);

	if (!ends_with(name->name, "_name"))
		return false;
	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].type == TYPE_UUID &&
		    strlen(row->fields[i].name) == n - strlen("_name") &&
		    strncmp(row->fields[i].name, name->name,
			    n - strlen("_name")) == 0)
			return true;
	return false;
}

/* --- Values */

int
fields_append_id(struct buffer *into, const struct uuid *id)
{
	char text[UUID_TEXT_BYTES];

	return buffer_printf(into, "…%s",
			     uuid_format(id, text) + UUID_TEXT_BYTES - 1 -
				 SHORT_ID_DIGITS);
}

int
fields_append_text(struct buffer *into, struct slice text)
{
	struct slice rest = text;
	size_t n = 0;

	while (rest.n > 0 && n++ < TEXT_CHARACTERS)
		(void)text_next(&rest);
	text.n -= rest.n;
	if (buffer_append_text(into, "\"") != 0 ||
	    text_append_safe(into, text, "") != 0)
		return -1;
	return buffer_append_text(into, rest.n > 0 ? "…\"" : "\"");
}

static int
append_ids(struct buffer *into, const frame_UUIDS *ids)
{
	if (ids->n == 1)
		return fields_append_id(into, ids->at);
	return buffer_printf(into, "[%zu]", ids->n);
}

static int
append_user(struct buffer *into, const struct uuid *id, struct slice name)
{
	if (name.n > 0)
		return text_append_safe(into, name, "");
	return fields_append_id(into, id);
}

static int
append_value(struct buffer *into, const struct frame_row *row,
	     const struct field_row *field, const void *payload)
{
	const void *value = value_of(field, payload);

	if (field_is_hidden(field))
		return buffer_append_text(into, "(hidden)");
	switch (field->type) {
	case TYPE_UUID:
		return append_user(into, value,
				   fields_name_of(row, payload, field->name));
	case TYPE_UUIDS:
		return append_ids(into, value);
	case TYPE_TEXT:
		return fields_append_text(into, *(const struct slice *)value);
	case TYPE_BYTES:
		return buffer_printf(into, "[%zu bytes]",
				     ((const struct slice *)value)->n);
	case TYPE_U64:
		return buffer_printf(into, "%" PRIu64,
				     *(const uint64_t *)value);
	case TYPE_LIST:
		return buffer_printf(into, "[%zu]",
				     ((const frame_list *)value)->n);
	case TYPE_BOOL:
		break;
	}
	return 0;
}

/* --- Fields */

/* A truth is its name alone. */
static int
append_field(struct buffer *into, const struct frame_row *row,
	     const struct field_row *field, const void *payload)
{
	if (buffer_printf(into, " %s%s", field->name,
			  field->type == TYPE_BOOL ? "" : "=") != 0)
		return -1;
	return append_value(into, row, field, payload);
}

/* Names and words: what is seen of a line that is cut. */
static bool
is_telling(const struct frame_row *row, const struct field_row *field,
	   const void *payload)
{
	return field->type == TYPE_TEXT ||
	       (field->type == TYPE_UUID &&
		fields_name_of(row, payload, field->name).n > 0);
}

static int
append_fields(struct buffer *into, const struct frame *frame, bool telling)
{
	const struct frame_row *row = &frame_rows[frame->kind];
	const void *payload = frame_payload(frame);

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];

		if (is_dull(field) ||
		    field_is_empty(field, value_of(field, payload)) ||
		    is_name_of_id(row, field) ||
		    is_telling(row, field, payload) != telling)
			continue;
		if (append_field(into, row, field, payload) != 0)
			return -1;
	}
	return 0;
}

int
fields_append(struct buffer *into, const struct frame *frame)
{
	if (frame->id != 0 ? buffer_printf(into, "#%-4" PRIu64, frame->id) != 0
			   : buffer_append_text(into, "     ") != 0)
		return -1;
	return append_fields(into, frame, true) == 0
		   ? append_fields(into, frame, false)
		   : -1;
}
