/* SPDX-License-Identifier: MIT */
/* proto/frame_unpack.c - bytes become a frame, checked against its rows.
 *
 * Types, lengths, values, UTF-8 and required fields are checked; unknown keys
 * are passed over, so that versions can mix; a key that comes twice is refused.
 */
#include "proto/frame_internal.h"
#include "proto/msgpack_reader.h"
#include "proto/utf8.h"

#include <errno.h>

struct unpacking {
	struct msgpack_reader reader;
	struct arena *arena;
	const char *wrong;
	bool out_of_memory;
	bool public; /* secrets are hidden, and of no type or length */
};

static bool
fail(struct unpacking *u, const char *wrong)
{
	u->wrong = wrong;
	return false;
}

static bool
is_text(const struct msgpack_token *token)
{
	return token->type == MSGPACK_TEXT &&
	       memchr(token->text.at, '\0', token->text.n) == NULL &&
	       utf8_is_valid(token->text.at, token->text.n);
}

static bool
unpack_run(const struct field_row *field, const struct msgpack_token *token,
	   void *value)
{
	if (field->type == TYPE_TEXT ? !is_text(token)
				     : token->type != MSGPACK_BYTES)
		return false;
	if (token->text.n < field->min || token->text.n > field->max)
		return false;
	*(struct slice *)value = token->text;
	return true;
}

static bool
unpack_uuid(const struct msgpack_token *token, void *value)
{
	if (token->type != MSGPACK_BYTES ||
	    token->text.n != sizeof(struct uuid))
		return false;
	memcpy(value, token->text.at, sizeof(struct uuid));
	return true;
}

static bool
unpack_uuids(const struct field_row *field, const struct msgpack_token *token,
	     void *value)
{
	frame_UUIDS *ids = value;
	size_t n = token->text.n / sizeof(struct uuid);

	if (token->type != MSGPACK_BYTES ||
	    token->text.n % sizeof(struct uuid) != 0 || n < field->min ||
	    n > field->max)
		return false;
	ids->at = (const struct uuid *)token->text.at;
	ids->n = n;
	return true;
}

static bool
unpack_number(const struct field_row *field, const struct msgpack_token *token,
	      void *value)
{
	if (token->type != MSGPACK_UINT || token->number < field->min ||
	    token->number > field->max)
		return false;
	*(frame_U64 *)value = token->number;
	return true;
}

static bool
unpack_hidden(const struct msgpack_token *token, void *value)
{
	if (!is_text(token))
		return false;
	*(struct slice *)value = token->text;
	return true;
}

/* All but lists. */
static bool
unpack_scalar(struct unpacking *u, const struct field_row *field, void *value)
{
	struct msgpack_token token;

	if (!msgpack_next(&u->reader, &token))
		return false;
	if (u->public && field_is_hidden(field))
		return unpack_hidden(&token, value);
	switch (field->type) {
	case TYPE_UUID:
		return unpack_uuid(&token, value);
	case TYPE_UUIDS:
		return unpack_uuids(field, &token, value);
	case TYPE_TEXT:
	case TYPE_BYTES:
		return unpack_run(field, &token, value);
	case TYPE_U64:
		return unpack_number(field, &token, value);
	case TYPE_BOOL:
		*(frame_BOOL *)value = token.number != 0;
		return token.type == MSGPACK_BOOL;
	default:
		return false;
	}
}

static const struct field_row *
find_field(const struct frame_row *row, struct slice key, size_t *place)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_is(key, row->fields[i].name)) {
			*place = i;
			return &row->fields[i];
		}
	return NULL;
}

static bool
has_all_required(struct unpacking *u, const struct frame_row *row,
		 uint32_t seen)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (field_is_required(&row->fields[i]) && !(seen >> i & 1))
			return fail(u, row->fields[i].name);
	return true;
}

static bool unpack_list(struct unpacking *u, const struct field_row *field,
			frame_list *list);

static bool
unpack_field(struct unpacking *u, const struct field_row *field, void *payload)
{
	void *value = (char *)payload + field->offset;

	if (field->type == TYPE_LIST)
		return unpack_list(u, field, value);
	if (!unpack_scalar(u, field, value))
		return fail(u, field->name);
	return true;
}

/* What every frame may carry beside its fields. */
static const struct field_row meta_rows[] = {
	{ "id", TYPE_U64, .max = UINT64_MAX,
	  .offset = offsetof(struct frame, id) },
	{ "event", TYPE_U64, .max = UINT64_MAX,
	  .offset = offsetof(struct frame, event) },
	{ "trace", TYPE_U64, .max = UINT64_MAX,
	  .offset = offsetof(struct frame, trace) },
};

static const struct field_row *
find_meta(struct slice key)
{
	for (size_t i = 0; i < sizeof meta_rows / sizeof *meta_rows; i++)
		if (slice_is(key, meta_rows[i].name))
			return &meta_rows[i];
	return NULL;
}

/* Reads `pairs` pairs into `payload`. `meta` takes the keys that are no fields
 * and may be NULL. */
static bool
unpack_pairs(struct unpacking *u, const struct frame_row *row, uint64_t pairs,
	     void *payload, struct frame *meta)
{
	uint32_t seen = 0;

	while (pairs-- > 0) {
		struct msgpack_token key;
		size_t place = 0;

		if (!msgpack_next(&u->reader, &key) || key.type != MSGPACK_TEXT)
			return fail(u, "a key is no text");
		const struct field_row *field =
		    find_field(row, key.text, &place);
		if (field != NULL) {
			if (seen >> place & 1)
				return fail(u, "a key comes twice");
			seen |= 1u << place;
			if (!unpack_field(u, field, payload))
				return false;
			continue;
		}
		field = meta == NULL ? NULL : find_meta(key.text);
		if (field != NULL && !unpack_field(u, field, meta))
			return false;
		if (field == NULL && !msgpack_skip(&u->reader))
			return fail(u, "a value is cut off");
	}
	return has_all_required(u, row, seen);
}

/* Parts hold no lists, so this goes one level deep. */
static bool
unpack_list(struct unpacking *u, const struct field_row *field,
	    frame_list *list)
{
	const struct frame_row *part = &frame_rows[field->part];
	struct msgpack_token head;
	char *items;

	if (!msgpack_next(&u->reader, &head) || head.type != MSGPACK_ARRAY ||
	    head.number > field->max)
		return fail(u, field->name);
	items = arena_array(u->arena, (size_t)head.number, part->struct_bytes);
	if (items == NULL) {
		u->out_of_memory = true;
		return fail(u, "no memory");
	}
	list->items = items;
	list->n = (size_t)head.number;
	for (size_t i = 0; i < list->n; i++) {
		struct msgpack_token map;
		if (!msgpack_next(&u->reader, &map) || map.type != MSGPACK_MAP)
			return fail(u, field->name);
		if (!unpack_pairs(u, part, map.number,
				  items + i * part->struct_bytes, NULL))
			return false;
	}
	return true;
}

/* The name comes first, as frame_pack() writes it: what the other keys mean
 * depends on it. */
static bool
unpack_name(struct unpacking *u, struct slice *name)
{
	struct msgpack_token key, value;

	if (!msgpack_next(&u->reader, &key) || key.type != MSGPACK_TEXT ||
	    !slice_is(key.text, "frame"))
		return fail(u, "the first key is not frame");
	if (!msgpack_next(&u->reader, &value) || value.type != MSGPACK_TEXT)
		return fail(u, "frame");
	*name = value.text;
	return true;
}

static bool
unpack_frame(struct unpacking *u, struct frame *frame)
{
	struct msgpack_token map;
	struct slice name;

	if (!msgpack_next(&u->reader, &map) || map.type != MSGPACK_MAP ||
	    map.number == 0)
		return fail(u, "no map");
	if (!unpack_name(u, &name))
		return false;
	frame->kind = frame_find(name);
	return unpack_pairs(u, &frame_rows[frame->kind], map.number - 1,
			    &frame->hello, frame);
}

static ssize_t
unpack_as(bool public, struct frame *frame, struct arena *arena,
	  const uint8_t *bytes, size_t n, const char **wrong)
{
	struct unpacking u = {
		.reader = { bytes, bytes + n },
		.arena = arena,
		.wrong = "",
		.public = public,
	};

	memset(frame, 0, sizeof *frame);
	if (!unpack_frame(&u, frame)) {
		if (wrong != NULL)
			*wrong = u.wrong;
		errno = u.out_of_memory ? ENOMEM : EBADMSG;
		return -1;
	}
	return u.reader.at - bytes;
}

ssize_t
frame_unpack(struct frame *frame, struct arena *arena, const uint8_t *bytes,
	     size_t n, const char **wrong)
{
	return unpack_as(false, frame, arena, bytes, n, wrong);
}

ssize_t
frame_unpack_public(struct frame *frame, struct arena *arena,
		    const uint8_t *bytes, size_t n, const char **wrong)
{
	return unpack_as(true, frame, arena, bytes, n, wrong);
}
