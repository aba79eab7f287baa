/* SPDX-License-Identifier: MIT */
/* proto/frame.c - frames.def and errors.def as tables. */
#include "proto/frame_internal.h"

/* clang-format off */
#define FRAME(f, from, to, help) static const struct field_row f##_fields[] = {
#define FIELD(f, name, type, need, min, max, help) \
	{ #name, TYPE_##type, need, offsetof(struct frame_##f, name), min, max, FRAME_none, help },
#define LIST(f, name, part, need, max, help) \
	{ #name, TYPE_LIST, need, offsetof(struct frame_##f, name), 0, max, FRAME_##part, help },
#define END(f) { 0 } };
#include "proto/frames.def"

const struct frame_row frame_rows[FRAME_KINDS] = {
#define ROW(f, from, to, help, answer) \
	[FRAME_##f] = { #f, from, to, help, f##_fields, \
		sizeof f##_fields / sizeof *f##_fields - 1, \
		sizeof(struct frame_##f), #from, #to, answer },
#define FRAME(f, from, to, help) ROW(f, from, to, help, false)
#define ANSWER(f, from, to, help) ROW(f, from, to, help, true)
#define FIELD(f, name, type, need, min, max, help)
#define LIST(f, name, part, need, max, help)
#define END(f)
#include "proto/frames.def"
};

static const struct {
	const char *name;
	int http_status;
} errors[ERROR_CODES] = {
#define ERROR(code, http, help) [ERROR_##code] = { #code, http },
#include "proto/errors.def"
};
/* clang-format on */

static const struct {
	enum party party;
	const char *name;
} parties[] = {
	{ GATEWAY, "gateway" }, { ROUTER, "router" }, { PRESENCE, "presence" },
	{ STORE, "store" },     { AUTH, "auth" },     { TOOL, "tool" },
	{ HOOKS, "hooks" },
};

const char *
error_name(enum error_code code)
{
	return errors[code].name;
}

enum error_code
error_find(struct slice name)
{
	for (int code = 1; code < ERROR_CODES; code++)
		if (slice_is(name, errors[code].name))
			return (enum error_code)code;
	return ERROR_unavailable;
}

int
error_http_status(enum error_code code)
{
	return errors[code].http_status;
}

const char *
frame_name(enum frame_kind kind)
{
	return frame_rows[kind].name;
}

/* Some seventy first letters are compared faster than a hash is computed. */
enum frame_kind
frame_find(struct slice name)
{
	for (int kind = 1; kind < FRAME_KINDS; kind++) {
		const char *candidate = frame_rows[kind].name;
		if (name.n > 0 && candidate[0] == name.at[0] &&
		    slice_is(name, candidate))
			return (enum frame_kind)kind;
	}
	return FRAME_none;
}

unsigned
frame_from(enum frame_kind kind)
{
	return frame_rows[kind].from;
}

unsigned
frame_to(enum frame_kind kind)
{
	return frame_rows[kind].to;
}

bool
frame_is_answer(enum frame_kind kind)
{
	return frame_rows[kind].is_answer;
}

const char *
party_name(enum party party)
{
	for (size_t i = 0; i < sizeof parties / sizeof *parties; i++)
		if (parties[i].party == party)
			return parties[i].name;
	return "?";
}

enum party
party_find(struct slice name)
{
	for (size_t i = 0; i < sizeof parties / sizeof *parties; i++)
		if (slice_is(name, parties[i].name))
			return parties[i].party;
	return PART;
}

bool
frame_has_secrets(enum frame_kind kind)
{
	const struct frame_row *row = &frame_rows[kind];

	for (size_t i = 0; i < row->field_count; i++)
		if (field_is_hidden(&row->fields[i]))
			return true;
	return false;
}

bool
frame_hides_something(const struct frame *frame)
{
	const struct frame_row *row = &frame_rows[frame->kind];
	const char *payload = frame_payload(frame);

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		const struct slice *value =
		    (const void *)(payload + field->offset);
		if (field_is_hidden(field) && value->n > 0)
			return true;
	}
	return false;
}
