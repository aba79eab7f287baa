/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/named.c - see named.h. */
#include "tools/parley-tap/named.h"

#include "proto/frame_internal.h"
#include "proto/names.h"
#include "tools/client/stop.h"
#include "tools/parley-tap/fields.h"

struct search {
	enum named_what what;
	char key[NAME_KEY_BYTES];
	struct uuid id;    /* nil: not found */
	struct uuid other; /* nil: no other one is called so */
};

static void
note(struct search *s, const struct uuid *id, struct slice name)
{
	char key[NAME_KEY_BYTES];

	if (uuid_is_nil(id) || !name_key(name, key) || strcmp(key, s->key) != 0)
		return;
	if (uuid_is_nil(&s->id))
		s->id = *id;
	else if (!uuid_equal(&s->id, id))
		s->other = *id;
}

/* A room's own name is in its description alone: elsewhere, what is called
 * `name` beside a room is one that is wished for, or somebody's there. */
static bool
look_at_fields(void *self, const struct frame_row *row, const void *payload)
{
	struct search *s = self;

	if (s->what == NAMED_ROOM && row == &frame_rows[FRAME_room_info]) {
		const struct frame_room_info *info = payload;

		note(s, &info->room, info->name);
	}
	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		bool is_room = strcmp(field->name, "room") == 0;

		if (field->type == TYPE_UUID &&
		    is_room == (s->what == NAMED_ROOM))
			note(s,
			     (const void *)((const char *)payload +
					    field->offset),
			     fields_name_of(row, payload, field->name));
	}
	return false;
}

/* What is damaged is told by who reads it for its own sake. */
static void
look_through(struct search *s, struct recording *recording)
{
	struct arena arena = { 0 };
	struct heard heard;

	recording->is_quiet = true;
	while (!stop_wanted() && recording_read(recording, &heard) > 0) {
		arena_reset(&arena);
		if (!heard_is_loss(&heard) && heard_read(&heard, &arena))
			(void)fields_look(&heard.frame, look_at_fields, s);
	}
	arena_fini(&arena);
	recording->is_quiet = false;
}

static int
tell_several(const struct search *s, const char *name)
{
	char one[UUID_TEXT_BYTES], other[UUID_TEXT_BYTES];

	fprintf(stderr,
		"parley-tap: the recording has several %s called %s: give an "
		"id, such as %s or %s\n",
		s->what == NAMED_ROOM ? "rooms" : "users", name,
		uuid_format(&s->id, one), uuid_format(&s->other, other));
	return -1;
}

int
named_find(struct recording *recording, enum named_what what, const char *name,
	   struct uuid *id)
{
	struct search search = { .what = what };

	if (!recording_is_file(recording) ||
	    !name_key(slice_of(name), search.key))
		return 0;
	look_through(&search, recording);
	if (recording_rewind(recording) != 0)
		return -1;
	if (!uuid_is_nil(&search.other))
		return tell_several(&search, name);
	*id = search.id;
	return !uuid_is_nil(id);
}
