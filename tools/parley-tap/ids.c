/* SPDX-License-Identifier: MIT */
/* tools/parley-tap/ids.c - see ids.h. */
#include "tools/parley-tap/ids.h"

#include "proto/frame_internal.h"
#include "proto/hash.h"

#include <errno.h>
#include <stdlib.h>

struct id_pair {
	struct uuid was;
	struct uuid now;
	UT_hash_handle by_was;
	UT_hash_handle by_now;
};

static struct id_pair *
find_was(const struct ids *ids, const struct uuid *was)
{
	struct id_pair *pair;

	HASH_FIND(by_was, ids->by_was, was, sizeof *was, pair);
	return pair;
}

static struct id_pair *
find_now(const struct ids *ids, const struct uuid *now)
{
	struct id_pair *pair;

	HASH_FIND(by_now, ids->by_now, now, sizeof *now, pair);
	return pair;
}

static int
add(struct ids *ids, const struct uuid *was, const struct uuid *now)
{
	struct id_pair *pair = calloc(1, sizeof *pair);

	if (pair == NULL)
		return -1;
	pair->was = *was;
	pair->now = *now;
	HASH_ADD(by_was, ids->by_was, was, sizeof pair->was, pair);
	if (pair->by_was.tbl == NULL)
		goto no_memory;
	HASH_ADD(by_now, ids->by_now, now, sizeof pair->now, pair);
	if (pair->by_now.tbl != NULL)
		return 0;
	HASH_DELETE(by_was, ids->by_was, pair);
no_memory:
	free(pair);
	errno = ENOMEM;
	return -1;
}

bool
ids_agree(struct ids *ids, const struct uuid *was, const struct uuid *now)
{
	const struct id_pair *pair = find_was(ids, was);

	if (pair != NULL)
		return uuid_equal(&pair->now, now);
	if (uuid_is_nil(was) || uuid_is_nil(now))
		return uuid_equal(was, now);
	return find_now(ids, now) == NULL && add(ids, was, now) == 0;
}

/* --- Frames to be said */

static int
translate_id(struct ids *ids, struct uuid *id)
{
	const struct id_pair *pair = find_was(ids, id);

	if (pair != NULL) {
		*id = pair->now;
		return 0;
	}
	return uuid_is_nil(id) || find_now(ids, id) != NULL ? 0
							    : add(ids, id, id);
}

static int
translate_ids(struct ids *ids, frame_UUIDS *list, struct arena *arena)
{
	struct uuid *copy = arena_array(arena, list->n, sizeof *copy);

	if (copy == NULL)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		copy[i] = list->at[i];
		if (translate_id(ids, &copy[i]) != 0)
			return -1;
	}
	list->at = copy;
	return 0;
}

/* Of lists, frames that are said have none with ids but those of answers. */
int
ids_translate(struct ids *ids, struct frame *frame, struct arena *arena)
{
	const struct frame_row *row = &frame_rows[frame->kind];
	char *payload = (char *)&frame->hello;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct field_row *field = &row->fields[i];
		void *value = payload + field->offset;
		int rc = 0;

		if (field->type == TYPE_UUID)
			rc = translate_id(ids, value);
		else if (field->type == TYPE_UUIDS &&
			 ((frame_UUIDS *)value)->n > 0)
			rc = translate_ids(ids, value, arena);
		if (rc != 0)
			return -1;
	}
	return 0;
}

void
ids_fini(struct ids *ids)
{
	struct id_pair *pair, *next;

	HASH_ITER (by_was, ids->by_was, pair, next) {
		HASH_DELETE(by_was, ids->by_was, pair);
		HASH_DELETE(by_now, ids->by_now, pair);
		free(pair);
	}
}
