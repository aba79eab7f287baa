/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/compare.c - see compare.h. */
#include "tools/parley-tap/compare.h"

#include "proto/frame_internal.h"

/* What is another one each time. A read may overtake posts that wait to be
 * committed, or not: so how far the room had come is among it.
 */
static const char *const left_out[] = {
	"at",
	"edited_at",
	"created_at",
	"joined_at",
	"archived_at",
	"expires_at",
	"since",
	"number",
	"head",
	"head_seq",
	"epoch",
	"expires_in",
	"session_expires_in",
	"retry_after",
};

static bool
is_left_out(const struct field_row *field)
{
	if (field_is_hidden(field))
		return true;
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		if (strcmp(field->name, left_out[i]) == 0)
			return true;
	return false;
}

static bool
lists_agree(struct ids *ids, const frame_UUIDS *was, const frame_UUIDS *now)
{
	if (was->n != now->n)
		return false;
	for (size_t i = 0; i < was->n; i++)
		if (!ids_agree(ids, &was->at[i], &now->at[i]))
			return false;
	return true;
}

/* All but lists of parts. */
static bool
values_agree(struct ids *ids, const struct field_row *field, const void *was,
	     const void *now)
{
	switch (field->type) {
	case TYPE_UUID:
		return ids_agree(ids, was, now);
	case TYPE_UUIDS:
		return lists_agree(ids, was, now);
	case TYPE_U64:
		return *(const uint64_t *)was == *(const uint64_t *)now;
	case TYPE_BOOL:
		return *(const bool *)was == *(const bool *)now;
	default:
		return slice_equal(*(const struct slice *)was,
				   *(const struct slice *)now);
	}
}

static bool
parts_agree(struct ids *ids, const struct frame_row *part, const char *was,
	    const char *now)
{
	for (size_t i = 0; i < part->field_count; i++) {
		const struct field_row *field = &part->fields[i];

		if (!is_left_out(field) &&
		    !values_agree(ids, field, was + field->offset,
				  now + field->offset))
			return false;
	}
	return true;
}

static bool
fields_agree(struct ids *ids, const struct field_row *field, const void *was,
	     const void *now)
{
	const struct frame_row *part = &frame_rows[field->part];
	const frame_list *before = was, *after = now;

	if (field->type != TYPE_LIST)
		return values_agree(ids, field, was, now);
	if (before->n != after->n)
		return false;
	for (size_t i = 0; i < before->n; i++)
		if (!parts_agree(
			ids, part,
			(const char *)before->items + i * part->struct_bytes,
			(const char *)after->items + i * part->struct_bytes))
			return false;
	return true;
}

int
answers_compare(struct ids *ids, const struct frame *was,
		const struct frame *now, struct buffer *differing)
{
	const struct frame_row *row = &frame_rows[was->kind];
	const char *before = frame_payload(was), *after = frame_payload(now);
	int rc = 0;

	if (was->kind != now->kind)
		return buffer_append_text(differing, " frame") != 0 ? -1 : 1;
	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];

		if (is_left_out(field) ||
		    fields_agree(ids, field, before + field->offset,
				 after + field->offset))
			continue;
		if (buffer_printf(differing, " %s", field->name) != 0)
			return -1;
		rc = 1;
	}
	return rc;
}
