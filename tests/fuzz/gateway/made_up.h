/* SPDX-License-Identifier: MIT */
/* tests/fuzz/gateway/made_up.h - frames that nobody sent: each field holds what
 * its row allows, by dice whose seed the input sets; in an answer, what was
 * asked.
 */
#ifndef PARLEY_TESTS_FUZZ_GATEWAY_MADE_UP_H
#define PARLEY_TESTS_FUZZ_GATEWAY_MADE_UP_H

#include "proto/frame_internal.h"

#include <string.h>

static uint64_t dice;

static void
seed_dice(const uint8_t *bytes, size_t n)
{
	dice = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		dice = (dice ^ bytes[i]) * 1099511628211u;
	dice |= 1;
}

/* Below `sides`. */
static unsigned
roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 32) % sides;
}

/* --- What frames hold */

static struct uuid
make_id(void)
{
	struct uuid id;

	memset(id.bytes, 1 + (int)roll(5), sizeof id.bytes);
	return id;
}

static struct slice
make_text(struct arena *arena, const struct field_row *field)
{
	static const char *const words[] = {
		"ada",  "bob",          "a",
		"hall", "\"\\\n\t\x01", "zoë \xf0\x9f\x98\x80",
		"{}",   "unavailable"
	};
	struct slice text = slice_of(words[roll(sizeof words / sizeof *words)]);
	char *fill;

	if (roll(32) != 0 && text.n >= field->min && text.n <= field->max)
		return text;
	text.n = roll(8) == 0 ? field->max : field->min;
	fill = arena_get(arena, text.n + 1);
	must(fill != NULL);
	memset(fill, 'x', text.n);
	text.at = fill;
	return text;
}

static uint64_t
make_number(const struct field_row *field)
{
	if (roll(64) == 0)
		return field->max;
	return field->max - field->min < 4
		   ? field->min + roll((unsigned)(field->max - field->min + 1))
		   : field->min + roll(4);
}

static void fill_part(struct arena *arena, enum frame_kind kind, void *at,
		      const struct frame *asked);

static const struct field_row *
find_field(enum frame_kind kind, const char *name, enum field_type type)
{
	const struct frame_row *row = &frame_rows[kind];

	for (size_t i = 0; i < row->field_count; i++)
		if (row->fields[i].type == type &&
		    strcmp(row->fields[i].name, name) == 0)
			return &row->fields[i];
	return NULL;
}

/* The ids of a question that are to be answered one by one; or none. */
static frame_UUIDS
ids_asked(const struct frame *asked, const char *name)
{
	const struct field_row *field =
	    asked == NULL ? NULL : find_field(asked->kind, name, TYPE_UUIDS);

	if (field == NULL)
		return (frame_UUIDS){ NULL, 0 };
	return *(const frame_UUIDS *)((const char *)frame_payload(asked) +
				      field->offset);
}

static frame_list
make_list(struct arena *arena, const struct field_row *field,
	  const struct frame *asked)
{
	const frame_UUIDS ids = ids_asked(asked, field->name);
	size_t size = frame_rows[field->part].struct_bytes;
	size_t n = ids.n > 0 ? ids.n : roll(4);
	char *items;

	if (n < field->min || (asked != NULL && n == 0 && roll(2) == 0))
		n = 1;
	if (n > field->max)
		n = field->max;
	items = arena_array(arena, n + 1, size);
	must(items != NULL);
	for (size_t i = 0; i < n; i++) {
		fill_part(arena, field->part, items + i * size, asked);
		/* What a part begins with is its id. */
		if (i < ids.n)
			memcpy(items + i * size, &ids.at[i], sizeof *ids.at);
	}
	return (frame_list){ items, n };
}

static frame_UUIDS
make_ids(struct arena *arena, const struct field_row *field)
{
	size_t n = field->min + roll(2);
	struct uuid *ids = arena_array(arena, n + 1, sizeof *ids);

	must(ids != NULL);
	for (size_t i = 0; i < n; i++)
		ids[i] = make_id();
	return (frame_UUIDS){ ids, n };
}

static void
fill_field(struct arena *arena, const struct field_row *field, void *at,
	   const struct frame *asked)
{
	switch (field->type) {
	case TYPE_UUID:
		*(struct uuid *)at = make_id();
		break;
	case TYPE_UUIDS:
		*(frame_UUIDS *)at = make_ids(arena, field);
		break;
	case TYPE_TEXT:
	case TYPE_BYTES:
		*(struct slice *)at = make_text(arena, field);
		break;
	case TYPE_U64:
		*(uint64_t *)at = make_number(field);
		break;
	case TYPE_BOOL:
		*(bool *)at = roll(2) == 0;
		break;
	case TYPE_LIST:
		*(frame_list *)at = make_list(arena, field, asked);
		break;
	}
}

static size_t
bytes_of(enum field_type type)
{
	return type == TYPE_UUID   ? sizeof(struct uuid)
	       : type == TYPE_U64  ? sizeof(uint64_t)
	       : type == TYPE_BOOL ? sizeof(bool)
				   : sizeof(struct slice);
}

/* Whether the field is what the question says it is. A nil id says nothing. */
static bool
copy_asked(const struct field_row *field, void *at, const struct frame *asked)
{
	const struct field_row *same =
	    asked == NULL || field->type == TYPE_LIST
		? NULL
		: find_field(asked->kind, field->name, field->type);
	const char *from;

	if (same == NULL)
		return false;
	from = (const char *)frame_payload(asked) + same->offset;
	if (field->type == TYPE_UUID && uuid_is_nil((const struct uuid *)from))
		return false;
	if (field->type == TYPE_TEXT &&
	    ((const struct slice *)from)->n < field->min)
		return false;
	memcpy(at, from, bytes_of(field->type));
	return true;
}

static void
fill_part(struct arena *arena, enum frame_kind kind, void *at,
	  const struct frame *asked)
{
	const struct frame_row *row = &frame_rows[kind];

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		void *place = (char *)at + field->offset;

		if (!copy_asked(field, place, asked))
			fill_field(arena, field, place, asked);
	}
}

static void
fill(struct arena *arena, struct frame *frame, enum frame_kind kind,
     const struct frame *asked)
{
	*frame = (struct frame){ .kind = kind };
	fill_part(arena, kind, (void *)frame_payload(frame), asked);
}

#endif
