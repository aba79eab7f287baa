/* SPDX-License-Identifier: MIT */
/* proto/frame_internal.h - the rows of frames.def as the codec walks them. */
#ifndef PARLEY_PROTO_FRAME_INTERNAL_H
#define PARLEY_PROTO_FRAME_INTERNAL_H

#include "proto/frame.h"

enum field_type {
	TYPE_UUID,
	TYPE_UUIDS,
	TYPE_TEXT,
	TYPE_BYTES,
	TYPE_U64,
	TYPE_BOOL,
	TYPE_LIST,
};

enum field_need { OPTIONAL, REQUIRED, HIDDEN, SECRET };

struct field_row {
	const char *name;
	enum field_type type;
	enum field_need need;
	size_t offset; /* in the frame's own struct */
	uint64_t min;  /* bytes, ids, or the value */
	uint64_t max;
	enum frame_kind part; /* of a list */
	const char *help;
};

struct frame_row {
	const char *name;
	unsigned from;
	unsigned to;
	const char *help;
	const struct field_row *fields;
	size_t field_count;
	size_t struct_bytes;
	const char *from_text; /* as declared, for the reference page */
	const char *to_text;
	bool is_answer; /* comes by bus_ask() only: needs no route */
};

/* By kind; the row of FRAME_none is empty. */
extern const struct frame_row frame_rows[FRAME_KINDS];

static inline bool
field_is_hidden(const struct field_row *field)
{
	return field->need == SECRET || field->need == HIDDEN;
}

static inline bool
field_is_required(const struct field_row *field)
{
	return field->need == SECRET || field->need == REQUIRED;
}

/* Missing, empty, nil, zero and false are one and the same. In frame_pack.c. */
bool field_is_empty(const struct field_row *field, const void *value);

/* What a frame's struct begins with, whichever it is. */
static inline const void *
frame_payload(const struct frame *frame)
{
	return &frame->hello;
}

#endif
