/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/fields.h - the fields of a frame: those of its lists too, to
 * look at, and what they say in short, for people.
 */
#ifndef PARLEY_TOOLS_TAP_FIELDS_H
#define PARLEY_TOOLS_TAP_FIELDS_H

#include "proto/frame.h"

struct frame_row;

/* Looks at a frame's own fields, or at one element of its lists: `payload` is a
 * struct of this row. Returns true if nobody has to look further. */
typedef bool fields_look_fn(void *self, const struct frame_row *row,
			    const void *payload);

/* Calls `look` with the frame, then with every element of its lists, until it
 * returns true; whether it did. */
bool fields_look(const struct frame *frame, fields_look_fn *look, void *self);

/* How many hex digits of an id people get to see, and can name it by: its last
 * ones. */
#define SHORT_ID_DIGITS 8

/* Appends `#12 user=ann text="hello" room=…89abcdef`: the id that a request and
 * its answer share, then the fields, names and words first. Whoever has a name
 * is shown by it, other ids by their ends, lists by their lengths; times, and
 * numbers of users, are left out. Nothing in it is obeyed by a terminal. 0, or
 * -1 with errno ENOMEM.
 */
int fields_append(struct buffer *into, const struct frame *frame);

/* The field `NAME_name` beside the id called NAME; empty where there is none.
 */
struct slice fields_name_of(const struct frame_row *row, const void *payload,
			    const char *name);

/* Appends the end of an id, as above. */
int fields_append_id(struct buffer *into, const struct uuid *id);

/* Appends text in quotes, cut where it is long. */
int fields_append_text(struct buffer *into, struct slice text);

#endif
